// Read by any Node that knows modules at all: old syntax only, and no imports.

/**
 * The sentence for a Node that is too old, or null: the build tools run on 20.19+ and 22.12+.
 *
 * @param {string} version such as "20.20.2"
 */
export function tooOldNode(version) {
  const parts = version.split('.').map(Number);
  const major = parts[0];
  const minor = parts[1];
  const good =
    (major === 20 && minor >= 19) ||
    major === 21 ||
    (major === 22 && minor >= 12) ||
    major > 22;
  return good
    ? null
    : 'This is Node ' +
        version +
        ', and jupyter-mlflow needs Node 20.19, 22.12 or newer.\n' +
        'Try: nvm install 22 && nvm use 22   (or https://nodejs.org)';
}
