const base = require('@jupyterlab/testing/lib/jest-config')(__dirname);

/** ES modules that must go through babel before jest can load them. */
const esModules = [
  '@codemirror',
  '@lezer',
  '@marijn',
  '@microsoft',
  '@jupyter',
  '@jupyterlab',
  '@lumino',
  '@rjsf',
  '@tanstack',
  'color',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const common = {
  ...base,
  reporters: undefined,
  coverageReporters: undefined,
  modulePathIgnorePatterns: [
    '<rootDir>/python-shim',
    '<rootDir>/ui-tests',
    '<rootDir>/lib',
    '<rootDir>/.envs',
    '<rootDir>/.work',
    '<rootDir>/dist'
  ],
  transform: {
    '\\.svg$': '@jupyterlab/testing/lib/jest-raw-loader.js',
    '^.+\\.tsx?$': [
      'ts-jest/legacy',
      { tsconfig: './tsconfig.test.json', isolatedModules: true }
    ],
    '^.+\\.m?jsx?$': 'babel-jest'
  },
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
delete common.reporters;
delete common.coverageReporters;
delete common.coverageDirectory;

module.exports = {
  // On a busy machine a view takes seconds to be drawn by jsdom, which is no fault of what is tested.
  testTimeout: 60_000,
  projects: [
    { ...common, displayName: 'unit', testRegex: 'src/.*\\.spec\\.tsx?$' },
    {
      ...common,
      displayName: 'contract',
      testEnvironment: 'node',
      setupFiles: [],
      testRegex: 'contract-tests/.*\\.spec\\.ts$'
    }
  ]
};
