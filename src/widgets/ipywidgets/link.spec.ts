import { linkTo } from './link';
import { LiveModels } from './models';
import { FakeModel } from './testing/fake-model';

class FakeWidget {
  contents: unknown[] = [];
  selected: ReadonlyArray<string> = [];
  isLive: boolean | null = null;

  setContent(content: unknown, isTrusted: boolean): void {
    expect(isTrusted).toBe(true);
    this.contents.push(content);
  }
  setSelected(ids: ReadonlyArray<string>): void {
    this.selected = ids;
  }
  setLive(isLive: boolean): void {
    this.isLive = isLive;
  }
}

function opened(traits: Record<string, unknown> = {}) {
  const models = new LiveModels();
  const model = new FakeModel('one', {
    bundle: { filter: '' },
    selected: ['a'],
    live: true,
    ...traits
  });
  const widget = new FakeWidget();
  const link = linkTo(models)('one', widget);
  return { models, model, widget, link };
}

describe('the tie between an output and its ipywidget', () => {
  it('waits for the model, and draws what it holds', () => {
    const { models, model, widget } = opened();
    models.add(new FakeModel('other'));
    expect(widget.contents).toEqual([]);
    models.add(model);
    expect(widget.contents).toEqual([{ filter: '' }]);
    expect(widget.selected).toEqual(['a']);
    expect(widget.isLive).toBe(true);
  });

  it('finds a model that is there already', () => {
    const { models, model } = opened();
    models.add(model);
    const widget = new FakeWidget();
    linkTo(models)('one', widget);
    expect(widget.selected).toEqual(['a']);
  });

  it('sends what the person ticks, and takes what Python sets', () => {
    const { models, model, widget, link } = opened();
    models.add(model);
    link.onSelected(['b', 'c']);
    expect(model.sent).toEqual([{ selected: ['b', 'c'] }]);
    model.set('selected', ['d']);
    model.set('live', false);
    expect(widget.selected).toEqual(['d']);
    expect(widget.isLive).toBe(false);
  });

  it('does not draw its own filter anew, and every other bundle', () => {
    const { models, model, widget, link } = opened();
    models.add(model);
    link.onFilter('metrics.acc > 1');
    expect(model.sent).toEqual([{ filter: 'metrics.acc > 1' }]);
    model.set('bundle', { filter: 'metrics.acc > 1', note: 'None.' });
    expect(widget.contents).toHaveLength(1);
    model.set('bundle', { filter: 'params.a = "1"' });
    model.set('bundle', { filter: 'metrics.acc > 1' });
    expect(widget.contents).toHaveLength(3);
  });

  it('keeps views together when the kernel is gone, and sends nothing', () => {
    const { models, model, widget, link } = opened();
    models.add(model);
    model.comm_live = false;
    link.onSelected(['b']);
    expect(model.sent).toEqual([]);
    expect(widget.selected).toEqual(['b']);
  });

  it('lets a closed model go, and takes the next of that id', () => {
    const { models, model, widget, link } = opened();
    models.add(model);
    model.trigger('destroy');
    expect(models.find('one')).toBeNull();
    link.onSelected(['b']);
    expect(model.sent).toEqual([]);
    models.add(new FakeModel('one', { bundle: {}, selected: ['z'] }));
    expect(widget.selected).toEqual(['z']);
  });

  it('leaves nothing behind when it is disposed', () => {
    const { models, model, widget, link } = opened();
    models.add(model);
    link.dispose();
    expect(link.isDisposed).toBe(true);
    expect(model.listeners).toBe(1);
    model.set('selected', ['x']);
    models.add(new FakeModel('one', { bundle: {}, selected: ['z'] }));
    expect(widget.selected).toEqual(['a']);
  });

  it('believes nothing of what a trait holds', () => {
    const { models, widget } = opened();
    models.add(
      new FakeModel('one', { bundle: 7, selected: [1, 'a', null], live: 'no' })
    );
    expect(widget.selected).toEqual(['a']);
    expect(widget.contents).toEqual([7]);
    models.add(new FakeModel('one', { selected: 'a' }));
    expect(widget.selected).toEqual([]);
  });
});
