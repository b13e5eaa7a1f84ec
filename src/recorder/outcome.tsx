import { useTrans } from '../ui/context';
import { StatusMark, type StatusShape } from '../ui/status';
import type { Outcome } from './answers';
import { outcomeText } from './words';

const SHAPES: Readonly<Record<Outcome, StatusShape>> = {
  ok: 'FINISHED',
  error: 'FAILED',
  interrupted: 'INTERRUPTED',
  killed: 'KILLED',
  running: 'RUNNING',
  unknown: 'UNKNOWN'
};

/** Colours of a run's status that mean the same. */
const LOOKS: Readonly<Record<Outcome, string>> = {
  ok: 'finished',
  error: 'failed',
  interrupted: 'killed',
  killed: 'killed',
  running: 'running',
  unknown: 'unknown'
};

/** How a cell ended, as an icon that screen readers can read. */
export function OutcomeIcon(props: { outcome: Outcome }): JSX.Element {
  const { outcome } = props;
  return (
    <StatusMark
      shape={SHAPES[outcome]}
      look={LOOKS[outcome]}
      text={outcomeText(outcome, useTrans())}
    />
  );
}
