// The tests of kernels' lives and deaths, longer than `npm test` has time for, by a chance that can be had again.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { testEnvironment } from './checks.mjs';
import { binOf, existingEnvironment } from './env.mjs';
import { SOAK_HELP, soakOptions } from './options.mjs';
import { isWindows, root } from './paths.mjs';
import { Progress } from './progress.mjs';
import { findPython } from './python.mjs';
import { ended, spawnGuarded } from './run.mjs';
import { doSteps, missingSteps } from './setup.mjs';
import { report } from './trouble.mjs';

const FOLDER = join(root, 'python-shim', 'tests');
const TESTS = [
  join(FOLDER, 'test_kernel_life.py'),
  `${join(FOLDER, 'test_recorder_kernels.py')}::test_kernels_killed_at_random_moments_lose_nothing_and_double_nothing`
];

/** The whole of `npm run soak`; never throws, sets the exit code. */
export async function main(args) {
  try {
    const {
      help,
      turns,
      kills,
      seed = randomInt(1_000_000)
    } = soakOptions(args);
    if (help) {
      console.log(SOAK_HELP);
      return;
    }
    const python = findPython();
    const progress = new Progress();
    const steps = missingSteps('dev', python);
    progress.expect(steps.length);
    await doSteps(steps, progress);
    const dev = existingEnvironment('dev', python);
    console.log(
      `${turns} turns, ${kills} kills; again: npm run soak -- --turns ${turns} --kills ${kills} --seed ${seed}`
    );
    const pytest = join(binOf(dev), isWindows ? 'pytest.exe' : 'pytest');
    const child = spawnGuarded(
      python.executable,
      [pytest, '-q', '-s', '-x', ...TESTS],
      {
        env: {
          ...testEnvironment({ dev, oldest: null }),
          JUPYTER_MLFLOW_SOAK_TURNS: String(turns),
          JUPYTER_MLFLOW_SOAK_KILLS: String(kills),
          JUPYTER_MLFLOW_SOAK_SEED: String(seed)
        },
        grace: 20,
        stdio: ['inherit', 'inherit']
      }
    );
    process.exitCode = await ended(child);
  } catch (error) {
    report(error);
  }
}
