// `npm start`: does what is missing, starts Jupyter, and stays until it is told to end.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from './browser.mjs';
import { existingEnvironment, pythonOf } from './env.mjs';
import { Jupyter, demoStore } from './jupyter.mjs';
import { START_HELP, startOptions } from './options.mjs';
import { demo, root, short, work } from './paths.mjs';
import { choosePort } from './ports.mjs';
import { Progress } from './progress.mjs';
import { findPython } from './python.mjs';
import { run } from './run.mjs';
import { doSteps, missingSteps } from './setup.mjs';
import {
  isStore,
  localServerAddress,
  startLocalServer,
  tellKernels
} from './tracking.mjs';
import { Trouble, report } from './trouble.mjs';

const NOTEBOOK = 'tracking-experiments.ipynb';
const DEMO_RAN = join(work, 'demo-ran');

/** The whole of `npm start`; says what went wrong and sets the exit code, never throws. */
export async function main(args) {
  const stop = new Stop();
  try {
    const options = startOptions(args);
    if (options.help) {
      console.log(START_HELP);
      return;
    }
    const python = findPython();
    const port = await choosePort(options.port);
    const progress = new Progress();
    const steps = missingSteps('start', python);
    const firstRun = options.trackingUri === null && !demoHasRun();
    progress.expect(steps.length + 1 + (firstRun ? 2 : 0));
    await doSteps(steps, progress);
    await serve({ options, python, port, progress, firstRun, stop });
  } catch (error) {
    if (!stop.asked) {
      report(error);
    }
  } finally {
    stop.dispose();
  }
}

async function serve({ options, python, port, progress, firstRun, stop }) {
  const folder = existingEnvironment('start', python);
  const trackingUri = options.trackingUri ?? demoStore();
  const jupyter = new Jupyter({
    folder,
    python: python.executable,
    port,
    trackingUri,
    notebook7: options.notebook7
  });
  stop.onAsked(() => jupyter.end());
  try {
    await progress.step(
      `Starting ${options.notebook7 ? 'Notebook 7' : 'JupyterLab'}`,
      () => jupyter.ready()
    );
    const local = isStore(trackingUri);
    if (local) {
      await startLocalServer(jupyter);
    }
    const kernelPython = pythonOf(folder);
    if (firstRun) {
      const address = await progress.step(
        'Starting the local MLflow server',
        () => localServerAddress(jupyter)
      );
      tellKernels(jupyter, address, kernelPython);
      await progress.step('Running the tutorial notebook once', onLine =>
        runDemo({ python: python.executable, kernelPython, address, onLine })
      );
    } else if (local) {
      // Beside: the panel shows "starting", and nobody waits for it here.
      localServerAddress(jupyter).then(
        address => tellKernels(jupyter, address, kernelPython),
        error => stop.asked || progress.say(error.message)
      );
    } else {
      tellKernels(jupyter, trackingUri, kernelPython);
    }
    await present(jupyter, options, progress);
    const code = await jupyter.closed;
    if (!stop.asked) {
      throw code === 0
        ? new Trouble(
            'JupyterLab was shut down from its own menu.',
            'npm start'
          )
        : jupyter.whyEnded();
    }
    progress.say('JupyterLab and all that it started have ended.');
  } finally {
    await jupyter.end();
  }
}

/** Prints the address and opens it, the panel showing. */
async function present(jupyter, options, progress) {
  const path = options.notebook7
    ? `notebooks/${NOTEBOOK}`
    : `lab/tree/${NOTEBOOK}`;
  const url = jupyter.url(`${path}?mlflow-panel=1`);
  progress.say(
    `\n${options.notebook7 ? 'Notebook 7' : 'JupyterLab'} is running: ${url}`
  );
  progress.say(
    `Its log is in ${short(jupyter.log)}. Ctrl-C ends it, with the local MLflow server and all kernels.`
  );
  if (options.browser && !(await openBrowser(url))) {
    progress.say(
      'No browser could be opened here: copy the address into yours.'
    );
  }
}

/** Runs the notebook for real, so that the panel opens on real runs. */
async function runDemo({ python, kernelPython, address, onLine }) {
  const executed = join(work, 'tracking-experiments.executed.ipynb');
  await run(
    'running the tutorial notebook',
    [
      kernelPython,
      join(root, 'scripts', 'run_demo.py'),
      join(demo, NOTEBOOK),
      executed
    ],
    {
      python,
      cwd: demo,
      env: { ...process.env, MLFLOW_TRACKING_URI: address },
      onLine
    }
  );
  writeFileSync(DEMO_RAN, '');
}

/** The store may be deleted to begin anew; then the notebook runs again. */
const demoHasRun = () =>
  existsSync(DEMO_RAN) && existsSync(join(demo, 'mlflow.db'));

/** Ctrl-C, a termination, a closed terminal, or an npm that was killed: all mean the same. */
class Stop {
  constructor() {
    this.asked = false;
    this._end = null;
    this._ask = () => this.ask();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, this._ask);
    }
    const parent = process.ppid;
    // npm passes signals on, but a SIGKILL it cannot.
    this._watch = setInterval(() => process.ppid !== parent && this.ask(), 500);
    this._watch.unref();
  }

  /** What ends what has been started. */
  onAsked(end) {
    this._end = end;
  }

  ask() {
    if (this.asked) {
      return;
    }
    this.asked = true;
    if (this._end) {
      process.stdout.write('\nEnding JupyterLab …\n');
      void this._end();
    } else {
      // In the middle of a set-up: its guards end with us, and what is half done is done anew next time.
      process.exit(130);
    }
  }

  dispose() {
    clearInterval(this._watch);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.off(signal, this._ask);
    }
  }
}
