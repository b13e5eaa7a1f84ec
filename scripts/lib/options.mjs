// The options of `npm start` and `npm test`, read strictly: a misspelt one is named, not ignored.
import { parseArgs } from 'node:util';
import { Trouble } from './trouble.mjs';

export const START_HELP = `npm start -- [options]

Makes what it needs inside the clone, then starts JupyterLab on the folder demo/ with the MLflow panel.

  --no-browser        print the address instead of opening it
  --port N            serve on this port (otherwise the first free one from 8888)
  --tracking-uri URI  use this tracking server or store instead of the demo's
  --notebook-7        open Notebook 7 instead of JupyterLab
  --help              this text`;

export const TEST_HELP = `npm test -- [options]

Checks everything that must hold: unit, python and contract tests, the package, and browser tests.

  --only PART   one of unit, python, contract, package, browser; may be repeated
  --help        this text`;

export const SOAK_HELP = `npm run soak -- [options]

Restarts, kills and switches kernels many times, and looks for what is left behind; then kills recorded kernels at random
moments, and counts on a tracking server what was lost or doubled.

  --turns N     how many restarts, kills and switches (otherwise 200)
  --kills N     how many recorded kernels are killed (otherwise 1,000)
  --seed N      the order of an earlier run, which printed it
  --help        this text`;

export const PARTS = ['unit', 'python', 'contract', 'package', 'browser'];

/** @returns {{browser: boolean, port: number | null, trackingUri: string | null, notebook7: boolean, help: boolean}} */
export function startOptions(args) {
  const values = read(args, 'npm start', {
    'no-browser': { type: 'boolean' },
    port: { type: 'string' },
    'tracking-uri': { type: 'string' },
    'notebook-7': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' }
  });
  const port = values.port === undefined ? null : Number(values.port);
  if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new Trouble(
      `--port ${values.port} is no port: give a number from 1 to 65535.`,
      'npm start -- --port 8889'
    );
  }
  if (
    values['tracking-uri'] !== undefined &&
    values['tracking-uri'].trim() === ''
  ) {
    throw new Trouble(
      '--tracking-uri needs an address or a store.',
      'npm start -- --tracking-uri http://127.0.0.1:5000'
    );
  }
  return {
    browser: !values['no-browser'],
    port,
    trackingUri: values['tracking-uri']?.trim() ?? null,
    notebook7: Boolean(values['notebook-7']),
    help: Boolean(values.help)
  };
}

/** @returns {{only: string[], help: boolean}} the parts to run, in their order */
export function testOptions(args) {
  const values = read(args, 'npm test', {
    only: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' }
  });
  const wanted = (values.only ?? PARTS)
    .flatMap(part => part.split(','))
    .map(part => part.trim());
  const unknown = wanted.find(part => !PARTS.includes(part));
  if (unknown !== undefined) {
    throw new Trouble(
      `There is no part "${unknown}": choose among ${PARTS.join(', ')}.`,
      'npm test -- --only unit'
    );
  }
  return {
    only: PARTS.filter(part => wanted.includes(part)),
    help: Boolean(values.help)
  };
}

/** @returns {{turns: number, kills: number, seed: number | undefined, help: boolean}} */
export function soakOptions(args) {
  const values = read(args, 'npm run soak', {
    turns: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' }
  });
  const whole = (name, least) => {
    const value = Number(values[name]);
    if (!(Number.isSafeInteger(value) && value >= least)) {
      throw new Trouble(
        `--${name} ${values[name]} is no number to use: give a whole one from ${least}.`,
        'npm run soak -- --turns 200'
      );
    }
    return value;
  };
  return {
    turns: values.turns === undefined ? 200 : whole('turns', 1),
    kills: values.kills === undefined ? 1000 : whole('kills', 2),
    seed: values.seed === undefined ? undefined : whole('seed', 0),
    help: Boolean(values.help)
  };
}

function read(args, command, options) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false })
      .values;
  } catch (error) {
    // Node's first sentence names the option; what follows speaks of positional arguments.
    throw new Trouble(
      `${error.message.split('. ')[0].replace(/\.$/, '')}.`,
      `${command} -- --help`
    );
  }
}
