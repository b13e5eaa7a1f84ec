import { addBelowIcon, copyIcon, launchIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { onDragRun } from '../runs';
import { Button, IconButton, Toolbar } from '../ui/buttons';
import { copyText } from '../ui/clipboard';
import { useTrans } from '../ui/context';
import { formatAbsolute } from '../ui/format';
import { useSignalValue } from '../ui/signals';
import { useOpenRun, useScope } from './context';
import { outputAddress } from './output-view';
import { asMarkdown, codeOf, tableAsCsv, type TextTable } from './copy';

export type WidgetState = 'live' | 'static' | 'error';

/** One output: its title, what can be done with it, what is to be said of it, and itself. */
export function Frame(props: {
  state: WidgetState;
  /** What is to be said above, such as why this is not live. */
  notices?: ReadonlyArray<ReactNode>;
  title?: ReactNode;
  /** What can be copied; null for nothing. */
  table?: (() => TextTable) | null;
  /** Of a table: what it is filtered and sorted by. */
  query?: { readonly filter: string; readonly orderBy: string | null };
  /** Of a model: its newest version; null where it has none. */
  version?: string | null;
  /** More buttons. */
  actions?: ReactNode;
  children?: ReactNode;
}): JSX.Element {
  const { state, notices = [], title, table } = props;
  const { content, model } = useScope();
  const shown = notices.filter(Boolean);
  const hasActions = model.shown.isTrusted && table !== undefined;
  return (
    <div
      className="jp-mlflow-Widget-frame"
      data-mlflow-widget={content.kind}
      data-state={state}
      data-mlflow-run-id={
        content.kind === 'card' ? (content.runId ?? undefined) : undefined
      }
      onDragStart={onDragRun}
      onKeyDown={keepKeys}
    >
      {(Boolean(title) || hasActions) && (
        <div className="jp-mlflow-Widget-head">
          <div className="jp-mlflow-Widget-title">{title}</div>
          {hasActions && (
            <WidgetActions
              table={table ?? null}
              query={props.query}
              version={props.version}
              more={props.actions}
            />
          )}
        </div>
      )}
      {shown.map((notice, at) => (
        <div key={at} className="jp-mlflow-Widget-notice" role="status">
          {notice}
        </div>
      ))}
      {props.children}
    </div>
  );
}

/** The notebook around would take them for its cells: move on, cut, delete. */
function keepKeys(event: KeyboardEvent): void {
  const { target, key, ctrlKey, metaKey, altKey } = event;
  const isOurs =
    target instanceof Element &&
    target.closest('select, [role="grid"]') !== null &&
    key !== 'Escape';
  if (isOurs && !ctrlKey && !metaKey && !altKey) {
    event.stopPropagation();
  }
}

function WidgetActions(props: {
  table: (() => TextTable) | null;
  query?: { readonly filter: string; readonly orderBy: string | null };
  version?: string | null;
  more?: ReactNode;
}): JSX.Element {
  const { content, json, model, services, serverId } = useScope();
  const trans = useTrans();
  const box = useRef<HTMLDivElement>(null);
  const open = useOpenRun();
  const { servers } = services;
  const server = useSignalValue(
    servers.changed,
    () => servers.servers.find(({ id }) => id === serverId) ?? null
  );
  const code = codeOf(content, server, props.query, props.version);
  const runId = content.kind === 'card' ? content.runId : null;
  const experimentId =
    content.kind === 'table' && content.experimentIds.length === 1
      ? content.experimentIds[0]
      : null;
  const address =
    serverId === null || model.isView
      ? null
      : outputAddress(content.kind, serverId, json);
  const copy = (at: HTMLElement): void => {
    const { table } = props;
    openMenu(at, [
      ...(code === null
        ? []
        : [{ label: trans.__('Copy as Code'), text: () => code }]),
      ...(table === null
        ? []
        : [
            {
              label: trans.__('Copy as Markdown'),
              text: () => asMarkdown(table())
            },
            { label: trans.__('Copy as CSV'), text: () => tableAsCsv(table()) }
          ])
    ]);
  };
  return (
    <div ref={box}>
      <Toolbar label={trans.__('Output')} className="jp-mlflow-Widget-actions">
        {props.more}
        {runId !== null && open !== null && (
          <IconButton
            icon={launchIcon}
            label={trans.__('Open Run')}
            onClick={() => open(runId)}
          />
        )}
        {experimentId !== null && serverId !== null && (
          <IconButton
            icon={launchIcon}
            label={trans.__('Open Runs as Table')}
            onClick={() =>
              services.views.open({
                kind: 'run-table',
                serverId,
                args: { experimentId }
              })
            }
          />
        )}
        {address !== null && (
          <IconButton
            icon={launchIcon}
            label={trans.__('Open in Main Area')}
            onClick={() => services.views.open(address)}
          />
        )}
        {(code !== null || props.table !== null) && (
          <IconButton
            icon={copyIcon}
            label={trans.__('Copy')}
            aria-haspopup="menu"
            onClick={event => copy(event.currentTarget)}
          />
        )}
        {code !== null && services.place.canInsert() && (
          <IconButton
            icon={addBelowIcon}
            label={trans.__('Insert Code to Load')}
            onClick={event =>
              void services.place.insert(event.currentTarget, code)
            }
          />
        )}
      </Toolbar>
    </div>
  );
}

function openMenu(
  at: HTMLElement,
  items: ReadonlyArray<{ label: string; text: () => string }>
): void {
  const commands = new CommandRegistry();
  const menu = new Menu({ commands });
  items.forEach(({ label, text }, index) => {
    // eslint-disable-next-line jupyter/command-described-by -- of this menu alone, nobody else can execute it
    commands.addCommand(String(index), {
      label,
      execute: () => copyText(text())
    });
    menu.addItem({ command: String(index) });
  });
  menu.aboutToClose.connect(() => {
    // The menu runs its command after it has told that it closes.
    requestAnimationFrame(() => menu.dispose());
  });
  const { left, bottom } = at.getBoundingClientRect();
  menu.open(left, bottom);
}

/** Why an output is only what was saved, and how to see it live. */
export function TrustNotice(): JSX.Element {
  const { services } = useScope();
  const trans = useTrans();
  const [isBusy, setBusy] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  return (
    <span ref={box} className="jp-mlflow-Widget-trust">
      {trans.__('Trust the notebook to see it live.')}{' '}
      <Button
        disabled={isBusy}
        onClick={() => {
          const trust = box.current && services.place.trust(box.current);
          if (trust) {
            setBusy(true);
            void trust().finally(() => setBusy(false));
          }
        }}
      >
        {trans.__('Trust Notebook…')}
      </Button>
    </span>
  );
}

/** When what is shown was read. */
export function AsItWas(props: { at: number | null }): JSX.Element | null {
  const trans = useTrans();
  return props.at === null ? null : (
    <span>{trans.__('As it was on %1.', formatAbsolute(props.at))}</span>
  );
}
