import { randomUUID } from 'node:crypto';

/** A notebook of one empty cell that names its kernel. */
export const EMPTY_NOTEBOOK = {
  cells: [
    {
      cell_type: 'code',
      execution_count: null,
      id: 'first',
      metadata: {},
      outputs: [],
      source: ''
    }
  ],
  metadata: {
    kernelspec: {
      display_name: 'Python 3 (ipykernel)',
      language: 'python',
      name: 'python3'
    }
  },
  nbformat: 4,
  nbformat_minor: 5
};

/** What a test may give a run. Metrics are values, or lists of values by step. */
export interface RunContent {
  name?: string;
  params?: Record<string, string | number>;
  metrics?: Record<string, number | number[]>;
  tags?: Record<string, string>;
  /** Of the parent, for a nested run. */
  parent?: string;
  /** `null` leaves the run running. */
  status?: 'FINISHED' | 'FAILED' | 'KILLED' | null;
}

/** A real tracking server, spoken to over its REST API, past Jupyter. What a test makes is deleted after it. */
export class MlflowServer {
  private readonly _experiments: string[] = [];
  private readonly _models: string[] = [];

  /**
   * @param name as it stands in the server switcher
   * @param _login "user:password", where the server wants one
   */
  constructor(
    readonly name: 'newest' | 'oldest' | 'with-login',
    readonly url: string,
    private readonly _login: string | null = null
  ) {}

  /** An experiment with a name that no other test has; returns its id and name. */
  async createExperiment(
    name = 'experiment',
    tags: Record<string, string> = {}
  ): Promise<{ id: string; name: string }> {
    const unique = `${name} ${randomUUID().slice(0, 8)}`;
    const body = { name: unique, tags: pairs(tags) };
    const { experiment_id: id } = (await this.post(
      'experiments/create',
      body
    )) as { experiment_id: string };
    this._experiments.push(id);
    return { id, name: unique };
  }

  /** A run with all that is given; returns its id. */
  async createRun(
    experimentId: string,
    content: RunContent = {}
  ): Promise<string> {
    const {
      name = 'run',
      params = {},
      metrics = {},
      tags = {},
      parent,
      status = 'FINISHED'
    } = content;
    const { run } = (await this.post('runs/create', {
      experiment_id: experimentId,
      run_name: name,
      start_time: Date.now(),
      tags: pairs({
        ...tags,
        ...(parent ? { 'mlflow.parentRunId': parent } : {})
      })
    })) as { run: { info: { run_id: string } } };
    const runId = run.info.run_id;
    const timestamp = Date.now();
    await this.post('runs/log-batch', {
      run_id: runId,
      params: pairs(params),
      metrics: Object.entries(metrics).flatMap(([key, values]) =>
        [values].flat().map((value, step) => ({ key, value, step, timestamp }))
      )
    });
    if (status !== null) {
      await this.post('runs/update', {
        run_id: runId,
        status,
        end_time: Date.now()
      });
    }
    return runId;
  }

  /** Names of the runs of an experiment, which is deleted with the others. */
  async runNames(experiment: string): Promise<string[]> {
    const { experiment: found } = (await this.get('experiments/get-by-name', {
      experiment_name: experiment
    })) as { experiment: { experiment_id: string } };
    this._experiments.push(found.experiment_id);
    const { runs = [] } = (await this.post('runs/search', {
      experiment_ids: [found.experiment_id],
      max_results: 100
    })) as { runs?: { info: { run_name: string } }[] };
    return runs.map(({ info }) => info.run_name);
  }

  /** Lets a user of a server with a login do more with an experiment than before. */
  async grant(
    username: string,
    experimentId: string,
    permission: 'EDIT'
  ): Promise<void> {
    const body = {
      username,
      resource_type: 'experiment',
      resource_id: experimentId,
      permission
    };
    await this._send('POST', 'users/permissions/grant', body, '3.0');
  }

  /** Logs one value of a metric to a run. */
  async logMetric(
    runId: string,
    key: string,
    value: number,
    step = 0
  ): Promise<void> {
    await this.post('runs/log-metric', {
      run_id: runId,
      key,
      value,
      step,
      timestamp: Date.now()
    });
  }

  /** Uploads a text file as an artifact of a run. */
  async logText(
    experimentId: string,
    runId: string,
    path: string,
    text: string
  ): Promise<void> {
    const url = `${this.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${runId}/artifacts/${path}`;
    await answerOf(await fetch(url, { method: 'PUT', body: text }));
  }

  /** A registered model; returns its name, which no other test has. */
  async createModel(name = 'model'): Promise<string> {
    const unique = `${name}-${randomUUID().slice(0, 8)}`;
    await this.post('registered-models/create', { name: unique });
    this._models.push(unique);
    return unique;
  }

  /** POST to `api/2.0/mlflow/<path>`; rejects with MLflow's own text when it refuses. */
  async post(path: string, body: unknown): Promise<unknown> {
    return this._send('POST', path, body);
  }

  /** GET from `api/2.0/mlflow/<path>`. */
  async get(
    path: string,
    query: Record<string, string> = {}
  ): Promise<unknown> {
    return this._send('GET', `${path}?${new URLSearchParams(query)}`);
  }

  /** Deletes what was made; what a test deleted itself is no error. */
  async dispose(): Promise<void> {
    for (const id of this._experiments.splice(0)) {
      await this.post('experiments/delete', { experiment_id: id }).catch(
        () => undefined
      );
    }
    for (const name of this._models.splice(0)) {
      await this._send('DELETE', 'registered-models/delete', { name }).catch(
        () => undefined
      );
    }
  }

  private async _send(
    method: string,
    path: string,
    body?: unknown,
    version = '2.0'
  ): Promise<unknown> {
    const login = this._login && Buffer.from(this._login).toString('base64');
    const answer = await fetch(`${this.url}/api/${version}/mlflow/${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(login && { Authorization: `Basic ${login}` })
      },
      body: body === undefined ? undefined : JSON.stringify(body)
    });
    return answerOf(answer);
  }
}

async function answerOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${answer.status} ${answer.url}: ${text.slice(0, 500)}`);
  }
  return text === '' ? {} : JSON.parse(text);
}

function pairs(
  values: Record<string, string | number>
): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: String(value)
  }));
}
