import * as fc from 'fast-check';
import type { KernelEnvironment, UnknownReason } from '../../kernel/tokens';
import type { DoctorInput, Finding, KernelspecFacts } from '../tokens';
import { diagnose, inputOf } from './diagnose';
import { FINDING_IDS } from './ids';
import {
  ABSENT,
  someDistribution,
  someInput,
  someSpec,
  TEAM
} from './testing/inputs';

const WORK = '/home/ada/envs/work';
const ORIGINS = [
  `${WORK}/lib/python3.11/site-packages/mlflow/__init__.py`,
  '/home/ada/notebooks/mlflow.py',
  '/home/ada/notebooks/mlflow/__init__.py',
  '/opt/shared/mlflow/__init__.py'
];
const VERSIONS = ['2.3.2', '3.1.0', '3.17.2', '3.18.0rc0', null];
const PREFIXES = [WORK, '/home/ada/envs/other', '/opt/conda', '/usr', null];

const from = <T>(...values: T[]) => fc.constantFrom(...values);

const distributions = fc.subarray(
  ['mlflow', 'mlflow-skinny', 'mlflow-tracing'].flatMap(name =>
    VERSIONS.slice(0, 2).map(version => someDistribution(name, version))
  )
);

const mlflow = fc.record({
  spec: from('module', 'namespace', 'none', 'error'),
  origin: from(...ORIGINS, null),
  distribution_origin: from(ORIGINS[0], ORIGINS[3], null),
  distributions: fc.oneof(fc.constant([]), distributions),
  imported: fc.option(
    fc.record({ version: from(...VERSIONS), file: from(...ORIGINS, null) })
  )
});

const facts = fc.record({
  mlflow,
  base_prefix: from(WORK, '/usr', '/opt/conda'),
  conda: fc.boolean(),
  writable: fc.boolean(),
  externally_managed: fc.boolean(),
  packages: fc.record({
    setuptools: from('80.9.0', '82.0.0', null),
    sqlalchemy: from('2.0.44', '2.1.3', null),
    flask: from('2.2.2', '3.1.2', null),
    werkzeug: from('3.0.1', null)
  }),
  duplicates: from(
    [],
    [{ name: 'mlflow', places: ['/opt/shared', `${WORK}/lib`] }]
  ),
  pip_on_path: from(`${WORK}/bin/pip`, '/opt/conda/bin/pip', null),
  env: fc.record({
    VIRTUAL_ENV: from(...PREFIXES),
    CONDA_PREFIX: from(...PREFIXES),
    PYTHONPATH: from('/opt/shared', null)
  }),
  tracking: fc.record({
    source: from('default', 'variable', 'unknown'),
    place: from(
      'http://mlflow.example:5000',
      '/mlruns',
      'sqlite:////a.db',
      null
    ),
    has_credentials: fc.boolean()
  })
});

const specs = fc.array(
  fc
    .record({
      name: from('work', 'other', 'third'),
      prefix: from(...PREFIXES),
      mlflow: from(...VERSIONS),
      problem: from(null, 'stale', 'shadowed', 'bare-python'),
      language: from('python', 'R')
    })
    .map(change => someSpec(change)),
  { maxLength: 4 }
);

const inputs: fc.Arbitrary<DoctorInput> = fc
  .record({
    facts,
    kernelspecs: fc.option(specs),
    reach: from('local', 'gateway'),
    serverId: from('team', 'play', null),
    bare: fc.boolean(),
    server: from(TEAM, { ...TEAM, id: 'play', kind: 'local' as const }, null),
    serverVersion: from(...VERSIONS),
    serverNeedsLogin: from(true, false, null),
    broken: fc.boolean()
  })
  .map(({ facts: some, broken, reach, serverId, bare, ...rest }) =>
    someInput(
      // Every value is of the type that its name has; the records above are wider.
      some as Parameters<typeof someInput>[0],
      {
        reach: reach as 'local' | 'gateway',
        logs_to: { server_id: serverId },
        kernelspec: bare ? { argv: ['python'] } : {}
      },
      {
        ...rest,
        imported: broken
          ? {
              ok: false,
              error: { type: 'ImportError', message: 'no', module: null }
            }
          : null
      }
    )
  );

/** What there are two words for, by whether it is known which kernel or which version it is. */
const CAUSES: Readonly<Record<string, string>> = {
  'wrong-kernel': 'package-missing',
  'dependency-conflict': 'dependency-broken'
};

function causes(findings: ReadonlyArray<Finding>): Set<string> {
  return new Set(findings.map(({ id }) => CAUSES[id] ?? id));
}

function withFacts(
  input: DoctorInput,
  change: Partial<NonNullable<DoctorInput['facts']>>
): DoctorInput {
  const next = input.facts && { ...input.facts, ...change };
  return {
    ...input,
    facts: next,
    report: input.report && { ...input.report, facts: next }
  };
}

