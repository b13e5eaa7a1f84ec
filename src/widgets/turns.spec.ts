import { turnOf } from './turns';

function awareness(clientID: number, states: Record<number, object>) {
  return {
    clientID,
    getStates: () =>
      new Map(Object.entries(states).map(([id, state]) => [Number(id), state]))
  };
}

describe('turnOf', () => {
  it('should be 0 for whoever is alone', () => {
    expect(turnOf(awareness(7, { 7: {} }))).toBe(0);
    expect(turnOf(awareness(7, {}))).toBe(0);
  });

  it('should be another one for each person, and pass over the server', () => {
    const states = {
      1: {},
      3: { user: 'a' },
      5: { user: 'b' },
      9: { user: 'c' }
    };
    expect([3, 5, 9].map(id => turnOf(awareness(id, states)))).toEqual([
      0, 1, 2
    ]);
  });
});
