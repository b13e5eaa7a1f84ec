import type { ViewAddress } from './views';
import { formatAddress, parseAddress } from './views-model';

describe('parseAddress', () => {
  it.each<ViewAddress>([
    { kind: 'run-table', serverId: 'a/b c', args: { experimentId: '1&2' } },
    { kind: 'environments', serverId: '', args: {} }
  ])('should read what was written: %j', address => {
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  it.each(['', 'run', 'Run/s/', 'run/%E0%A4%A/'])(
    'should not take %j for one',
    text => {
      expect(parseAddress(text)).toBeNull();
    }
  );
});
