/** One way of writing a path, for comparing: no final slash; on Windows forward slashes and lower case. */
function normal(path: string): string {
  const isWindows = /^([A-Za-z]:[\\/]|\\\\)/.test(path);
  const text = isWindows ? path.replace(/\\/g, '/').toLowerCase() : path;
  return text.length > 1 ? text.replace(/\/+$/, '') : text;
}

export function isSamePath(a: string, b: string): boolean {
  return a === b || normal(a) === normal(b);
}

/**
 * Whether two paths may be one by a symbolic link at their beginning, such as `/private/tmp/x` and `/tmp/x`.
 * The browser cannot look, and says rather nothing than something false.
 */
export function mayBeSamePath(a: string, b: string): boolean {
  const [one, other] = [normal(a), normal(b)];
  return one.endsWith(other) || other.endsWith(one);
}

/** Whether `path` is `folder` or in it. */
export function isWithin(path: string, folder: string): boolean {
  if (path === '' || folder === '') {
    return false;
  }
  const [inner, outer] = [normal(path), normal(folder)];
  return (
    inner === outer ||
    inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)
  );
}

/** The folder that holds it; empty where there is none. */
export function parentOf(path: string): string {
  return path.replace(/[\\/]+$/, '').replace(/[\\/]?[^\\/]*$/, '');
}

export function nameOf(path: string): string {
  return path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
}

/** The environment whose folder of programs holds `program`; null where that is no such folder. */
export function prefixOfProgram(program: string): string | null {
  const folder = parentOf(program);
  return /^(bin|scripts)$/i.test(nameOf(folder)) ? parentOf(folder) : null;
}

/** Where the interpreter of a virtual environment is. */
export function interpreterOf(prefix: string, platform: string): string {
  return platform === 'win32'
    ? `${prefix}\\Scripts\\python.exe`
    : `${prefix}/bin/python`;
}
