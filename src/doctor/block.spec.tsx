import {
  act,
  cleanup,
  fireEvent,
  screen,
  waitFor
} from '@testing-library/react';
import { someReport } from '../kernel/testing/reports';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import { DoctorBlock } from './block';
import { ABSENT } from './findings/testing/inputs';
import { someServices } from './testing/services';

function draw(
  report: Parameters<typeof someReport>[0] = {},
  given = someServices(report)
) {
  renderView(
    <DoctorBlock services={given.services} />,
    new FakeServers(new FakeTransport(() => ({ json: {} })))
  );
  return given;
}

const buttons = () =>
  screen.getAllByRole('button').map(each => each.textContent);

describe('DoctorBlock', () => {
  it('should say what is wrong, what was seen and what helps', () => {
    const { ran } = draw({ facts: { mlflow: ABSENT } });
    const finding = screen.getAllByRole('listitem')[0];
    expect(finding.dataset.mlflowFinding).toBe('package-missing');
    expect(finding.textContent).toContain('sys.prefix: /home/ada/envs/work');
    fireEvent.click(screen.getByRole('button', { name: 'install' }));
    expect(ran).toEqual([{ kind: 'install', packages: ['mlflow'] }]);
  });

  it('should offer the commands and say why where the administrator has turned jobs off', () => {
    const given = someServices({ facts: { mlflow: ABSENT } });
    given.refused
      .add('install')
      .add('create-environment')
      .add('check-thoroughly');
    draw({}, given);
    expect(buttons()).toContain('show-commands');
    expect(buttons()).not.toContain('install');
    expect(buttons()).not.toContain('check-thoroughly');
    expect(screen.getAllByText('off').length).toBeGreaterThan(0);
    fireEvent.click(
      screen.getAllByRole('button', { name: 'show-commands' })[0]
    );
    expect(given.ran[0]).toMatchObject({
      kind: 'show-commands',
      of: { kind: 'install' }
    });
  });

  it('should say where it logs to, and nothing where what only has MLflow’s name says of no place', () => {
    draw({ logs_to: { label: './mlflow.db', place: 'sqlite:///mlflow.db' } });
    expect(screen.getByText('This notebook logs to ./mlflow.db.')).toBeTruthy();
    cleanup();
    draw({ logs_to: { label: '', place: null, uri: null } });
    expect(screen.queryByText(/logs to/)).toBeNull();
  });

  it('should let a choice that was remembered for the notebook be forgotten', () => {
    const { ran, watch } = draw({ notebook: { server_id: 'team' } });
    fireEvent.click(screen.getByRole('button', { name: 'forget-server' }));
    expect(ran).toEqual([{ kind: 'forget-server' }]);
    act(() => {
      watch.set({ report: someReport() });
    });
    expect(buttons()).not.toContain('forget-server');
  });

  it('should let an experiment that was remembered for the notebook be forgotten, and say why it cannot', async () => {
    const { remembered, watch, given } = draw({
      notebook: { experiment: 'train' }
    });
    given.forgetfulness = new Error('The disk is full.');
    const button = screen.getByRole('button', { name: 'Forget it' });
    fireEvent.click(button);
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The disk is full.'
    );
    expect(watch.probes).toBe(0);
    given.forgetfulness = null;
    fireEvent.click(button);
    await waitFor(() => {
      expect(watch.probes).toBe(1);
    });
    expect(remembered.at(-1)).toEqual(['notebooks/train.ipynb', null]);
    act(() => {
      watch.set({ report: someReport() });
    });
    expect(screen.queryByRole('button', { name: 'Forget it' })).toBeNull();
  });

  it('should say nothing of a kernel that could not be asked but why', () => {
    const { watch } = draw({ facts: { mlflow: ABSENT } });
    act(() => {
      watch.set({ state: 'unknown', reason: 'busy' });
    });
    expect(screen.queryAllByRole('listitem')).toEqual([]);
    expect(screen.getByText('MLflow: not checked (kernel busy)')).toBeTruthy();
    expect(buttons()).toEqual(['Check again']);
  });

  it('should ask the kernel again', async () => {
    const { watch } = draw();
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Check again' }));
      await Promise.resolve();
    });
    expect(watch.probes).toBe(1);
  });
});
