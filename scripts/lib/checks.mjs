// What `npm test` checks, part by part: each check is a command, and how to read what came of it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { activated, binOf, pythonOf } from './env.mjs';
import {
  asOne,
  jestCounts,
  judged,
  junitCounts,
  plainCounts,
  playwrightCounts,
  tapCounts
} from './counts.mjs';
import { isWindows, logs, root, work } from './paths.mjs';

/** @typedef {{name: string, command: string[], cwd?: string, env?: object, serverLogs?: string[], count: (code: number) => object}} Check */

const RESULTS = join(work, 'results');
const UI_TESTS = join(root, 'ui-tests');
/** Of JupyterLab's browser tests those that run after the ones of Notebook 7, which are fewer. */
const BESIDE_NOTEBOOK_7 = [
  'by-hand.lab.spec.ts',
  'environment-actions.lab.spec.ts',
  'environment-page.lab.spec.ts',
  'remedies.lab.spec.ts'
];
const PYTHON_FOLDERS = ['python-shim', 'bench', 'ui-tests', 'scripts'];

/** The variables by which all tests find their interpreters. */
export function testEnvironment({ dev, oldest }, env = process.env) {
  const { MLFLOW_TRACKING_URI: _person, ...rest } = activated(dev, env);
  return {
    ...rest,
    JUPYTER_MLFLOW_TEST_PYTHON_NEWEST: pythonOf(dev),
    ...(oldest ? { JUPYTER_MLFLOW_TEST_PYTHON_OLDEST: pythonOf(oldest) } : {}),
    MLFLOW_DISABLE_TELEMETRY: 'true',
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1'
  };
}

/** The folder for what the tools write for machines. */
export const resultsFolder = RESULTS;

/**
 * @param {'unit' | 'python' | 'contract' | 'package' | 'browser'} part
 * @param {{dev: string, oldest: string | null}} environments
 * @returns {(Check | Check[][])[]} one after the other; an array of lanes stands for checks side by side
 */
export function checksOf(part, environments) {
  const env = testEnvironment(environments);
  const node = (tool, ...args) => [
    process.execPath,
    join(root, 'node_modules', ...tool.split('/')),
    ...args
  ];
  const inDev = (program, ...args) => [
    join(binOf(environments.dev), isWindows ? `${program}.exe` : program),
    ...args
  ];
  const result = name => join(RESULTS, name);
  const one = (name, command) => ({
    name,
    command,
    env,
    count: code => asOne(code === 0)
  });
  const tests = (name, command, file, read, more = {}) => ({
    name,
    command,
    ...more,
    env: { ...env, ...more.env },
    count: code => judged({ code, path: result(file), read })
  });

  const playwright = [
    process.execPath,
    join(UI_TESTS, 'node_modules', '@playwright', 'test', 'cli.js'),
    'test'
  ];

  switch (part) {
    case 'unit':
      return [
        one(
          'format (prettier)',
          node(
            'prettier/bin/prettier.cjs',
            '--check',
            '--log-level',
            'warn',
            '.'
          )
        ),
        one(
          'lint (eslint)',
          node('eslint/bin/eslint.js', '--max-warnings', '0', '.')
        ),
        one(
          'types (tsc)',
          node('typescript/bin/tsc', '-p', 'tsconfig.test.json', '--noEmit')
        ),
        tests(
          'unit tests (jest)',
          node(
            'jest/bin/jest.js',
            '--selectProjects',
            'unit',
            '--json',
            '--outputFile',
            result('jest.json')
          ),
          'jest.json',
          jestCounts
        ),
        tests(
          'tests of the scripts',
          [
            process.execPath,
            '--test',
            '--test-reporter=tap',
            `--test-reporter-destination=${result('scripts.tap')}`,
            '--test-reporter=spec',
            '--test-reporter-destination=stdout',
            ...readdirSync(join(root, 'scripts', 'tests'))
              .filter(name => name.endsWith('.test.mjs'))
              .map(name => join('scripts', 'tests', name))
          ],
          'scripts.tap',
          tapCounts
        ),
        one('start-up size', [
          process.execPath,
          join(root, 'scripts', 'bundle-size.mjs')
        ])
      ];
    case 'python':
      return [
        one(
          'format (ruff)',
          inDev('ruff', 'format', '--check', ...PYTHON_FOLDERS)
        ),
        one('lint (ruff)', inDev('ruff', 'check', ...PYTHON_FOLDERS)),
        one('types (mypy)', inDev('mypy')),
        tests(
          'Python tests (pytest)',
          // Most of their time is waiting for servers: two files at a time, in the order of order_of_files.py.
          inDev(
            'pytest',
            '-q',
            '-ra',
            '-n',
            '2',
            '--dist',
            'loadfile',
            '--no-loadscope-reorder',
            `--junitxml=${result('pytest.xml')}`
          ),
          'pytest.xml',
          junitCounts
        )
      ];
    case 'contract':
      return [
        tests(
          'contract with real MLflow servers',
          [
            process.execPath,
            join(root, 'scripts', 'contract.mjs'),
            '--summary',
            result('contract.json')
          ],
          'contract.json',
          plainCounts
        )
      ];
    case 'package':
      return [
        tests(
          'the wheel without Node',
          [process.execPath, join(root, 'scripts', 'wheel.mjs')],
          'wheel.json',
          playwrightCounts,
          {
            env: { PLAYWRIGHT_JSON_OUTPUT_NAME: result('wheel.json') }
          }
        ),
        tests(
          'a JupyterHub',
          [...playwright, '--config', 'hub/playwright.config.ts'],
          'hub.json',
          playwrightCounts,
          {
            cwd: UI_TESTS,
            env: { PLAYWRIGHT_JSON_OUTPUT_NAME: result('hub.json') },
            serverLogs: [join(logs, 'ui-hub.log')]
          }
        )
      ];
    case 'browser': {
      const galata = (name, project, label, files = []) =>
        tests(
          `${name} (Galata)`,
          [
            ...playwright,
            '--project',
            project,
            '--output',
            join('test-results', label),
            ...files.map(file => `tests/${file}`)
          ],
          `${label}.json`,
          playwrightCounts,
          {
            cwd: UI_TESTS,
            env: {
              PLAYWRIGHT_JSON_OUTPUT_NAME: result(`${label}.json`),
              JUPYTER_MLFLOW_UI_LABEL: `${label}-`
            },
            serverLogs: [join(logs, `ui-${label}-jupyter.log`)]
          }
        );
      const lab = readdirSync(join(UI_TESTS, 'tests')).filter(
        name => name.endsWith('.spec.ts') && !name.endsWith('.notebook.spec.ts')
      );
      return [
        one(
          'types of the browser tests (tsc)',
          node('typescript/bin/tsc', '-p', 'ui-tests', '--noEmit')
        ),
        // One alone leaves processor time unused while it waits for a page. Each has servers of its own, and both
        // lanes take about as long.
        [
          [
            galata(
              'JupyterLab',
              'lab',
              'lab',
              lab.filter(name => !BESIDE_NOTEBOOK_7.includes(name))
            )
          ],
          [
            galata('Notebook 7', 'notebook-7', 'notebook-7'),
            galata(
              'JupyterLab, environments',
              'lab',
              'lab-environments',
              BESIDE_NOTEBOOK_7
            )
          ]
        ]
      ];
    }
    default:
      throw new Error(`no such part: ${part}`);
  }
}
