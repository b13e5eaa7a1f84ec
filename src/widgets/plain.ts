/**
 * Text that a terminal, a page and a notebook on GitHub show as text, whatever a name or value holds: written as the kernel writes
 * it (python-shim/jupyter_mlflow/kernel/magics/text.py), so that whoever fills a snapshot, it reads the same.
 */

/** Characters of one value in a snapshot; of one in a table of text. */
export const VALUE_LIMIT = 200;
const CELL_LIMIT = 40;
const BARS = '▁▂▃▄▅▆▇█';
/** Control characters, halves of characters, line separators and direction overrides; joiners hold emoji together. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Cf}]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** One line without control characters, direction overrides or halves of characters, cut with `…`. */
export function plain(value: unknown, limit = VALUE_LIMIT): string {
  const characters = [...String(value)];
  const shown = characters.slice(0, limit).map(character => {
    const code = character.codePointAt(0) ?? 0;
    return code < 32
      ? String.fromCodePoint(0x2400 + code)
      : UNSEEN.test(character) && code !== 0x200c && code !== 0x200d
        ? '\ufffd'
        : character;
  });
  return shown.join('') + (characters.length > limit ? '…' : '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  // Alone in an element: else JupyterLab would typeset them.
  '\\': '<span>&#92;</span>',
  $: '<span>&#36;</span>'
};

/** Characters of a cell of HTML that is not broken into lines; how others are. */
const ONE_LINE = 30;
const LONG = 'min-width: 12em; overflow-wrap: anywhere';

/** For HTML. */
export function escaped(value: unknown, limit = VALUE_LIMIT): string {
  return plain(value, limit).replace(/[&<>"'\\$]/g, one => ENTITIES[one]);
}

/** `%.4g` of Python. */
function shortest(value: number): string {
  const [digits, exponent] = value.toExponential(3).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 4) {
    const mantissa = String(Number(digits));
    const sign = power < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return value
    .toFixed(3 - power)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** A metric's value, short. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  }
  return Number.isInteger(value) && Math.abs(value) < 1e15
    ? String(value === 0 ? 0 : value)
    : shortest(value);
}

/** A time to the second, of the zone that kernels and browsers share. */
export function moment(milliseconds: number | null): string {
  const time = milliseconds === null ? null : new Date(milliseconds);
  if (time === null || Number.isNaN(time.getTime())) {
    return '';
  }
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 h 2 min`, `3.4 s`; empty where one of the times is not known. */
export function duration(start: number | null, end: number | null): string {
  if (start === null || !end || end < start) {
    return '';
  }
  const seconds = (end - start) / 1000;
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes as people say them. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let count = bytes;
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.trunc(count) : count.toFixed(1)} ${units[unit]}`;
}

/** Bars for at most `width` stretches of the history; what is no number is a dot. */
export function sparkline(all: ReadonlyArray<number>, width = 24): string {
  const step = all.length / width;
  const values =
    all.length > width
      ? [
          ...Array.from(
            { length: width - 1 },
            (_, i) => all[Math.trunc(i * step)]
          ),
          all[all.length - 1]
        ]
      : all;
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  // Halved, so that the range of the greatest floats is no infinity.
  const span = high / 2 - low / 2;
  const top = BARS.length - 1;
  return values
    .map(value =>
      !Number.isFinite(value)
        ? '·'
        : BARS[
            span > 0
              ? roundEven(((value / 2 - low / 2) / span) * top)
              : Math.floor(top / 2)
          ]
    )
    .join('');
}

/** Python rounds halves to the even neighbour. */
export function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest === 0.5 ? floor + (floor % 2) : Math.round(value);
}

/** Columns that a terminal needs. */
export function widthOf(text: string): number {
  return [...text].reduce(
    (width, character) =>
      width +
      (/\p{Mn}|\p{Me}/u.test(character) ? 0 : 1) +
      (WIDE.test(character) ? 1 : 0),
    0
  );
}

export type TextRow = ReadonlyArray<string>;

/** Aligned; `right` are the numbers of columns that hold numbers. */
export function textTable(
  columns: TextRow,
  rows: ReadonlyArray<TextRow>,
  right: ReadonlyArray<number> = []
): string {
  const hasHead = columns.some(name => name !== '');
  const limit = columns.length > 2 ? CELL_LIMIT : VALUE_LIMIT;
  const cells = [...(hasHead ? [columns] : []), ...rows].map(row =>
    row.map(value => plain(value, limit))
  );
  const widths = columns.map((_, i) =>
    Math.max(...cells.map(row => widthOf(row[i] ?? '')))
  );
  const lines = cells.map(row =>
    row
      .map((value, i) => {
        const gap = ' '.repeat(Math.max(0, widths[i] - widthOf(value)));
        return right.includes(i) ? gap + value : value + gap;
      })
      .join('  ')
      .trimEnd()
  );
  if (hasHead) {
    lines.splice(1, 0, widths.map(width => '-'.repeat(width)).join('  '));
  }
  return lines.join('\n');
}

/** With inline styles only: sanitizers of JupyterLab and GitHub take everything else away. */
export function htmlTable(
  columns: TextRow,
  rows: ReadonlyArray<TextRow>,
  right: ReadonlyArray<number> = [],
  caption = ''
): string {
  const cell = (
    tag: 'th' | 'td',
    value: unknown,
    isNumber: boolean
  ): string => {
    const align = isNumber ? 'right' : 'left';
    // Times and names stay on one line; one long word does not push the others off the page.
    const wrap =
      [...plain(value)].length <= ONE_LINE ? 'white-space: nowrap' : LONG;
    return `<${tag} dir="auto" style="text-align: ${align}; ${wrap}">${escaped(value)}</${tag}>`;
  };
  const line = (tag: 'th' | 'td', row: TextRow): string =>
    `<tr>${row.map((value, i) => cell(tag, value, right.includes(i))).join('')}</tr>`;
  const head = columns.some(name => name !== '')
    ? `<thead>${line('th', columns)}</thead>`
    : '';
  const above = caption
    ? `<p style="margin: 0.3em 0">${escaped(caption)}</p>`
    : '';
  return `${above}<table>${head}<tbody>${rows.map(row => line('td', row)).join('')}</tbody></table>`;
}
