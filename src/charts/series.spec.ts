import fc from 'fast-check';
import { tracesOf, plotlyText } from './look';
import { downsampled, drawnOf, smoothed, type Series } from './series';

function series(values: number[], more: Partial<Series> = {}): Series {
  return {
    id: 'a',
    name: 'a',
    steps: values.map((_, step) => step),
    timestamps: values.map((_, step) => 1000 * step),
    values,
    ...more
  };
}

const PLAIN = { x: 'step', smooth: 0, log: false } as const;

describe('downsampled', () => {
  it('should keep the ends, the lowest, the highest and the gaps of long lines', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 999));
    values[50_000] = 99;
    values[60_000] = -99;
    values[70_000] = NaN;
    const kept = downsampled(values);
    expect(kept.length).toBeLessThan(2100);
    expect(kept).toEqual(
      expect.arrayContaining([0, 50_000, 60_000, 70_000, 99_999])
    );
  });

  it('should give indices in order, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 500 }), values => {
        const kept = downsampled(values, 30);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept.every(i => i >= 0 && i < values.length)).toBe(true);
      })
    );
  });
});

describe('drawnOf', () => {
  it('should leave gaps where there is no number', () => {
    const { y, left } = drawnOf(series([1, NaN, Infinity, 2]), PLAIN);
    expect(y).toEqual([1, null, null, 2]);
    expect(left).toBe(2);
  });

  it('should have no place for zero on a logarithmic axis', () => {
    const { y, left } = drawnOf(series([0, -1, 10]), { ...PLAIN, log: true });
    expect(y).toEqual([null, null, 10]);
    expect(left).toBe(2);
  });

  it('should put points that came late into the order of the axis', () => {
    const late = series([5, 7, 6], { steps: [0, 2, 1] });
    expect(drawnOf(late, PLAIN).x).toEqual([0, 1, 2]);
    expect(drawnOf(late, PLAIN).y).toEqual([5, 6, 7]);
    expect(drawnOf(late, { ...PLAIN, x: 'time' }).x).toEqual([0, 1, 2]);
    expect(drawnOf(late, { ...PLAIN, x: 'wall' }).x[1]).toEqual(new Date(1000));
  });

  it('should draw nothing of nothing', () => {
    expect(drawnOf(series([]), PLAIN)).toEqual({ x: [], y: [], left: 0 });
  });
});

describe('smoothed', () => {
  it('should be the average of what came before, over gaps', () => {
    expect(smoothed([1, NaN, 0], 0.5)).toEqual([1, NaN, 0.5]);
    expect(smoothed([1, 2], 0)).toEqual([1, 2]);
  });
});

describe('tracesOf', () => {
  it('should give names to plotly as text', () => {
    const options = { ...PLAIN, xTitle: '', yTitle: '' };
    const [trace] = tracesOf(
      [series([1, 2], { name: '<a href="x">%{y}</a>' })],
      new Set(),
      options
    );
    expect(trace.name).toBe('&lt;a href="x"&gt;%&#123;y}&lt;/a&gt;');
    expect(trace.hovertemplate).not.toContain('<a');
    expect(plotlyText('&lt;')).toBe('&amp;lt;');
  });

  it('should leave hidden lines out, and draw values behind smoothed ones', () => {
    const options = { ...PLAIN, smooth: 0.5, xTitle: '', yTitle: '' };
    expect(tracesOf([series([1])], new Set(['a']), options)).toEqual([]);
    expect(tracesOf([series([1])], new Set(), options)).toHaveLength(2);
  });
});
