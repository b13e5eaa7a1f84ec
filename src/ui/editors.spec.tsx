import {
  acceptDialog,
  dismissDialog,
  waitForDialog
} from '@jupyterlab/testing';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { MlflowError } from '../mlflow';
import { askName } from './ask-name';
import { Drafts } from './drafts';
import { EditableMarkdown } from './editable-markdown';
import { checkTag, TagsEditor } from './tags-editor';
import {
  FakeServers,
  FakeTransport,
  renderView,
  trans
} from './testing/harness';

const servers = () => new FakeServers(new FakeTransport(() => ({ json: {} })));

describe('checkTag', () => {
  const check = (key: string, value = '', max?: number) =>
    checkTag({ key, value }, name => name === 'taken', max, trans);

  it.each([
    ['', 'A tag needs a name.'],
    ['  ', 'A tag needs a name.'],
    ['mlflow.user', 'Names that begin with “mlflow.” are kept by MLflow.'],
    ['x'.repeat(251), 'The name of a tag has at most 250 characters.'],
    [' taken ', 'There is a tag “taken” already: edit that one.']
  ])('should refuse the name %p', (key, sentence) => {
    expect(check(key)).toBe(sentence);
  });

  it('should refuse what the server would cut', () => {
    expect(check('a', 'xxxxx', 5)).toBeNull();
    expect(check('a', 'xxxxxx', 5)).toBe(
      'This server keeps at most 5 characters of a tag; this value has 6.'
    );
  });
});

describe('TagsEditor', () => {
  function setUp(onSet: (key: string, value: string) => Promise<void>) {
    const onDelete = jest.fn(() => Promise.resolve());
    renderView(
      <TagsEditor
        tags={[['team', 'red\nblue']]}
        drafts={new Drafts()}
        scope="x"
        onSet={onSet}
        onDelete={onDelete}
      />,
      servers()
    );
    return onDelete;
  }
  const type = (name: string, value: string) =>
    fireEvent.change(screen.getByRole('textbox', { name }), {
      target: { value }
    });

  it('should add a tag, and keep the form with the reason when it is refused', async () => {
    const onSet = jest
      .fn<Promise<void>, [string, string]>()
      .mockRejectedValueOnce(
        new MlflowError('invalid', 'Invalid tag name: "a:b".')
      )
      .mockResolvedValueOnce(undefined);
    setUp(onSet);
    fireEvent.click(screen.getByRole('button', { name: 'Add tag' }));
    type('Name of the tag', 'a:b');
    type('Value of the tag', 'c');
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain(
      'Invalid tag name: "a:b".'
    );
    type('Name of the tag', 'a_b');
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(screen.queryByRole('form')).toBeNull());
    expect(onSet.mock.calls).toEqual([
      ['a:b', 'c'],
      ['a_b', 'c']
    ]);
  });

  it('should keep the lines of a value that is edited', async () => {
    const onSet = jest.fn(() => Promise.resolve());
    setUp(onSet);
    fireEvent.click(
      screen.getByRole('button', { name: 'Edit the tag “team”' })
    );
    const field = screen.getByRole('textbox', { name: 'Value of the tag' });
    expect((field as HTMLTextAreaElement).value).toBe('red\nblue');
    fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() =>
      expect(onSet).toHaveBeenCalledWith('team', 'red\nblue')
    );
  });

  it('should ask before it deletes', async () => {
    const onDelete = setUp(() => Promise.resolve());
    const button = screen.getByRole('button', {
      name: 'Delete the tag “team”'
    });
    fireEvent.click(button);
    await dismissDialog();
    expect(onDelete).not.toHaveBeenCalled();
    fireEvent.click(button);
    await waitForDialog();
    (document.querySelector('.jp-Dialog .jp-mod-warn') as HTMLElement).click();
    await waitFor(() => expect(onDelete).toHaveBeenCalledWith('team'));
  });
});

describe('EditableMarkdown', () => {
  it('should not send what the server would cut', () => {
    const onSave = jest.fn(() => Promise.resolve());
    renderView(
      <EditableMarkdown
        text="old"
        label="Description"
        empty="No description"
        drafts={new Drafts()}
        field="d"
        maxLength={5}
        onSave={onSave}
      />,
      servers()
    );
    fireEvent.click(screen.getByRole('button', { name: 'Edit Description' }));
    const field = screen.getByRole('textbox', { name: 'Description' });
    fireEvent.change(field, { target: { value: 'sixsix' } });
    fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    expect(onSave).not.toHaveBeenCalled();
    expect(
      screen.getByText(
        'This server keeps at most 5 characters; this text has 6.'
      )
    ).toBeTruthy();
  });
});

describe('askName', () => {
  it('should come back with the name and the reason until it is accepted', async () => {
    const submit = jest
      .fn<Promise<void>, [string]>()
      .mockRejectedValueOnce(
        new MlflowError('already-exists', 'An experiment named "a" exists.')
      )
      .mockResolvedValueOnce(undefined);
    const asked = askName({
      title: 'New',
      label: 'Name',
      value: 'a',
      action: 'Create',
      trans,
      check: name => (name === 'b' ? 'Not b.' : null),
      submit
    });
    const field = () =>
      document.querySelector<HTMLInputElement>('.jp-mlflow-AskName input');
    const problem = () =>
      document.querySelector('.jp-mlflow-AskName [role=alert]')?.textContent;
    await acceptDialog();
    await waitFor(() =>
      expect(problem()).toContain('An experiment named "a" exists.')
    );
    expect(field()?.value).toBe('a');
    (field() as HTMLInputElement).value = 'b';
    await acceptDialog();
    await waitFor(() => expect(problem()).toBe('Not b.'));
    (field() as HTMLInputElement).value = ' ';
    await acceptDialog();
    await waitFor(() => expect(problem()).toBe('Type a name first.'));
    (field() as HTMLInputElement).value = 'c';
    await acceptDialog();
    expect(await asked).toBe('c');
    expect(submit.mock.calls).toEqual([['a'], ['c']]);
  });

  it('should do nothing when it is cancelled', async () => {
    const submit = jest.fn(() => Promise.resolve());
    const asked = askName({
      title: 'New',
      label: 'Name',
      action: 'Create',
      trans,
      submit
    });
    await dismissDialog();
    expect(await asked).toBeNull();
    expect(submit).not.toHaveBeenCalled();
  });
});
