import { createContext, useContext, useMemo } from 'react';
import { formatMetric } from '../ui/format';
import type { Cell, WidgetContent } from './content';
import type { WidgetModel } from './model';
import { plain } from './plain';
import type { WidgetServices } from './services';

/** What the parts of one output share. */
export interface WidgetScope {
  readonly model: WidgetModel;
  readonly services: WidgetServices;
  readonly content: WidgetContent;
  /** The content as it came. */
  readonly json: unknown;
  /** The tracking server, if it is known here and the notebook is trusted: then things can be opened. */
  readonly serverId: string | null;
}

const Context = createContext<WidgetScope | null>(null);

export const ScopeProvider = Context.Provider;

/** @throws Error outside of a `ScopeProvider`. */
export function useScope(): WidgetScope {
  const scope = useContext(Context);
  if (!scope) {
    throw new Error('useScope() needs a <ScopeProvider> around it');
  }
  return scope;
}

/** Opens the page of a run; null where nothing may be asked. */
export function useOpenRun(): ((runId: string) => void) | null {
  const { services, serverId } = useScope();
  return useMemo(
    () =>
      serverId === null
        ? null
        : (runId: string) =>
            services.views.open({ kind: 'run', serverId, args: { runId } }),
    [services, serverId]
  );
}

/** Characters of a text that are drawn; the rest is in its tooltip and in what is copied. */
const MOST_SHOWN = 2000;

/** Somebody's text, apart from what stands around it, whatever direction and control characters it has. */
export function Plain(props: { text: string }): JSX.Element {
  return <bdi>{plain(props.text, MOST_SHOWN)}</bdi>;
}

/** A metric's value in short, a parameter's or tag's text. */
export function CellValue(props: { value: Cell }): JSX.Element | null {
  const { value } = props;
  return value === null ? null : (
    <Plain text={typeof value === 'number' ? formatMetric(value) : value} />
  );
}

/** The name of a run, which opens it where that may be. */
export function RunName(props: { id: string; name: string }): JSX.Element {
  const { id, name } = props;
  const open = useOpenRun();
  const text = name || id.slice(0, 8);
  return open === null ? (
    <span title={plain(name, MOST_SHOWN)}>
      <Plain text={text} />
    </span>
  ) : (
    <a
      href="#"
      data-mlflow-run-id={id}
      title={plain(name, MOST_SHOWN)}
      onClick={event => {
        event.preventDefault();
        open(id);
      }}
    >
      <Plain text={text} />
    </a>
  );
}
