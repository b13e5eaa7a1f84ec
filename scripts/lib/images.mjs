// The pictures of the documentation, of real notebooks, kernels and servers, in the environments that `npm test` made.
import { join } from 'node:path';
import { testEnvironment } from './checks.mjs';
import { existingEnvironment } from './env.mjs';
import { root } from './paths.mjs';
import { findPython } from './python.mjs';
import { ended, spawnGuarded } from './run.mjs';
import { Trouble, report } from './trouble.mjs';

/** The whole of `npm run images`; `args` are Playwright's (`-g doctor`, a file). Never throws, sets the exit code. */
export async function main(args) {
  try {
    const python = findPython();
    const dev = existingEnvironment('dev', python);
    if (dev === null) {
      throw new Trouble(
        'The environments of the tests are not there yet.',
        'npm test -- --only browser'
      );
    }
    const cwd = join(root, 'ui-tests');
    const cli = join(cwd, 'node_modules', '@playwright', 'test', 'cli.js');
    const child = spawnGuarded(
      python.executable,
      [
        process.execPath,
        cli,
        'test',
        '--config',
        'images/playwright.config.ts',
        ...args
      ],
      {
        cwd,
        env: testEnvironment({ dev, oldest: null }),
        grace: 20,
        stdio: ['inherit', 'inherit']
      }
    );
    process.exitCode = await ended(child);
  } catch (error) {
    report(error);
  }
}
