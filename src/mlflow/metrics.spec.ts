import fc from 'fast-check';
import { decodeHistories, HistoryBuilder } from './historyDecoder';
import { MlflowClient } from './client';
import { offsetToken } from './metrics';
import { mlflowError, thrownBy } from './testing/expected';
import { FakeTransport } from './testing/fakeTransport';
import { thin } from './thin';

const WHERE = 'metrics/get-history';

function history(steps: ReadonlyArray<number>): HistoryBuilder {
  const built = new HistoryBuilder('m');
  steps.forEach((step, i) => built.add(i, step, 1000 + i));
  return built;
}

describe('decodeHistories', () => {
  it('should split by run, and restore NaN and the infinities', () => {
    const point = (run_id: string, value: unknown): object => ({
      key: 'm',
      value,
      step: 1,
      timestamp: 2,
      run_id
    });
    const answer = decodeHistories(
      {
        metrics: [
          point('a', 1),
          point('b', 'NaN'),
          point('a', -Number.MAX_VALUE)
        ]
      },
      WHERE,
      'm'
    );
    expect(answer.count).toBe(3);
    expect(answer.byRun.get('a')?.values).toEqual([1, -Infinity]);
    expect(answer.byRun.get('b')?.values).toEqual([NaN]);
    expect(decodeHistories({}, WHERE, 'm')).toMatchObject({
      count: 0,
      nextPageToken: null
    });
  });

  it.each<[string, unknown]>([
    ['metrics.1.value', { metrics: [{ value: 1 }, { value: 'much' }] }],
    ['metrics.0.step', { metrics: [{ value: 1, step: 'first' }] }],
    ['metrics.0.timestamp', { metrics: [{ value: 1, timestamp: {} }] }],
    ['metrics', { metrics: {} }],
    ['next_page_token', { next_page_token: 1 }],
    ['the answer itself', null]
  ])('should name the field %s that is wrong', (field, json) => {
    expect(thrownBy(() => decodeHistories(json, WHERE, 'm'))).toMatchObject(
      mlflowError('malformed', `"${field}"`)
    );
  });
});

describe('HistoryBuilder', () => {
  it('should sort by time, then step, and keep equal points in order', () => {
    const points = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 5 }),
        fc.oneof(fc.integer({ max: 5 }), fc.bigInt())
      )
    );
    fc.assert(
      fc.property(points, all => {
        const built = new HistoryBuilder('m');
        all.forEach(([time, step], i) => built.add(i, step, time));
        built.sort();
        const expected = all
          .map(([time, step], i) => ({ time, step, i }))
          .sort(
            (a, b) =>
              a.time - b.time ||
              (a.step < b.step ? -1 : a.step > b.step ? 1 : a.i - b.i)
          );
        expect(built.values).toEqual(expected.map(point => point.i));
        expect(built.steps).toEqual(expected.map(point => point.step));
      })
    );
  });
});

describe('thin', () => {
  it('should keep the first and last step, and never more than asked', () => {
    const steps = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), {
      minLength: 1,
      maxLength: 300
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 50 }), (all, maxPoints) => {
        const kept = thin(history(all), maxPoints).steps.map(Number);
        const sorted = [...all].sort((a, b) => a - b);
        expect(kept).toHaveLength(Math.min(maxPoints, all.length));
        expect(kept[0]).toBe(sorted[0]);
        expect(kept[kept.length - 1]).toBe(sorted[sorted.length - 1]);
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept).toEqual([...kept].sort((a, b) => a - b));
      })
    );
  });

  it('should give a part, one point, or none', () => {
    expect(thin(history([5, 1, 3, 9]), 10, 2, 5).steps).toEqual([3, 5]);
    expect(thin(history([1, 2, 3]), 1).steps).toEqual([3]);
    expect(thin(history([]), 10).steps).toEqual([]);
  });
});

describe('MetricsApi', () => {
  it('should write offsets as tokens, except the first', () => {
    expect(offsetToken(0)).toBeUndefined();
    expect(atob(offsetToken(7) ?? '')).toBe('{"offset":7}');
  });

  it('should end when a token does not advance', async () => {
    const transport = new FakeTransport(() => ({
      body: {
        metrics: [{ key: 'm', value: 1, step: 1, timestamp: 1 }],
        next_page_token: 'same'
      }
    }));
    const { values } = await new MlflowClient(transport).metrics.history(
      'a',
      'm'
    );
    expect(values).toHaveLength(2);
    expect(transport.requests[0].query).toContainEqual([
      'max_results',
      '25000'
    ]);
  });

  it('should read in full what a bulk answer cuts', async () => {
    const points = Array.from({ length: 25_000 }, (_, step) => ({
      key: 'm',
      value: 1,
      step,
      timestamp: step,
      run_id: 'a'
    }));
    const transport = new FakeTransport(request => {
      if (request.path.endsWith('get-history-bulk')) {
        return { body: { metrics: points } };
      }
      if (request.path === 'version') {
        return { body: '3.17.2' };
      }
      const isNext = request.query?.some(([key]) => key === 'page_token');
      return {
        body: isNext
          ? { metrics: points.slice(0, 5) }
          : { metrics: points, next_page_token: 'next' }
      };
    });
    const all = await new MlflowClient(transport).metrics.bulk(['a'], 'm');
    expect(all.get('a')?.values).toHaveLength(25_005);
  });

  it('should ask for few runs at a time, and few requests', async () => {
    const ids = Array.from({ length: 200 }, (_, i) => `${i}`);
    const transport = new FakeTransport(request =>
      request.path === 'version' ? { body: '3.17.2' } : { body: {} }
    );
    await new MlflowClient(transport).metrics.sampled(ids, 'm');
    const asked = transport.requests
      .filter(request => request.path.endsWith('interval'))
      .map(
        request => request.query?.filter(([key]) => key === 'run_ids').length
      );
    expect(asked).toEqual([75, 75, 50]);
  });
});
