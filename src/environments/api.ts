import * as v from 'valibot';
import { RouteClient } from '../servers/request';

const text = v.nullable(v.string());

const interpreter = v.object({
  executable: v.string(),
  prefix: v.string(),
  python: text,
  mlflow: text,
  distribution: text,
  ipykernel: text,
  ipywidgets: text,
  writable: v.boolean(),
  externally_managed: v.boolean(),
  conda: v.boolean(),
  kind: v.picklist(['venv', 'conda', 'system', 'ours']),
  problem: text,
  kernelspecs: v.array(v.string()),
  removable: v.boolean(),
  runs_jupyter: v.boolean()
});

const kernelspec = v.object({
  name: v.string(),
  display_name: v.string(),
  language: v.string(),
  resource_dir: v.string(),
  executable: text,
  prefix: text,
  python: text,
  mlflow: text,
  ipykernel: text,
  problem: text,
  detail: text,
  removable: v.boolean()
});

const machine = v.object({
  interpreters: v.array(interpreter),
  kernelspecs: v.array(kernelspec),
  uv: v.boolean(),
  uv_command: v.nullable(v.array(v.string())),
  folder: v.string(),
  /** Where kernels run: here, or behind a gateway, which sees nothing of what is here. */
  reach: v.optional(v.picklist(['local', 'gateway']), 'local'),
  jobs: v.boolean()
});

const imports = v.object({
  packages: v.array(v.object({ module: v.string(), package: text }))
});

export type Interpreter = v.InferOutput<typeof interpreter>;
export type Kernelspec = v.InferOutput<typeof kernelspec>;
/** Interpreters and kernelspecs of the machine that Jupyter runs on. */
export type MachineEnvironments = v.InferOutput<typeof machine>;
export type ImportedPackage = v.InferOutput<typeof imports>['packages'][number];

/** The routes of the server extension about environments (docs/architecture.md). */
export class EnvironmentsApi extends RouteClient {
  /** @param fresh - asks every interpreter anew. */
  async list(
    fresh: boolean,
    signal?: AbortSignal
  ): Promise<MachineEnvironments> {
    return this.request(
      machine,
      'GET',
      `environments${fresh ? '?fresh=1' : ''}`,
      {
        signal
      }
    );
  }

  /** What cells import. @param folder - of the notebook, from Jupyter's root. */
  async imports(
    sources: ReadonlyArray<string>,
    folder: string,
    signal?: AbortSignal
  ): Promise<ReadonlyArray<ImportedPackage>> {
    const { packages } = await this.request(imports, 'POST', 'imports', {
      body: { sources, folder },
      signal
    });
    return packages;
  }
}
