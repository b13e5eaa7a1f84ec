import * as v from 'valibot';

const text = v.nullable(v.string());

const tracked = v.object({
  uri: text,
  source: v.picklist(['variable', 'call', 'default', 'us', 'unknown']),
  place: text,
  has_credentials: v.boolean()
});

/** Whether a module can be imported as a kernel would, tried in a process of its own. */
export const importCheckSchema = v.object({
  ok: v.boolean(),
  seconds: v.nullable(v.number()),
  error: v.nullable(
    v.object({ type: v.string(), message: v.string(), module: text })
  )
});

/** What the kernel says of itself: form 1 of docs/architecture.md. */
export const kernelFactsSchema = v.object({
  form: v.literal(1),
  pid: v.number(),
  executable: v.string(),
  prefix: v.string(),
  base_prefix: v.string(),
  cwd: v.string(),
  python: v.string(),
  implementation: v.string(),
  platform: v.string(),
  path: v.array(v.string()),
  conda: v.boolean(),
  externally_managed: v.boolean(),
  writable: v.boolean(),
  mlflow: v.object({
    spec: v.picklist(['module', 'namespace', 'none', 'error']),
    origin: text,
    locations: v.array(v.string()),
    error: text,
    distributions: v.array(
      v.object({
        name: v.string(),
        version: text,
        location: text,
        editable: v.boolean()
      })
    ),
    distribution_origin: text,
    imported: v.nullable(v.object({ version: text, file: text }))
  }),
  packages: v.record(v.string(), text),
  /** Whether an import would find those that somebody waits for; null where that cannot be told. */
  modules: v.optional(v.record(v.string(), v.nullable(v.boolean())), {}),
  duplicates: v.array(
    v.object({ name: v.string(), places: v.array(v.string()) })
  ),
  pip: v.boolean(),
  uv: v.boolean(),
  pip_on_path: text,
  env: v.record(v.string(), text),
  tracking: tracked,
  registry: tracked,
  experiment: v.object({ name: text, id: text, source: text }),
  /** The run that what cells log goes into, between two cells. */
  active_run: v.optional(
    v.nullable(v.object({ id: v.string(), name: text, cell_id: text })),
    null
  ),
  autolog: v.nullable(v.boolean()),
  system_metrics: v.nullable(v.boolean())
});

/** The report of GET `kernels/<id>`. */
export const kernelReportSchema = v.object({
  id: v.string(),
  name: v.string(),
  language: text,
  reach: v.picklist(['local', 'gateway']),
  state: v.picklist(['asking', 'known', 'unknown', 'foreign', 'dead', 'off']),
  reason: text,
  facts: v.nullable(kernelFactsSchema),
  asked_at: v.nullable(v.number()),
  injected: v.boolean(),
  lost_race: v.boolean(),
  notebook: v.nullable(
    v.object({
      id: v.string(),
      path: v.string(),
      /** That its new kernels log to, remembered for it. */
      server_id: v.optional(text, null),
      /** That runs of its new kernels go to, remembered for it. */
      experiment: v.optional(text, null)
    })
  ),
  kernelspec: v.nullable(
    v.object({
      name: v.string(),
      display_name: v.string(),
      argv: v.array(v.string()),
      resource_dir: v.string()
    })
  ),
  logs_to: v.nullable(
    v.object({
      uri: text,
      place: text,
      label: v.string(),
      source: v.string(),
      server_id: text,
      addable_uri: text
    })
  ),
  /** What `import mlflow` finds, as Jupyter names its contents; null where that lies outside of its root. */
  import_path: v.optional(text, null),
  /** Of MLflow, for as long as it holds. */
  import_check: v.optional(v.nullable(importCheckSchema), null)
});

export type ImportCheck = v.InferOutput<typeof importCheckSchema>;
export type KernelFacts = v.InferOutput<typeof kernelFactsSchema>;
export type KernelReport = v.InferOutput<typeof kernelReportSchema>;
