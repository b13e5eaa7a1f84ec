import {
  FakeKernelEnvironments,
  FakeKernelWatch
} from '../kernel/testing/fake-kernels';
import { someReport } from '../kernel/testing/reports';
import type { ITrackingServers } from '../servers/tokens';
import { Signal } from '@lumino/signaling';
import { followActiveNotebook } from './follow';
import { Wishes } from './wishes';

function setUp(follow: boolean) {
  const changed = new Signal<object, void>({});
  const selected: string[] = [];
  const servers = {
    changed,
    servers: [{ id: 'team' }, { id: 'mine' }],
    current: { id: 'mine' },
    activate: () => undefined,
    select: (id: string) => {
      selected.push(id);
      servers.current = { id };
    }
  };
  const watch = new FakeKernelWatch();
  const environments = new FakeKernelEnvironments(watch);
  const wishes = new Wishes();
  wishes.take({ followActiveNotebook: follow });
  followActiveNotebook(
    environments,
    servers as unknown as ITrackingServers,
    wishes
  );
  return { servers, selected, watch, environments, wishes, changed };
}

describe('followActiveNotebook', () => {
  it('should leave the panel alone unless it is wanted', () => {
    const { selected, wishes } = setUp(false);
    expect(selected).toEqual([]);
    wishes.take({ followActiveNotebook: true });
    expect(selected).toEqual(['team']);
  });

  it('should leave a choice of the person until the notebook logs elsewhere', () => {
    const { selected, servers, watch, changed } = setUp(true);
    expect(selected).toEqual(['team']);
    servers.current = { id: 'mine' };
    changed.emit();
    expect(selected).toEqual(['team']);
    watch.set({ report: someReport({ logs_to: { server_id: 'mine' } }) });
    watch.set({ report: someReport() });
    expect(selected).toEqual(['team', 'team']);
  });

  it('should show no server that is not of the list, nor follow a kernel that is not known', () => {
    const { selected, environments } = setUp(true);
    const other = new FakeKernelWatch();
    other.set({ report: someReport({ logs_to: { server_id: 'gone' } }) });
    environments.use(other);
    other.set({ state: 'unknown', report: someReport() });
    expect(selected).toEqual(['team']);
  });
});
