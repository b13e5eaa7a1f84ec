import type { KernelFacts } from '../../kernel/report';
import type { Finding } from '../tokens';
import { diagnose } from './diagnose';
import { someInput, someSpec } from './testing/inputs';

/** This machine's kernelspec of the same name: stale, hidden, of the same folders, and with MLflow. */
const HERE = [
  someSpec({ name: 'python3', problem: 'stale' }),
  someSpec({ name: 'python3', problem: 'shadowed' }),
  someSpec({ name: 'python3', problem: 'bare-python' })
];

/** What a kernel behind a gateway can have, by what it says. */
const SAID: Record<string, Partial<KernelFacts>> = {
  healthy: {},
  'without MLflow': {
    mlflow: {
      spec: 'none',
      origin: null,
      locations: [],
      error: null,
      distributions: [],
      distribution_origin: null,
      imported: null
    }
  },
  'with a file in its place': {
    mlflow: {
      spec: 'module',
      origin: '/home/ada/work/mlflow.py',
      locations: [],
      error: null,
      distributions: [
        {
          name: 'mlflow',
          version: '3.17.2',
          location: '/opt/env/lib',
          editable: false
        }
      ],
      distribution_origin: '/opt/env/lib/mlflow/__init__.py',
      imported: null
    }
  },
  'with a folder in its place': {
    mlflow: {
      spec: 'namespace',
      origin: null,
      locations: ['/home/ada/work/mlflow'],
      error: null,
      distributions: [],
      distribution_origin: null,
      imported: null
    }
  },
  'with another VIRTUAL_ENV': {
    env: {
      VIRTUAL_ENV: '/home/ada/envs/other',
      CONDA_PREFIX: null,
      CONDA_DEFAULT_ENV: null,
      PYTHONPATH: null
    }
  }
};

/** What acts on the machine of the Jupyter server. */
const ACTS_HERE = new Set([
  'install',
  'create-environment',
  'register-kernel',
  'repair-kernel',
  'remove-kernel',
  'rename-file'
]);

function findingsOf(said: Partial<KernelFacts>): Finding[] {
  return diagnose(
    someInput(
      said,
      { reach: 'gateway', name: 'python3' },
      { kernelspecs: HERE }
    )
  );
}

describe('a kernel behind a gateway', () => {
  it.each(Object.keys(SAID))(
    'should be offered nothing that acts on this machine: %s',
    name => {
      const findings = findingsOf(SAID[name]);
      // To type what makes an environment helps no more than to press a button for it.
      const kinds = findings.flatMap(({ remedies }) =>
        remedies.map(each =>
          each.kind === 'show-commands' && each.of.kind !== 'install'
            ? each.of.kind
            : (each.kind as string)
        )
      );
      expect(kinds.filter(kind => ACTS_HERE.has(kind))).toEqual([]);
      expect(findings.map(({ id }) => id)).toContain('kernel-remote');
    }
  );

  it('should be told what to run in it where MLflow is missing', () => {
    const of = { kind: 'install', packages: ['mlflow==3.17.2'] };
    const byHand = [{ kind: 'show-commands', of }];
    expect(
      findingsOf(SAID['without MLflow']).map(({ id, remedies }) => [
        id,
        remedies
      ])
    ).toEqual([
      ['package-missing', byHand],
      ['kernel-remote', byHand]
    ]);
  });

  it('should hear nothing of the kernelspecs of this machine', () => {
    const ids = findingsOf({}).map(({ id }) => id);
    expect(ids).toEqual(['kernel-remote']);
  });

  it('should still hear that a file of its own stands in the way', () => {
    const ids = findingsOf(SAID['with a file in its place']).map(
      ({ id }) => id
    );
    expect(ids).toContain('shadowed-by-file');
  });
});