/** Ways of knowing less, each leaving what is known true. */
const REMOVALS: ReadonlyArray<(input: DoctorInput) => DoctorInput> = [
  input => ({ ...input, kernelspecs: null }),
  input => ({
    ...input,
    kernelspecs:
      input.kernelspecs?.map((spec): KernelspecFacts => ({
        ...spec,
        mlflow: null,
        prefix: null
      })) ?? null
  }),
  input => ({ ...input, server: null }),
  input => ({ ...input, serverVersion: null }),
  input => ({ ...input, serverNeedsLogin: null }),
  input => ({ ...input, imported: null }),
  input => ({ ...input, report: null, facts: null }),
  input => ({
    ...input,
    report: input.report && { ...input.report, logs_to: null }
  }),
  input => ({
    ...input,
    report: input.report && { ...input.report, kernelspec: null }
  }),
  input => withFacts(input, { env: {} }),
  input => withFacts(input, { packages: {} }),
  input => withFacts(input, { duplicates: [] }),
  input => withFacts(input, { pip_on_path: null }),
  input =>
    withFacts(input, {
      mlflow: {
        ...input.facts!.mlflow,
        spec: 'error',
        origin: null,
        locations: []
      }
    }),
  input =>
    withFacts(input, {
      mlflow: {
        ...input.facts!.mlflow,
        distributions: input.facts!.mlflow.distributions.map(each => ({
          ...each,
          version: null
        }))
      }
    })
];

describe('diagnose', () => {
  it('should find what it says by its own words only, each once, the worst first', () => {
    fc.assert(
      fc.property(inputs, input => {
        const found = diagnose(input);
        const ids = found.map(({ id }) => id);
        expect(FINDING_IDS).toEqual(expect.arrayContaining(ids));
        expect(new Set(ids).size).toBe(ids.length);
        const order = ['error', 'warning', 'info'];
        const ranks = found.map(({ severity }) => order.indexOf(severity));
        expect(ranks).toEqual([...ranks].sort());
        for (const { evidence, message } of found) {
          expect(evidence.length).toBeGreaterThan(0);
          // Each place of the sentence has its word, and each word its place.
          for (let i = 1; i < message.length; i++) {
            expect(message[0]).toContain(`%${i}`);
          }
          expect(message[0]).not.toContain(`%${message.length}`);
        }
      })
    );
  });

  it('should find the same again, and leave its input alone', () => {
    fc.assert(
      fc.property(inputs, input => {
        const before = JSON.stringify(input);
        expect(diagnose(input)).toEqual(diagnose(input));
        expect(JSON.stringify(input)).toBe(before);
      })
    );
  });

  it('should find nothing more where less is known', () => {
    fc.assert(
      fc.property(inputs, fc.constantFrom(...REMOVALS), (input, remove) => {
        const all = causes(diagnose(input));
        for (const cause of causes(diagnose(remove(input)))) {
          expect(all).toContain(cause);
        }
      }),
      { numRuns: 1000 }
    );
  });

  it('should say nothing of a kernel that could not be asked', () => {
    const reasons: UnknownReason[] = [
      'busy',
      'timeout',
      'aborted',
      'restarting',
      'refused',
      'shim-failed',
      'unreachable'
    ];
    fc.assert(
      fc.property(
        inputs,
        fc.constantFrom(...reasons),
        fc.constantFrom('asking', 'unknown', 'foreign', 'off' as const),
        (input, reason, state) => {
          const environment: KernelEnvironment = {
            path: 'a.ipynb',
            kernelId: 'kernel-1',
            state,
            reason: state === 'unknown' ? reason : null,
            report: input.report
          };
          const rest = { ...input, kernelName: 'work' };
          expect(diagnose(inputOf(environment, rest))).toEqual([]);
        }
      )
    );
  });

  it('should switch only to kernels that are known to have MLflow', () => {
    fc.assert(
      fc.property(inputs, input => {
        const having = (input.kernelspecs ?? [])
          .filter(({ mlflow: version }) => version !== null)
          .map(({ name }) => name);
        for (const { remedies } of diagnose(input)) {
          for (const remedy of remedies) {
            if (remedy.kind === 'switch-kernel') {
              expect(having).toContain(remedy.kernelName);
            }
          }
        }
      })
    );
  });

  it('should say nothing of Python in the browser', () => {
    const input = someInput({ mlflow: ABSENT, platform: 'emscripten' });
    expect(diagnose(input)).toEqual([]);
  });

  it('should take no more than a millisecond', () => {
    const kernelspecs = Array.from({ length: 50 }, (_, index) =>
      someSpec({ name: `spec-${index}`, prefix: `/envs/${index}` })
    );
    const input = someInput({ mlflow: ABSENT }, {}, { kernelspecs });
    const times = Array.from({ length: 200 }, () => {
      const start = performance.now();
      diagnose(input);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    expect(times[100]).toBeLessThan(1);
  });
});
