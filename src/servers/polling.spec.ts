import fc from 'fast-check';
import { healthPause, LEAST_PAUSE_MS, LOAD_FACTOR, pollPause } from './polling';
import type { HealthState } from './tokens';

const ms = fc.double({ min: 0, max: 60_000, noNaN: true });
const spread = fc.double({ min: 0, max: 1, noNaN: true });

describe('pollPause', () => {
  it('should never ask faster than the server allows, nor use more than a tenth of it', () => {
    fc.assert(
      fc.property(ms, ms, spread, (least, took, place) => {
        const pause = pollPause(least, took, place);
        // From the start of one question to the start of the next.
        expect(pause + took).toBeGreaterThanOrEqual(least - 1e-6);
        expect(pause + took).toBeGreaterThanOrEqual(LOAD_FACTOR * took - 1e-6);
        expect(pause).toBeGreaterThan(0);
      })
    );
  });

  it('should spread by a tenth at most', () => {
    fc.assert(
      fc.property(ms, ms, spread, (least, took, place) => {
        const period = Math.max(least, LOAD_FACTOR * took);
        expect(pollPause(least, took, place) + took).toBeLessThanOrEqual(
          period * 1.1 + LEAST_PAUSE_MS + 1e-6
        );
      })
    );
  });

  it('should show a change on a server of one’s own within a second', () => {
    for (const took of [1, 10, 50, 100]) {
      // At worst it happens just after the server looked: a whole period, and then the answer.
      const period = pollPause(800, took, 1) + took;
      expect(period + took).toBeLessThan(1000);
    }
  });

  it.each([NaN, -5, Infinity])(
    'should survive an answer that took %s',
    took => {
      expect(pollPause(1000, took, 0)).toBe(1000);
    }
  );
});

describe('healthPause', () => {
  const remote = { kind: 'remote', minPollInterval: 10_000 } as const;
  const local = { kind: 'local', minPollInterval: 1000 } as const;

  it('should ask a shared server that is away less and less often', () => {
    const pauses = [1, 2, 3, 4, 20].map(failures =>
      healthPause('failed', remote, failures, 0)
    );
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBeGreaterThanOrEqual(10_000);
    expect(pauses[4]).toBe(60_000);
  });

  it('should follow a local server that starts each second', () => {
    expect(healthPause('starting', local, 0, 1)).toBe(1000);
  });

  it('should hold back with credentials that were refused', () => {
    expect(healthPause('signed-out', local, 1, 0)).toBeGreaterThanOrEqual(
      60_000
    );
  });

  it('should always wait for something, and never for more than 66 s', () => {
    const states: HealthState[] = [
      'unknown',
      'connecting',
      'connected',
      'starting',
      'failed',
      'signed-out'
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.nat(1000),
        spread,
        (state, failures, place) => {
          const pause = healthPause(state, remote, failures, place);
          expect(pause).toBeGreaterThanOrEqual(1000);
          expect(pause).toBeLessThanOrEqual(66_000);
        }
      )
    );
  });
});
