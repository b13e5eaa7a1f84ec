import type { IRenderMime } from '@jupyterlab/rendermime';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import { rendererFactories } from './renderer';
import {
  IPYWIDGET_VIEW,
  WIDGET_KINDS,
  widgetMimeType,
  type IMlflowWidget,
  type LinkWidget,
  type MlflowWidgetOptions
} from './tokens';
import { TURN_MS } from './turns';

const TYPE = widgetMimeType('card');

class FakeWidget extends Widget implements IMlflowWidget {
  constructor(readonly options: MlflowWidgetOptions) {
    super();
  }
  readonly shown: Array<[unknown, boolean]> = [];
  setContent(content: unknown, isTrusted: boolean): void {
    this.shown.push([content, isTrusted]);
  }
  setSelected(): void {}
  setLive(): void {}
}

/** An output's model, as far as a renderer sees it. */
class FakeModel implements IRenderMime.IMimeModel {
  constructor(
    public data: ReadonlyPartialJSONObject,
    readonly trusted: boolean
  ) {}
  readonly metadata = {};
  setData(options: IRenderMime.IMimeModel.ISetDataOptions): void {
    this.data = options.data ?? this.data;
  }
}

function setUp(link: LinkWidget | null = null, turn = 0) {
  const made: FakeWidget[] = [];
  const factories = rendererFactories(
    {
      create: options => {
        const widget = new FakeWidget(options);
        made.push(widget);
        return widget;
      },
      setLink: () => undefined
    },
    () => link,
    () => Promise.resolve(null),
    () => turn
  );
  const factory = factories.find(
    each => each.factory.mimeTypes[0] === TYPE
  )?.factory;
  const renderer = factory?.createRenderer({
    mimeType: TYPE
  } as IRenderMime.IRendererOptions);
  if (!renderer) {
    throw new Error('There is no renderer for a card.');
  }
  return { factories, made, renderer };
}

describe('rendererFactories', () => {
  it('should draw every kind, in notebooks that are not trusted, too', () => {
    const { factories } = setUp();
    expect(factories.map(({ factory }) => factory.mimeTypes[0])).toEqual(
      WIDGET_KINDS.map(widgetMimeType)
    );
    // Before ipywidgets (-10), whose view is empty without its kernel.
    expect(
      factories.every(({ factory, rank }) => factory.safe && rank < -10)
    ).toBe(true);
  });

  it('should give content and trust to one widget, however often it is drawn', async () => {
    const { made, renderer } = setUp();
    await renderer.renderModel(new FakeModel({ [TYPE]: { a: 1 } }, false));
    await renderer.renderModel(new FakeModel({ [TYPE]: { a: 2 } }, true));
    expect(made).toHaveLength(1);
    expect(made[0].shown).toEqual([
      [{ a: 1 }, false],
      [{ a: 2 }, true]
    ]);
    renderer.dispose();
    expect(made[0].isDisposed).toBe(true);
  });

  it('should keep layers beside the others, in trusted notebooks alone', async () => {
    const { made, renderer } = setUp();
    const other = { [TYPE]: {}, 'text/plain': 'old', 'text/latex': 'x' };
    const untrusted = new FakeModel(other, false);
    await renderer.renderModel(untrusted);
    made[0].options.onLayers?.({ 'text/plain': 'new' });
    expect(untrusted.data).toBe(other);
    const trusted = new FakeModel(other, true);
    await renderer.renderModel(trusted);
    made[0].options.onLayers?.({ 'text/plain': 'new' });
    expect(trusted.data).toEqual({ ...other, 'text/plain': 'new' });
    renderer.dispose();
    made[0].options.onLayers?.({ 'text/plain': 'later' });
    expect(trusted.data['text/plain']).toBe('new');
  });

  it('should draw what was kept since the kernel told of it', async () => {
    const told = { filter: 'a', snapshot: { at: 1 } };
    const { made, renderer } = setUp((_, widget) => {
      widget.setContent(told, true);
      widget.setContent({ ...told, filter: 'b' }, true);
      return {
        onSelected: () => undefined,
        onFilter: () => undefined,
        isDisposed: false,
        dispose: () => undefined
      };
    });
    const kept = { snapshot: { at: 2 }, filter: 'a' };
    const data = { [TYPE]: kept, [IPYWIDGET_VIEW]: { model_id: 'm' } };
    await renderer.renderModel(new FakeModel(data, true));
    expect(made[0].shown.map(([content]) => content)).toEqual([
      kept,
      kept,
      { ...told, filter: 'b' }
    ]);
    renderer.dispose();
  });

  describe('where others have the notebook open, too', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it.each([
      ['keep what no page before it has kept', { a: 1 }, 'new'],
      ['leave what another page has kept', { a: 2 }, 'old']
    ])('should %s, after its turn', async (_, now, kept) => {
      const { made, renderer } = setUp(null, 2);
      const data = { [TYPE]: { a: 1 }, 'text/plain': 'old' };
      const model = new FakeModel(data, true);
      await renderer.renderModel(model);
      made[0].options.onLayers?.({ 'text/plain': 'new' });
      model.data = { ...data, [TYPE]: now };
      jest.advanceTimersByTime(2 * TURN_MS - 1);
      expect(model.data['text/plain']).toBe('old');
      jest.advanceTimersByTime(1);
      expect(model.data['text/plain']).toBe(kept);
    });

    it('should write nothing into an output that is gone', async () => {
      const { made, renderer } = setUp(null, 1);
      const model = new FakeModel({ [TYPE]: {} }, true);
      await renderer.renderModel(model);
      made[0].options.onLayers?.({ 'text/plain': 'new' });
      renderer.dispose();
      jest.advanceTimersByTime(TURN_MS);
      expect(model.data).toEqual({ [TYPE]: {} });
    });
  });

  it('should tie the output to its ipywidget once, in trusted notebooks alone', async () => {
    const ties: string[] = [];
    const told: unknown[] = [];
    const link: LinkWidget = modelId => {
      ties.push(modelId);
      return {
        isDisposed: false,
        dispose: () => ties.push('gone'),
        onSelected: ids => told.push(ids),
        onFilter: filter => told.push(filter)
      };
    };
    const { made, renderer } = setUp(link);
    const data = { [TYPE]: {}, [IPYWIDGET_VIEW]: { model_id: 'm1' } };
    await renderer.renderModel(new FakeModel(data, false));
    expect(ties).toEqual([]);
    await renderer.renderModel(new FakeModel(data, true));
    await renderer.renderModel(new FakeModel({ ...data }, true));
    expect(ties).toEqual(['m1']);
    made[0].options.onSelected?.(['r']);
    made[0].options.onFilter?.('f');
    expect(told).toEqual([['r'], 'f']);
    await renderer.renderModel(
      new FakeModel({ ...data, [IPYWIDGET_VIEW]: { model_id: 7 } }, true)
    );
    expect(ties).toEqual(['m1', 'gone']);
    renderer.dispose();
    expect(ties).toEqual(['m1', 'gone']);
  });
});
