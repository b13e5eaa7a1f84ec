import type { JSONValue, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as text from './plain';
import { widgetMimeType, type WidgetKind, type WidgetLayers } from './tokens';

/** Bytes of a snapshot as JSON, and about as many of each table. */
export const LIMIT = 30_000;

/** What an output shows, as tables are written of it. */
export interface Tables {
  readonly columns: text.TextRow;
  readonly rows: ReadonlyArray<text.TextRow>;
  /** Columns of numbers. */
  readonly right?: ReadonlyArray<number>;
  readonly caption?: string;
  readonly note?: string;
  /** A second table. */
  readonly below?: {
    readonly title: string;
    readonly columns: text.TextRow;
    readonly rows: ReadonlyArray<text.TextRow>;
  };
}

/** Bytes of it in a notebook's file. */
export function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

type Json = JSONValue | undefined;

/** JSON knows none of them; MLflow writes them so, too. */
function metric(value: number): JSONValue {
  return Number.isFinite(value)
    ? value
    : Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? 'Infinity'
        : '-Infinity';
}

function short(value: Json): JSONValue {
  if (typeof value === 'string') {
    return text.plain(value);
  }
  if (typeof value === 'number') {
    return metric(value);
  }
  if (Array.isArray(value)) {
    return value.map(short);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [text.plain(key), short(each)])
    );
  }
  return value ?? null;
}

/** The first half; of a single entry, its own. */
function halved(value: JSONValue): JSONValue {
  const isFull = (each: JSONValue): boolean =>
    typeof each === 'object' && each !== null && Object.keys(each).length > 0;
  if (Array.isArray(value)) {
    return value.length === 1
      ? isFull(value[0])
        ? [halved(value[0])]
        : []
      : value.slice(0, Math.floor(value.length / 2));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 1 || entries.some(([, each]) => isFull(each))) {
      return entries.some(([, each]) => isFull(each))
        ? Object.fromEntries(
            entries.map(([key, each]) => [
              key,
              isFull(each) ? halved(each) : each
            ])
          )
        : {};
    }
    return Object.fromEntries(entries.slice(0, Math.floor(entries.length / 2)));
  }
  return value;
}

/** The snapshot within LIMIT: texts are cut, then the largest part is halved; `truncated` says so. */
export function fitting(
  snapshot: ReadonlyPartialJSONObject,
  at: number
): Record<string, JSONValue> {
  const found: Record<string, JSONValue> = {
    ...Object.fromEntries(
      Object.entries(snapshot).map(([key, each]) => [key, short(each as Json)])
    ),
    at,
    truncated: false
  };
  while (sizeOf(found) > LIMIT) {
    const [longest] = Object.entries(found)
      .filter(([, each]) => Array.isArray(each) && each.length > 0)
      .sort(([, one], [, other]) => sizeOf(other) - sizeOf(one));
    if (longest === undefined) {
      break;
    }
    found[longest[0]] = halved(longest[1]);
    found.truncated = true;
  }
  return found;
}

/** As many rows as leave the tables small. */
function few(rows: ReadonlyArray<text.TextRow>): ReadonlyArray<text.TextRow> {
  let size = 0;
  const end = rows.findIndex((row, at) => {
    size += row.reduce(
      (sum, value) =>
        sum + 120 + Math.min([...value].length, text.VALUE_LIMIT) * 2,
      0
    );
    return size > LIMIT && at > 0;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** The layers of an output whose content was `before`, with this snapshot. */
export function layersOf(
  kind: WidgetKind,
  before: ReadonlyPartialJSONObject,
  snapshot: ReadonlyPartialJSONObject,
  tables: Tables,
  at: number
): WidgetLayers {
  const { columns, right = [], caption = '', note = '' } = tables;
  const content = {
    ...before,
    note: text.plain(note, 500) || null,
    snapshot: fitting(snapshot, at)
  };
  const rows = few(tables.rows);
  const above = [caption, note].filter(Boolean).join(' ');
  const lines = above ? [text.plain(above, 600)] : [];
  if (rows.length > 0) {
    lines.push(text.textTable(columns, rows, right));
  }
  let html =
    rows.length > 0
      ? text.htmlTable(columns, rows, right, above)
      : `<p>${text.escaped(above, 600)}</p>`;
  if (rows.length < tables.rows.length) {
    const more = `… and ${tables.rows.length - rows.length} more.`;
    lines.push(more);
    html += `<p>${more}</p>`;
  }
  const { below } = tables;
  if (below && below.rows.length > 0) {
    const more = few(below.rows);
    lines.push(
      '',
      text.plain(below.title, 600),
      text.textTable(below.columns, more)
    );
    html += text.htmlTable(below.columns, more, [], below.title);
  }
  return {
    [widgetMimeType(kind)]: content,
    'text/html': html,
    'text/plain': lines.join('\n')
  };
}
