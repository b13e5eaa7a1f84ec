import { useEffect, useMemo, type ComponentType } from 'react';
import { useTrans, useVisible } from '../ui/context';
import { ErrorState } from '../ui/states';
import type { IViewHost, ViewAddress } from '../ui/views';
import { decodeContent } from './decode';
import { asObject, WidgetModel } from './model';
import { plain } from './plain';
import { WIDGET_KINDS, type WidgetKind } from './tokens';

/** Kind of the view that shows an output in the main area. */
export const OUTPUT_VIEW = 'output';

/** Kinds whose output has no page of its own: a run and the runs of an experiment have. */
const SHOWN: ReadonlyArray<WidgetKind> = ['chart', 'compare', 'model'];

/** What an output has beside its question. */
const SAVED = ['snapshot', 'note', 'selection', 'server_id'];

/** The address of an output in the main area: what it asks, and nothing of what was saved. Null for kinds that have none. */
export function outputAddress(
  kind: WidgetKind,
  serverId: string,
  json: unknown
): ViewAddress | null {
  const asked = Object.fromEntries(
    Object.entries(asObject(json)).filter(([name]) => !SAVED.includes(name))
  );
  return SHOWN.includes(kind)
    ? {
        kind: OUTPUT_VIEW,
        serverId,
        args: { of: kind, asks: JSON.stringify(asked) }
      }
    : null;
}

function contentOf(address: ViewAddress): {
  kind: WidgetKind | null;
  json: unknown;
} {
  const { of, asks } = address.args;
  const kind = WIDGET_KINDS.find(each => each === of) ?? null;
  try {
    const json = asObject(JSON.parse(asks ?? ''));
    // An address may come from anybody: it names the server once.
    return { kind, json: { ...json, server_id: address.serverId } };
  } catch {
    return { kind: null, json: null };
  }
}

/** An output in the main area: live, and without a notebook. */
export default function OutputView(props: {
  address: ViewAddress;
  host: IViewHost;
  view: ComponentType<{ model: WidgetModel }>;
}): JSX.Element {
  const { address, host, view: View } = props;
  const trans = useTrans();
  const visible = useVisible();
  const { kind, json } = useMemo(() => contentOf(address), [address]);
  const content = useMemo(
    () => (kind === null ? null : decodeContent(kind, json)),
    [kind, json]
  );
  const model = useMemo(() => {
    if (content === null) {
      return null;
    }
    const made = new WidgetModel({ kind: content.kind, isView: true });
    made.setContent(json, true);
    return made;
  }, [content, json]);
  useEffect(() => () => model?.dispose(), [model]);
  useEffect(() => model?.setVisible(visible), [model, visible]);
  const title =
    content?.kind === 'chart'
      ? content.keys.join(', ')
      : content?.kind === 'model' && content.name !== null
        ? content.name
        : content?.kind === 'model'
          ? trans.__('Registered models')
          : trans.__('Runs side by side');
  useEffect(() => host.setTitle(plain(title, 60)), [host, title]);
  return model === null ? (
    <ErrorState
      title={trans.__('This address names no output')}
      message={trans.__('It is not as an output of %mlflow writes it.')}
    />
  ) : (
    <div className="jp-mlflow-OutputView">
      <View model={model} />
    </div>
  );
}
