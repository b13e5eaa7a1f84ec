import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Person, ran, startShared } from './collaboration';
import { expect, test } from './fixtures';
import { EMPTY_NOTEBOOK, type MlflowServer } from './mlflow';
import { runCell } from './notebooks';
import { expectState, output, snapshotOf } from './outputs';
import { badge, keep, mark, openRecording } from './recorded';

/** Both pages see a run end, and neither hears meanwhile what the other one writes. */
async function keepOneSnapshot(
  people: readonly [Person, Person],
  mlflow: MlflowServer
): Promise<void> {
  const { id } = await mlflow.createExperiment('shared');
  const run = await mlflow.createRun(id, { name: 'of both', status: null });
  const [{ page }] = people;
  await runCell(page, 0, `%mlflow connect ${mlflow.url}`);
  await runCell(page, 1, `%mlflow show ${run}`);
  for (const person of people) {
    const card = output(person.page, 'card');
    await expectState(card, 'live');
    await expect(card).toContainText('Running');
    await expect.poll(() => person.people()).toBe(2);
  }
  const kept = (person: Person) => snapshotOf(person.page, 1, 'card');
  const join = people.map(person => person.cutOff());
  await mlflow.post('runs/update', {
    run_id: run,
    status: 'FINISHED',
    end_time: Date.now()
  });
  for (const person of people) {
    await expect(output(person.page, 'card')).toContainText('Finished');
  }
  await expect
    .poll(async () => {
      const statuses = await Promise.all(people.map(kept));
      return statuses.map(each => each?.status).sort();
    })
    .toEqual(['FINISHED', 'RUNNING']);
  for (const each of join) {
    each();
  }
  for (const person of people) {
    await expect
      .poll(async () => (await kept(person))?.status)
      .toBe('FINISHED');
    expect((await person.cells())[1].outputs).toHaveLength(1);
  }
}

for (const [executes, app] of [
  ['page', 'notebook-7'],
  ['server', 'lab']
] as const) {
  test(`should record a notebook of two people once, and show it to both, one of them in ${app}, where the ${executes} executes`, async ({
    browser,
    mlflow
  }) => {
    test.setTimeout(300_000);
    const jupyter = await startShared(executes);
    const cells = ['one', 'two'].map(id => ({
      ...EMPTY_NOTEBOOK.cells[0],
      id
    }));
    writeFileSync(
      join(jupyter.folder, 'root', 'shared.ipynb'),
      JSON.stringify({ ...EMPTY_NOTEBOOK, cells })
    );
    const ana = await Person.open(browser, jupyter, 'ana', 'shared.ipynb');
    mkdirSync(join(jupyter.folder, 'root', 'elsewhere'));
    const ben = await Person.open(browser, jupyter, 'ben', 'shared.ipynb', app);
    await keep(ana.page);
    await expect(mark(ben.page)).toHaveAttribute('data-state', 'on');
    await expect(await openRecording(ben.page)).toContainText(
      'Switched on by Ana.'
    );
    await ben.page.keyboard.press('Escape');

    await runCell(ana.page, 0, 'print("of ana")');
    await runCell(ben.page, 1, 'print("of ben")');
    for (const { page } of [ana, ben]) {
      for (const cell of [0, 1]) {
        await expect(badge(page, cell)).toHaveAttribute('data-outcome', 'ok');
      }
    }
    const before = ['one: print("of ana")', 'two: print("of ben")'];
    expect((await ran(ana.page, 'shared.ipynb')).sort()).toEqual(before);

    const moved = 'elsewhere/renamed.ipynb';
    await ana.rename(moved);
    await expect.poll(() => ben.path()).toBe(moved);
    await runCell(ben.page, 0, 'print("of ben, renamed")');
    await runCell(ana.page, 1, 'print("of ana, renamed")');
    await expect
      .poll(async () => (await ran(ben.page, moved)).sort())
      .toEqual(
        [
          ...before,
          'one: print("of ben, renamed")',
          'two: print("of ana, renamed")'
        ].sort()
      );
    await expect(mark(ben.page)).toHaveAttribute('data-state', 'on');
    expect(ana.askedServer + ben.askedServer).toBe(
      executes === 'server' ? 4 : 0
    );
    for (const person of [ana, ben]) {
      await expect
        .poll(async () => (await person.cells()).map(each => each.outputs))
        .toEqual(
          ['of ben, renamed', 'of ana, renamed'].map(text => [
            expect.objectContaining({ text: `${text}\n` })
          ])
        );
    }
    if (executes === 'page') {
      await keepOneSnapshot([ana, ben], mlflow);
    }
    await ana.close();
    await ben.close();
    await jupyter.stop();
  });
}
