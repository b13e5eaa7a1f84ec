import type { Execution, Recording } from '../answers';

/** What the server says of a notebook that is kept, with the given differences. */
export function aRecording(of: Partial<Recording> = {}): Recording {
  return {
    path: 'work/a.ipynb',
    notebook_id: 'n1',
    keep: true,
    send: 'nothing',
    target: null,
    paused: false,
    rule: 'notebook',
    rule_path: null,
    by: null,
    sessions: [],
    proposed_target: { server_id: 's1', experiment: 'a (cells)' },
    offered: false,
    waiting: 0,
    refused: 0,
    problems: [],
    allowed: {
      keep: true,
      send: ['nothing', 'runs', 'tagged', 'all'],
      redact_at_capture: false,
      retention: { days: 30, bytes: 1e9 },
      runs_per_day: null
    },
    ...of
  };
}

/** An execution that ran to its end, with the given differences. */
export function anExecution(of: Partial<Execution> = {}): Execution {
  return {
    id: 'e1',
    kernel_id: 'k1',
    process: 'p1',
    notebook_id: 'n1',
    path: 'work/a.ipynb',
    language: 'python',
    status: 'ok',
    started: 1000,
    ended: 1001,
    seconds: 1,
    execution_count: 1,
    cell_id: 'c1',
    source: 'x = 1',
    source_sha256: null,
    error: null,
    runs: [],
    run_uris: {},
    capture: 'full',
    output_bytes: 0,
    cut_bytes: 0,
    keep: true,
    send: 'nothing',
    target: null,
    sending: null,
    sent_run: null,
    ...of
  };
}

/** Answers that a test gives when it wants to. */
export class Answers<T> {
  /** The questions that wait. */
  get waiting(): number {
    return this._waiting.length;
  }

  ask(): Promise<T> {
    return new Promise((resolve, reject) => {
      this._waiting.push({ resolve, reject });
    });
  }

  /** Answers the oldest question. */
  async answer(value: T): Promise<void> {
    this._waiting.shift()?.resolve(value);
    await settled();
  }

  async refuse(reason: unknown): Promise<void> {
    this._waiting.shift()?.reject(reason);
    await settled();
  }

  private readonly _waiting: {
    resolve: (value: T) => void;
    reject: (reason: unknown) => void;
  }[] = [];
}

/** What was answered has been taken in. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await Promise.resolve();
  }
}
