import { screen } from '@testing-library/react';
import type { Health } from '../servers';
import { UNKNOWN_HEALTH } from '../servers/health';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import { SectionStaleNotice } from './list-states';

describe('SectionStaleNotice', () => {
  const draw = (state: Health['state'], serverId = 's1'): void => {
    const servers = new FakeServers(new FakeTransport(() => ({ json: {} })));
    Object.assign(servers, { health: { ...UNKNOWN_HEALTH, state } });
    renderView(
      <SectionStaleNotice
        serverId={serverId}
        reason={new Error('Nothing answers there.')}
        answeredAt={1000}
        onRetry={() => undefined}
      />,
      servers
    );
  };

  it('should say that runs are from before while the header says that all is well', () => {
    draw('connected');
    expect(screen.getByRole('alert').textContent).toContain('Showing what');
  });

  it.each(['failed', 'signed-out'] as const)(
    'should not repeat what the header says of a server that is %s',
    state => {
      draw(state);
      expect(screen.queryByRole('alert')).toBeNull();
    }
  );

  it('should speak of a server that the header is not about', () => {
    draw('failed', 'other');
    expect(screen.getByRole('alert')).toBeTruthy();
  });
});
