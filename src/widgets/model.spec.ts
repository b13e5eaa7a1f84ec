import { WidgetModel } from './model';

const JSON_1 = { run_id: 'a', snapshot: null, note: null };

describe('WidgetModel', () => {
  it('should tell of runs that the person ticked, and not of those that were set', () => {
    const told: string[][] = [];
    const model = new WidgetModel({
      kind: 'table',
      onSelected: ids => told.push([...ids])
    });
    model.select(['a'], false);
    expect(told).toEqual([]);
    model.select(['a', 'b'], true);
    expect(told).toEqual([['a', 'b']]);
    model.select(['b', 'a'], true);
    expect(told).toHaveLength(1);
  });

  it('should keep how it is looked at while only its snapshot changes', () => {
    const model = new WidgetModel({ kind: 'table' });
    model.setContent(JSON_1, true);
    model.setLook('table', { filter: 'x' });
    model.select(['a'], true);
    model.setContent({ ...JSON_1, snapshot: { at: 1 }, note: 'x' }, true);
    expect(model.look('table')).toEqual({ filter: 'x' });
    expect(model.selected.size).toBe(1);
    model.setContent({ ...JSON_1, run_id: 'b' }, true);
    expect(model.look('table')).toBeUndefined();
    expect(model.selected.size).toBe(0);
  });

  it('should keep each content once, and none that is not shown any more', () => {
    const kept: unknown[] = [];
    const model = new WidgetModel({
      kind: 'card',
      onLayers: layers => kept.push(layers)
    });
    const next = { ...JSON_1, run_id: 'b' };
    model.setContent(JSON_1, true);
    model.keep(JSON_1, { 'text/plain': '1' });
    model.keep(JSON_1, { 'text/plain': '2' });
    model.setContent(next, true);
    model.keep(JSON_1, { 'text/plain': '3' });
    expect(kept).toEqual([{ 'text/plain': '1' }]);
    model.keep(next, { 'text/plain': '4' });
    expect(kept).toHaveLength(2);
  });

  it('should emit once for each change, and never without one', () => {
    const model = new WidgetModel({ kind: 'card' });
    let count = 0;
    model.changed.connect(() => count++);
    model.setVisible(true);
    model.setVisible(true);
    model.setLive(true);
    model.setLive(false);
    model.setContent(JSON_1, true);
    model.setContent(JSON_1, true);
    expect(count).toBe(3);
  });
});
