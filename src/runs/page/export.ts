/** One row of a table of parameters or metrics. */
export type Entry = readonly [key: string, value: string | number];

export const EXPORT_FORMATS = ['tsv', 'json', 'dict'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

function cell(value: string | number): string {
  const text = String(value);
  // As spreadsheets read it: quoted where a separator stands in it.
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function pythonValue(value: string | number): string {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  return Number.isFinite(value)
    ? String(value)
    : `float(${JSON.stringify(Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf')})`;
}

/** JSON has no word for these: they become texts, as MLflow writes them. */
function jsonValue(value: string | number): string | number {
  return typeof value === 'number' && !Number.isFinite(value)
    ? String(value)
    : value;
}

/** Rows as text for the clipboard: tab-separated, a JSON object, or a Python dict. */
export function exportEntries(
  entries: ReadonlyArray<Entry>,
  format: ExportFormat
): string {
  switch (format) {
    case 'tsv':
      return entries
        .map(([key, value]) => `${cell(key)}\t${cell(value)}`)
        .join('\n');
    case 'json':
      return `{${entries
        .map(
          ([key, value]) =>
            `\n  ${JSON.stringify(key)}: ${JSON.stringify(jsonValue(value))}`
        )
        .join(',')}\n}`;
    case 'dict':
      return `{${entries
        .map(
          ([key, value]) =>
            `\n    ${JSON.stringify(key)}: ${pythonValue(value)}`
        )
        .join(',')}\n}`;
  }
}
