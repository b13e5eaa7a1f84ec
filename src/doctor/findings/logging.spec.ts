import { diagnose } from './diagnose';
import {
  ABSENT,
  named,
  someDistribution,
  someInput,
  TEAM
} from './testing/inputs';

const ORIGIN =
  '/home/ada/envs/work/lib/python3.11/site-packages/mlflow/__init__.py';
const FILE = {
  uri: null,
  place: '/home/ada/notebooks/mlruns',
  label: './mlruns',
  source: 'default',
  server_id: null,
  addable_uri: 'file:///home/ada/notebooks/mlruns'
};
const DEFAULT = {
  uri: null,
  source: 'default' as const,
  place: '/home/ada/notebooks/mlruns'
};

describe('logs-elsewhere', () => {
  it('should warn where MLflow is used and nobody chose the place', () => {
    const [finding] = diagnose(
      someInput(
        {
          tracking: DEFAULT,
          mlflow: { imported: { version: '3.17.2', file: ORIGIN } }
        },
        { logs_to: FILE }
      )
    );
    expect(finding).toMatchObject({
      id: 'logs-elsewhere',
      severity: 'warning',
      // The first is the safe one: nothing in the kernel changes.
      remedies: [
        {
          kind: 'show-server',
          serverId: null,
          uri: 'file:///home/ada/notebooks/mlruns',
          label: './mlruns'
        },
        { kind: 'use-panel-server', serverId: 'team', name: 'team-mlflow' }
      ]
    });
    expect(finding.message.slice(1)).toEqual(['./mlruns', 'team-mlflow']);
  });

  it('should only mention it before MLflow is used, or where the place was chosen', () => {
    expect(named(someInput({ tracking: DEFAULT }, { logs_to: FILE }))).toEqual([
      'info logs-elsewhere'
    ]);
    expect(
      named(
        someInput(
          { mlflow: { imported: { version: '3.17.2', file: ORIGIN } } },
          { logs_to: { server_id: 'play' } }
        )
      )
    ).toEqual(['info logs-elsewhere']);
  });

  it('should not offer a server that the kernel cannot reach', () => {
    const findings = diagnose(
      someInput(
        { tracking: DEFAULT },
        { logs_to: FILE, reach: 'gateway' },
        { server: { ...TEAM, kind: 'local' } }
      )
    );
    expect(
      findings.find(({ id }) => id === 'logs-elsewhere')?.remedies
    ).toEqual([expect.objectContaining({ kind: 'show-server' })]);
  });

  it.each([
    ['it logs to the panel’s server', {}, {}, {}],
    [
      'the panel shows none',
      { tracking: DEFAULT },
      { logs_to: FILE },
      { server: null }
    ],
    [
      'the place is not known',
      { tracking: { ...DEFAULT, place: null } },
      { logs_to: { ...FILE, place: null } },
      {}
    ],
    ['nothing is known of it', {}, { logs_to: null }, {}]
  ])('should say nothing where %s', (_, facts, report, rest) => {
    expect(named(someInput(facts, report, rest))).toEqual([]);
  });

  it('should say nothing where there is no MLflow to log with', () => {
    expect(
      named(someInput({ mlflow: ABSENT, tracking: DEFAULT }, { logs_to: FILE }))
    ).toEqual(['error package-missing']);
  });
});

describe('version-skew', () => {
  /** A kernel of this version, logging to `id` of that version. */
  const skew = (own: string, theirs: string | null, id = 'team') =>
    someInput(
      { mlflow: { distributions: [someDistribution('mlflow', own)] } },
      { logs_to: { server_id: id } },
      id === 'team'
        ? { serverVersion: theirs }
        : { versions: theirs === null ? {} : { [id]: theirs } }
    );

  // As they were tried with each other: findings/skew-table.ts.
  it.each([
    ['3.17.2', '2.22.2', 'warning version-skew'],
    ['3.17.2', '2.3.2', 'warning version-skew'],
    ['3.0.1', '2.22.2', 'warning version-skew'],
    ['3.0.1', '2.3.2', 'warning version-skew'],
    ['2.22.2', '2.3.2', 'info version-skew']
  ])('should say what certainly fails of %s to %s', (own, theirs, found) => {
    expect(named(skew(own, theirs))).toEqual([found]);
  });

  it.each([
    ['2.3.2', '2.22.2'],
    ['2.3.2', '3.0.1'],
    ['2.3.2', '3.17.2'],
    ['2.22.2', '3.0.1'],
    ['2.22.2', '3.17.2'],
    ['3.0.1', '3.17.2'],
    ['3.17.2', '3.0.1'],
    ['3.17.2', '3.17.2'],
    ['2.3.2', '2.3.2'],
    ['3.17.2', null],
    ['3.17.2', 'main'],
    ['3.0.0rc1', '2.3.2']
  ])('should say nothing of %s to %s', (own, theirs) => {
    expect(named(skew(own, theirs))).toEqual([]);
  });

  it('should say which versions, what fails, and what fits', () => {
    const [finding] = diagnose(skew('3.17.2', '2.3.2'));
    expect(finding.message.slice(1)).toEqual(['3.17.2', '2.3.2']);
    expect(finding.evidence.join()).toContain('MLflow 3.0: log_model()');
    expect(finding.remedies).toMatchObject([
      { kind: 'create-environment', mlflow: '2.3.2' },
      { kind: 'install' },
      { kind: 'show-commands' }
    ]);
  });

  it('should compare with the server that the kernel logs to, shown or not', () => {
    expect(named(skew('3.17.2', '2.3.2', 'play'))).toContain(
      'warning version-skew'
    );
    expect(named(skew('3.17.2', null, 'play'))).toEqual([
      'info logs-elsewhere'
    ]);
    expect(
      named({ ...skew('3.17.2', '3.17.2', 'play'), serverVersion: '2.3.2' })
    ).toEqual(['info logs-elsewhere']);
  });

  it('should say nothing of a store that the kernel writes itself', () => {
    const input = someInput(
      { tracking: { place: 'sqlite:////home/ada/mlflow.db' } },
      {},
      { serverVersion: '2.3.2' }
    );
    expect(named(input)).toEqual([]);
  });
});

describe('credentials-missing', () => {
  const without = { tracking: { has_credentials: false } };

  it('should warn where the server refuses and the kernel has no login', () => {
    const [finding] = diagnose(
      someInput(without, {}, { serverNeedsLogin: true })
    );
    expect(finding).toMatchObject({
      id: 'credentials-missing',
      severity: 'warning',
      remedies: [
        { kind: 'use-panel-server', serverId: 'team', name: 'team-mlflow' }
      ]
    });
  });

  it.each([
    ['the kernel has one', {}, {}, { serverNeedsLogin: true }],
    ['it is not known whether one is needed', without, {}, {}],
    ['none is needed', without, {}, { serverNeedsLogin: false }],
    [
      'the kernel logs to a file',
      { tracking: { ...without.tracking, place: '/mlruns' } },
      {},
      { serverNeedsLogin: true }
    ]
  ])('should say nothing where %s', (_, facts, report, rest) => {
    expect(named(someInput(facts, report, rest))).toEqual([]);
  });
});
