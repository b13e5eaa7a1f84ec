import { ROWS } from './packages.generated';

/** Made when the first cell misses something. */
let names: ReadonlyMap<string, string> | null = null;

/** The package that brings a module, of the list that the server has, too; null where that is not known for certain. */
export function packageOf(module: string): string | null {
  names ??= new Map(
    ROWS.split('\n').map(row => {
      const words = row.split(' ');
      // One word: both are called so.
      return [words[0], words[words.length - 1]];
    })
  );
  return names.get(module) ?? null;
}
