import type { RunOrder } from '../shown-runs';
import { cellValue, type RunColumn } from './columns';

/** Begins what a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function field(text: string, isNumber: boolean): string {
  // A parameter of somebody else's run must not run as a formula; numbers may begin with a sign.
  const harmless =
    FORMULA.test(text) && !isNumber && !Number.isFinite(Number(text))
      ? `'${text}`
      : text;
  return /[",\r\n]/.test(harmless)
    ? `"${harmless.replaceAll('"', '""')}"`
    : harmless;
}

/** Rows of texts as CSV (RFC 4180). */
export function asCsv(rows: ReadonlyArray<ReadonlyArray<string>>): string {
  return rows
    .map(row => `${row.map(text => field(text, false)).join(',')}\r\n`)
    .join('');
}

/** The loaded runs that are shown as CSV (RFC 4180), with the id first. */
export function runsAsCsv(
  runs: RunOrder,
  columns: ReadonlyArray<RunColumn>
): string {
  const head = [
    'run_id',
    ...columns.map(column =>
      column.kind === 'attribute' ? column.key : `${column.kind}s.${column.key}`
    )
  ];
  const lines = [head.map(name => field(name, false)).join(',')];
  for (let row = 0; row < runs.length; row++) {
    const slot = runs.slotAt(row);
    lines.push(
      [
        field(runs.rows.id(slot), false),
        ...columns.map(column =>
          field(cellValue(column, runs.rows, slot), column.isNumber)
        )
      ].join(',')
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Saves text as a file by the browser's own download. */
export function download(name: string, text: string): void {
  // The mark tells spreadsheets that this is UTF-8.
  const url = URL.createObjectURL(
    new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' })
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
