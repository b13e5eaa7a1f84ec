import type { KernelFacts, KernelReport } from '../../../kernel/report';
import { someFacts, someReport } from '../../../kernel/testing/reports';
import type { TrackingServer } from '../../../servers/tokens';
import type { DoctorInput, KernelspecFacts } from '../../tokens';
import { diagnose } from '../diagnose';

/** The server that the panel shows, and that a healthy kernel logs to. */
export const TEAM: TrackingServer = {
  id: 'team',
  name: 'team-mlflow',
  origin: 'user',
  kind: 'remote',
  uri: 'http://mlflow.example:5000',
  page: null,
  state: 'ready',
  problem: null,
  removable: true,
  minPollInterval: 1000,
  store: null
};

/** A kernelspec of another environment, with MLflow. */
export function someSpec(
  change: Partial<KernelspecFacts> = {}
): KernelspecFacts {
  return {
    name: 'other',
    displayName: 'Other',
    language: 'python',
    argv: ['/home/ada/envs/other/bin/python', '-m', 'ipykernel_launcher'],
    resourceDir: '/home/ada/.local/share/jupyter/kernels/other',
    executable: '/home/ada/envs/other/bin/python',
    prefix: '/home/ada/envs/other',
    problem: null,
    mlflow: '3.17.2',
    python: '3.11.7',
    ...change
  };
}

type Facts = Parameters<typeof someFacts>[0];
type Report = Parameters<typeof someReport>[0];

/** A healthy kernel, but for changes to its facts, its report and the rest. */
export function someInput(
  facts: Facts = {},
  report: Report = {},
  rest: Partial<DoctorInput> = {}
): DoctorInput {
  const whole: KernelReport = {
    ...someReport(report),
    facts: someFacts(facts)
  };
  return {
    report: whole,
    facts: whole.facts,
    kernelspecs: null,
    server: TEAM,
    serverVersion: '3.17.2',
    imported: null,
    ...rest
  };
}

/** Facts of `import mlflow` in an environment without MLflow. */
export const ABSENT: Partial<KernelFacts['mlflow']> = {
  spec: 'none',
  origin: null,
  locations: [],
  distributions: [],
  distribution_origin: null
};

/** A distribution in the environment of the healthy kernel. */
export function someDistribution(
  name: string,
  version: string | null,
  editable = false
): KernelFacts['mlflow']['distributions'][number] {
  return {
    name,
    version,
    location: '/home/ada/envs/work/lib/python3.11/site-packages',
    editable
  };
}

/** The findings as `severity id`. */
export function named(input: DoctorInput): string[] {
  return diagnose(input).map(({ id, severity }) => `${severity} ${id}`);
}
