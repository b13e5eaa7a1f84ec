import type { ArtifactFile } from '../mlflow';

/** What is known of one folder. */
export interface Folder {
  readonly files: ReadonlyArray<ArtifactFile> | null;
  readonly error: Error | null;
}

/** A line of the tree. */
export type ArtifactRow =
  | {
      readonly kind: 'folder' | 'file';
      /** Unique among the rows. */
      readonly key: string;
      readonly name: string;
      readonly level: number;
      readonly file: ArtifactFile;
      readonly open: boolean;
    }
  | {
      readonly kind: 'loading' | 'empty' | 'error' | 'more';
      readonly key: string;
      readonly name: string;
      readonly level: number;
      /** The folder that it is about. */
      readonly path: string;
      readonly error: Error | null;
      /** How many files are not drawn. */
      readonly rest: number;
    };

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;

/** Folders first, then files, by name as people read them. */
export function inOrder(
  files: ReadonlyArray<ArtifactFile>
): ReadonlyArray<ArtifactFile> {
  return [...files].sort(
    (a, b) =>
      Number(b.isDirectory) - Number(a.isDirectory) ||
      compareNames(baseName(a.path), baseName(b.path))
  );
}

/**
 * The lines of a tree, as far as its folders are open and read.
 *
 * @param limits - how many files of a folder are drawn, by its path; `limit` where nothing is said.
 */
export function rowsOf(
  folders: ReadonlyMap<string, Folder>,
  isOpen: (path: string) => boolean,
  limits: ReadonlyMap<string, number>,
  limit: number
): ReadonlyArray<ArtifactRow> {
  const rows: ArtifactRow[] = [];
  const about = (
    kind: 'loading' | 'empty' | 'error' | 'more',
    path: string,
    level: number,
    error: Error | null = null,
    rest = 0
  ): void => {
    rows.push({
      kind,
      key: `${kind}:${path}`,
      name: '',
      level,
      path,
      error,
      rest
    });
  };
  const visit = (path: string, level: number): void => {
    const folder = folders.get(path);
    if (!folder?.files) {
      about(folder?.error ? 'error' : 'loading', path, level, folder?.error);
      return;
    }
    if (folder.files.length === 0) {
      about('empty', path, level);
      return;
    }
    const drawn = limits.get(path) ?? limit;
    for (const file of inOrder(folder.files).slice(0, drawn)) {
      const open = file.isDirectory && isOpen(file.path);
      rows.push({
        kind: file.isDirectory ? 'folder' : 'file',
        key: `file:${file.path}`,
        name: baseName(file.path),
        level,
        file,
        open
      });
      // A server that lists a folder below itself must not make a tree without end.
      if (open && file.path.length > path.length) {
        visit(file.path, level + 1);
      }
    }
    if (folder.files.length > drawn) {
      about('more', path, level, null, folder.files.length - drawn);
    }
  };
  visit('', 1);
  return rows;
}
