import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import type { Sending, Unsent } from './answers';
import type { RecorderApi, Settlement } from './api';
import { RecorderProvider, type RecorderServices } from './context';
import { another } from './redirect-form';
import { Refused } from './refused';
import { byReason } from './refusals';
import { aRecording } from './testing/fake-recorder';

const DELETED = {
  code: 'experiment-deleted',
  message: 'The experiment “a (cells)” has been deleted.',
  hint: 'Restore it and send again, or send to another experiment.',
  log: null
};
const FORBIDDEN = {
  code: 'not-permitted',
  message: 'It is not permitted to this login.',
  hint: 'Ask for the right.',
  log: null
};

function unsent(id: string, reason: Unsent['reason']): Unsent {
  return { execution_id: id, reason, attempts: 1, since: 1 };
}

/** The pane over what the server says, and what it was told to do. */
async function show(of: Partial<Sending>) {
  const settled: Settlement[] = [];
  let sending: Sending = {
    waiting: 0,
    reason: null,
    refused: [],
    files: [],
    ...of
  };
  const target = { server_id: 's1', experiment: 'a (cells)' };
  const api: Partial<RecorderApi> = {
    sending: () => Promise.resolve(sending),
    recording: () => Promise.resolve(aRecording({ send: 'all', target })),
    settleAll: (_, what) => {
      settled.push(what);
      sending = { waiting: 0, reason: null, refused: [], files: [] };
      return Promise.resolve(1);
    }
  };
  const servers = new FakeServers(new FakeTransport(() => ({ json: {} })));
  renderView(
    <RecorderProvider value={{ api } as unknown as RecorderServices}>
      <Refused path="work/a.ipynb" />
    </RecorderProvider>,
    servers
  );
  await act(async () => {
    await Promise.resolve();
  });
  return { settled };
}

function press(name: string): void {
  fireEvent.click(screen.getByRole('button', { name }));
}

describe('Refused', () => {
  it('should tell a trouble of many cells once, with what can be done about all of them', async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `e${at}`);
    const { settled } = await show({
      refused: ids.map(id => unsent(id, DELETED))
    });
    await screen.findByText('40 cells:');
    expect(screen.getAllByText(/has been deleted/)).toHaveLength(1);
    expect(screen.getAllByRole('button', { name: 'Send again' })).toHaveLength(
      1
    );
    press('Do not send');
    await waitFor(() => {
      expect(settled).toEqual([{ do: 'drop', ids }]);
    });
    await waitFor(() => {
      expect(screen.queryByText(/has been deleted/)).toBeNull();
    });
  });

  it('should send all of several troubles again, or none of them', async () => {
    const { settled } = await show({
      refused: [
        unsent('e1', DELETED),
        unsent('e2', FORBIDDEN),
        unsent('e3', DELETED)
      ]
    });
    await screen.findByText('3 cells in all.');
    expect(screen.getByText('2 cells:')).toBeTruthy();
    expect(screen.getByText('1 cell:')).toBeTruthy();
    press('Send all again');
    await waitFor(() => {
      expect(settled).toEqual([{ do: 'resend' }]);
    });
  });

  it('should ask where else to send them, and whether what follows goes there, too', async () => {
    const { settled } = await show({
      refused: [unsent('e1', DELETED), unsent('e2', FORBIDDEN)]
    });
    await screen.findByText('2 cells in all.');
    fireEvent.click(
      screen.getAllByRole('button', { name: 'Send to another experiment…' })[0]
    );
    const name = await screen.findByLabelText('Experiment');
    expect(name).toHaveProperty('value', 'a (cells) 2');
    // The button that was pressed is gone: the keyboard goes on in the form.
    expect(document.activeElement?.closest('form')).toBe(name.closest('form'));
    fireEvent.change(name, { target: { value: ' ' } });
    expect(screen.getByRole('button', { name: 'Send there' })).toHaveProperty(
      'disabled',
      true
    );
    fireEvent.change(name, { target: { value: 'others' } });
    fireEvent.click(screen.getByRole('checkbox'));
    press('Send there');
    await waitFor(() => {
      expect(settled).toEqual([
        {
          do: 'redirect',
          ids: ['e1'],
          target: { server_id: 's1', experiment: 'others' },
          later: false
        }
      ]);
    });
  });

  it('should offer another place to what waits for a server that is gone, and not to what waits for one that is down', async () => {
    const gone = { ...FORBIDDEN, code: 'unknown-server', message: 'Gone.' };
    await show({ waiting: 3, reason: gone });
    await screen.findByText(/Gone\./);
    press('Send to another experiment…');
    await screen.findByLabelText('Experiment');
    press('Cancel');
    expect(document.activeElement).toBe(
      screen.getByRole('button', { name: 'Send to another experiment…' })
    );
  });

  it('should only say why others wait', async () => {
    const down = { ...FORBIDDEN, code: 'upstream-unreachable' };
    await show({ waiting: 3, reason: down });
    await screen.findByText(/It is not permitted/);
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('byReason', () => {
  it('should keep cells without a reason together, and other words apart', () => {
    const other = { ...DELETED, message: 'The experiment “b” was deleted.' };
    const groups = byReason([
      unsent('e1', null),
      unsent('e2', DELETED),
      unsent('e3', null),
      unsent('e4', other)
    ]);
    expect(groups.map(({ ids }) => ids)).toEqual([
      ['e1', 'e3'],
      ['e2'],
      ['e4']
    ]);
  });
});

describe('another', () => {
  it.each([
    ['a (cells)', 'a (cells) 2'],
    ['a (cells) 2', 'a (cells) 3'],
    ['run 99', 'run 100'],
    ['of 20261231', 'of 20261231 2']
  ])('should make of %s %s', (experiment, expected) => {
    expect(another({ server_id: 's1', experiment })?.experiment).toBe(expected);
  });
});
