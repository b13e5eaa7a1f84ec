import { outputAddress } from './output-view';

describe('outputAddress', () => {
  it('should hold what an output asks, and nothing of what was saved', () => {
    const address = outputAddress('chart', 's1', {
      server_id: 's1',
      note: 'No run has logged “loss” yet.',
      selection: 'word',
      run_ids: [],
      keys: ['loss'],
      snapshot: { lines: [], at: 1 }
    });
    expect(address).toMatchObject({ kind: 'output', serverId: 's1' });
    expect(address?.args.of).toBe('chart');
    expect(JSON.parse(address?.args.asks ?? '')).toEqual({
      run_ids: [],
      keys: ['loss']
    });
  });

  it.each(['table', 'card', 'status'] as const)(
    'should be none of a %s, which opens elsewhere or not at all',
    kind => {
      expect(outputAddress(kind, 's1', {})).toBeNull();
    }
  );
});
