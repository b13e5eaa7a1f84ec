/** Commands that do by hand what a remedy does, for two kinds of shells and, where it can be done there, for a cell. */
export interface Commands {
  readonly unix: ReadonlyArray<string>;
  readonly windows: ReadonlyArray<string>;
  /** What the kernel itself does; null or left out where it is no matter for a cell. */
  readonly cell?: ReadonlyArray<string> | null;
}

/** What is typed for one of several things that help. */
export interface CommandGroup {
  /** What it does; null where it is the only one. */
  readonly title: string | null;
  readonly commands: Commands;
}

export type Line = ReadonlyArray<string>;

/** One word for a POSIX shell. */
export function unixWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One word for PowerShell, which takes typographic quotes for quotes, too. */
export function windowsWord(text: string): string {
  return /^[\w:\\./=-]+$/.test(text)
    ? text
    : `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

/** A requirement after `%pip`: IPython hands the line to `sh` or to `cmd`, and double quotes are quotes for both. */
export function cellWord(requirement: string): string {
  return /^[\w.=-]+$/.test(requirement)
    ? requirement
    : requirement.includes('"')
      ? `'${requirement}'`
      : `"${requirement}"`;
}

/** The same words for both shells. */
export function both(...lines: ReadonlyArray<Line>): Commands {
  return { unix: unixLines(lines), windows: windowsLines(lines) };
}

export function unixLines(lines: ReadonlyArray<Line>): string[] {
  return lines.map(words => words.map(unixWord).join(' '));
}

export function windowsLines(lines: ReadonlyArray<Line>): string[] {
  return lines.map(([program, ...words]) => {
    const first = windowsWord(program);
    // PowerShell takes a quoted path for a text otherwise.
    const call = /^[\w.-]+$/.test(first) ? '' : '& ';
    return `${call}${[first, ...words.map(windowsWord)].join(' ')}`;
  });
}

/** A name that no kernel has: Jupyter would replace the one that has it without a word. */
export function freeName(wanted: string, taken: ReadonlyArray<string>): string {
  // What Jupyter takes for a name, and how it writes it.
  const name =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'python';
  const names = new Set(taken.map(each => each.toLowerCase()));
  let free = name;
  for (let count = 2; names.has(free); count++) {
    free = `${name}_${count}`;
  }
  return free;
}

/** What makes Jupyter know an interpreter as a kernel. */
export function registration(python: string, name: string): Line {
  return [
    python,
    '-m',
    'ipykernel',
    'install',
    '--user',
    '--name',
    name,
    '--display-name',
    `Python (${name})`
  ];
}
