import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownEmptyIcon,
  caretUpEmptyThinIcon,
  copyIcon
} from '@jupyterlab/ui-components';
import { useVirtualizer } from '@tanstack/react-virtual';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import { useMemo, useRef, type MouseEvent } from 'react';
import { IconButton } from '../../ui/buttons';
import { CopyButton, copyText } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { useRunPage, useTableView } from './context';
import {
  EXPORT_FORMATS,
  exportEntries,
  type Entry,
  type ExportFormat
} from './export';
import type { TableView } from './model';

/** A row: a parameter, or the last point of a metric. */
export interface EntryRow {
  readonly key: string;
  readonly value: string | number;
  /** The value as it is shown. */
  readonly text: string;
  /** The step of a metric's last point. */
  readonly step?: string;
}

/** Height of a row in pixels, as style/run-page.css draws it. */
const ROW_HEIGHT = 24;
/** A search field stands above tables of at least so many rows. */
const SEARCHED_FROM = 6;

const compareTexts = new Intl.Collator(undefined, { numeric: true }).compare;

function compareValues(a: EntryRow, b: EntryRow): number {
  const [x, y] = [Number(a.value), Number(b.value)];
  const [xIs, yIs] = [
    a.value !== '' && !Number.isNaN(x),
    b.value !== '' && !Number.isNaN(y)
  ];
  // Numbers before what is none; two infinities have no difference.
  return xIs && yIs
    ? x === y
      ? 0
      : x < y
        ? -1
        : 1
    : Number(yIs) - Number(xIs) || compareTexts(a.text, b.text);
}

/** The rows that match, in order. */
export function arrangeEntries(
  rows: ReadonlyArray<EntryRow>,
  view: TableView
): ReadonlyArray<EntryRow> {
  const wanted = view.search.trim().toLowerCase();
  const sign = view.descending ? -1 : 1;
  return rows
    .filter(
      ({ key, text }) =>
        key.toLowerCase().includes(wanted) ||
        text.toLowerCase().includes(wanted)
    )
    .sort(
      (a, b) =>
        sign *
        ((view.by === 'value' ? compareValues(a, b) : 0) ||
          compareTexts(a.key, b.key))
    );
}

function formatName(format: ExportFormat, trans: TranslationBundle): string {
  switch (format) {
    case 'tsv':
      return trans.__('Copy as Table (Tab-Separated)');
    case 'json':
      return trans.__('Copy as JSON');
    case 'dict':
      return trans.__('Copy as Python Dictionary');
  }
}

/** A button with a menu that copies all rows that are shown. */
export function CopyMenu(props: {
  id: string;
  rows: ReadonlyArray<EntryRow>;
  label: string;
}): JSX.Element {
  const trans = useTrans();
  const view = useTableView(props.id);
  const open = (event: MouseEvent<HTMLElement>): void => {
    const shown = arrangeEntries(props.rows, view).map(
      ({ key, value }): Entry => [key, value]
    );
    const commands = new CommandRegistry();
    const menu = new Menu({ commands });
    for (const format of EXPORT_FORMATS) {
      // eslint-disable-next-line jupyter/command-described-by -- of this menu alone, nobody else can execute it
      commands.addCommand(format, {
        label: formatName(format, trans),
        execute: () => copyText(exportEntries(shown, format))
      });
      menu.addItem({ command: format });
    }
    menu.aboutToClose.connect(() => {
      // The menu runs its command after it has told that it closes.
      requestAnimationFrame(() => menu.dispose());
    });
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    menu.open(left, bottom);
  };
  return (
    <IconButton
      icon={copyIcon}
      label={props.label}
      aria-haspopup="menu"
      onClick={open}
    />
  );
}

/** Parameters or metrics: searchable, sortable, only rows in sight are drawn. */
export function EntriesTable(props: {
  id: string;
  rows: ReadonlyArray<EntryRow>;
  label: string;
  searchLabel: string;
  hasSteps?: boolean;
}): JSX.Element {
  const { id, rows, label, searchLabel, hasSteps = false } = props;
  const trans = useTrans();
  const { model } = useRunPage();
  const view = useTableView(id);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => arrangeEntries(rows, view), [rows, view]);

  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => shown[index].key,
    overscan: 6,
    initialRect: { width: 300, height: 15 * ROW_HEIGHT }
  });
  const drawn = virtualizer.getVirtualItems();
  const above = drawn.at(0)?.start ?? 0;
  const below = virtualizer.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  const columns = hasSteps ? 4 : 3;

  const header = (by: TableView['by'], text: string): JSX.Element => {
    const sorted = view.by === by;
    const Icon = view.descending ? caretDownEmptyIcon : caretUpEmptyThinIcon;
    return (
      <th
        scope="col"
        className={`jp-mod-${by}`}
        aria-sort={
          !sorted ? 'none' : view.descending ? 'descending' : 'ascending'
        }
      >
        <button
          type="button"
          onClick={() =>
            model.setTable(id, {
              by,
              descending: sorted ? !view.descending : false
            })
          }
        >
          {text}
          {sorted && <Icon.react tag="span" elementSize="small" aria-hidden />}
        </button>
      </th>
    );
  };

  return (
    <div className="jp-mlflow-Entries">
      {rows.length >= SEARCHED_FROM && (
        <div className="jp-mlflow-Search">
          <input
            type="search"
            className="jp-mlflow-Search-field"
            aria-label={searchLabel}
            placeholder={searchLabel}
            value={view.search}
            onChange={event =>
              model.setTable(id, { search: event.target.value })
            }
            onKeyDown={event => {
              if (event.key === 'Escape' && view.search !== '') {
                event.stopPropagation();
                model.setTable(id, { search: '' });
              }
            }}
          />
        </div>
      )}
      {shown.length === 0 ? (
        <p className="jp-mlflow-Run-none" role="status">
          {trans.__('None matches “%1”', view.search.trim())}
        </p>
      ) : (
        <div
          ref={scroller}
          className="jp-mlflow-Entries-scroller"
          // Whoever cannot use a mouse must be able to scroll it.
          tabIndex={0}
          role="region"
          aria-label={label}
        >
          <table aria-label={label} aria-rowcount={shown.length + 1}>
            <thead>
              <tr>
                {header('key', trans.__('Name'))}
                {header(
                  'value',
                  hasSteps ? trans.__('Last value') : trans.__('Value')
                )}
                {hasSteps && (
                  <th scope="col" className="jp-mod-step">
                    {trans.__('Step')}
                  </th>
                )}
                <td className="jp-mod-copy" />
              </tr>
            </thead>
            <tbody>
              {above > 0 && (
                <tr aria-hidden style={{ height: above }}>
                  <td colSpan={columns} />
                </tr>
              )}
              {drawn.map(({ index }) => {
                const row = shown[index];
                return (
                  <tr key={row.key} aria-rowindex={index + 2}>
                    <th scope="row" title={row.key}>
                      {row.key}
                    </th>
                    <td className="jp-mod-value" title={String(row.value)}>
                      {row.text}
                    </td>
                    {hasSteps && (
                      <td className="jp-mod-step" title={row.step}>
                        {row.step}
                      </td>
                    )}
                    <td className="jp-mod-copy">
                      <CopyButton
                        text={String(row.value)}
                        label={trans.__('Copy the value of %1', row.key)}
                      />
                    </td>
                  </tr>
                );
              })}
              {below > 0 && (
                <tr aria-hidden style={{ height: below }}>
                  <td colSpan={columns} />
                </tr>
              )}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
