import { nullTranslator } from '@jupyterlab/translation';
import type {
  KernelEnvironment,
  KernelState,
  UnknownReason
} from '../../kernel/tokens';
import { someReport } from '../../kernel/testing/reports';
import type { Severity } from '../tokens';
import { finding } from './finding';
import { markOf } from './mark';

const trans = nullTranslator.load('jupyter_mlflow');

function inState(
  state: KernelState,
  reason: UnknownReason | null = null
): KernelEnvironment {
  const report = state === 'known' ? someReport() : null;
  return { path: 'a.ipynb', kernelId: 'kernel-1', state, reason, report };
}

function some(...severities: Severity[]) {
  return severities.map(severity => finding('skinny', severity, ['…'], [], []));
}

describe('markOf', () => {
  it.each([
    ['known', null, [], 'healthy', 'MLflow ✓'],
    ['known', null, ['info', 'info'], 'healthy', 'MLflow ✓'],
    ['known', null, ['error', 'info'], 'attention', 'MLflow: 1 problem'],
    ['known', null, ['error', 'warning'], 'attention', 'MLflow: 2 problems'],
    ['unknown', 'busy', [], 'unknown', 'MLflow: not checked (kernel busy)'],
    ['unknown', 'dead', [], 'unknown', 'MLflow: not checked (kernel dead)'],
    ['unknown', 'shim-failed', [], 'unknown', 'MLflow: not checked'],
    ['asking', null, [], 'unknown', 'MLflow: checking…'],
    ['none', null, [], 'none', ''],
    ['none', null, ['error'], 'attention', 'MLflow: 1 problem'],
    ['foreign', null, ['error'], 'none', ''],
    ['off', null, [], 'none', '']
  ] as const)(
    'should be, %s (%s) with %j: %s, %j',
    (state, reason, severities, mark, text) => {
      expect(
        markOf(inState(state, reason), some(...severities), trans)
      ).toEqual({ state: mark, text });
    }
  );

  it('should not call healthy what could not be found', () => {
    const environment = {
      ...inState('known'),
      report: someReport({ facts: { mlflow: { spec: 'error' } } })
    };
    expect(markOf(environment, [], trans).state).toBe('unknown');
    expect(markOf(null, [], trans).state).toBe('none');
  });
});
