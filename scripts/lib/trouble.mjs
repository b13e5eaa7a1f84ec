// What can go wrong in a script, said in one sentence with the command to try.

/** An error that a person can act on: `message` says what happened, `command` what to type next. */
export class Trouble extends Error {
  /**
   * @param {string} message one sentence
   * @param {string} [command] what to try, or nothing where there is no command for it
   * @param {string} [log] path of the log that tells the rest
   */
  constructor(message, command = '', log = '') {
    super(message);
    this.name = 'Trouble';
    this.command = command;
    this.log = log;
  }
}

/** What tools write when something outside of the project is wrong; the first match wins. */
const SIGNS = [
  {
    sign: /\bENOSPC\b|No space left on device|os error 28\b|There is not enough space on the disk|Disk quota exceeded|\bEDQUOT\b/i,
    say: step => [
      `The disk is full, so ${step} could not finish; free about 3 GB and start again.`,
      again
    ]
  },
  {
    sign: /ensurepip is not available|No module named '?ensurepip|python3[\d.]*-venv|ensurepip.*returned non-zero/i,
    say: () => [
      'This Python comes without ensurepip, so no virtual environment can be made with it.',
      'sudo apt-get install python3-venv   (then: npm start)'
    ]
  },
  {
    sign: new RegExp(
      [
        '\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\\b',
        '[Nn]etwork request to .* failed',
        'Failed to establish a new connection',
        'Temporary failure in name resolution',
        'error sending request',
        'dns error',
        'client error \\(Connect\\)',
        'tcp connect error',
        'Connection refused',
        'operation timed out',
        'Network is unreachable',
        'tunnel error',
        'Network connectivity is disabled'
      ].join('|')
    ),
    say: (step, registry) => [
      `The ${registry} registry cannot be reached, so ${step} could not finish; check the network, or its proxy and mirror settings.`,
      registry === 'npm'
        ? 'npm ping'
        : 'python3 -m pip download --no-deps --dest .work six'
    ]
  },
  {
    sign: /\b(EACCES|EPERM)\b|Permission denied|os error 13\b/,
    say: step => [
      `A file or folder of this clone may not be written, so ${step} could not finish; check who owns it.`,
      'ls -ld . .envs node_modules'
    ]
  },
  {
    sign: /\bEBADENGINE\b|Unsupported engine/,
    say: step => [
      `This Node is too old for what ${step} needs.`,
      'nvm install 22 && nvm use 22'
    ]
  }
];

const again = 'npm start';

/**
 * The sentence for a step that failed.
 *
 * @param {string} step what was being done, such as "installing the Node packages"
 * @param {string} output what the tool wrote
 * @param {'npm' | 'Python package'} registry whose registry the step asks
 * @param {string} [log] path of the whole output
 */
export function explain(step, output, registry, log = '') {
  for (const { sign, say } of SIGNS) {
    if (sign.test(output)) {
      const [message, command] = say(step, registry);
      return new Trouble(message, command, log);
    }
  }
  const lines = output.trim().split(/\r?\n/);
  const last = lines
    .filter(line => line.trim() && !/^(npm warn|> )/.test(line))
    .slice(-12)
    .join('\n');
  return new Trouble(
    `${capital(step)} failed.${last ? `\n${last}` : ''}`,
    log ? `cat ${log}` : '',
    log
  );
}

/** Prints a trouble (or any error) the one way that all scripts do, and says that the process has failed. */
export function report(error) {
  const trouble = error instanceof Trouble;
  process.stderr.write(
    `\n${trouble ? error.message : (error?.stack ?? String(error))}\n`
  );
  if (trouble && error.command) {
    process.stderr.write(`Try: ${error.command}\n`);
  }
  if (trouble && error.log) {
    process.stderr.write(`The whole output is in ${error.log}\n`);
  }
  process.exitCode = 1;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
