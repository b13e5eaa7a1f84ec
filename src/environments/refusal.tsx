import type { Problem } from '../servers/tokens';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';

/** Why something was not begun, and what can be done instead. */
export function RefusalPane(props: {
  problem: Problem;
  /** Null: it cannot be agreed to. */
  consentLabel: string | null;
  onConsent: () => void;
  /** Null: a new environment would not help. */
  onInstead: (() => void) | null;
  /** Shows what to type for that. */
  onCommands: (() => void) | null;
  onClose: () => void;
}): JSX.Element {
  const { problem, consentLabel, onInstead, onCommands } = props;
  const trans = useTrans();
  return (
    <div className="jp-mlflow-State" role="alert">
      <div className="jp-mlflow-State-body">{problem.message}</div>
      {problem.hint ? (
        <div className="jp-mlflow-State-hint">{problem.hint}</div>
      ) : null}
      <div className="jp-mlflow-State-actions">
        {onInstead ? (
          <Button look="accept" onClick={onInstead}>
            {trans.__('Create an environment instead')}
          </Button>
        ) : null}
        {onCommands ? (
          <Button onClick={onCommands}>
            {trans.__('Show me the commands')}
          </Button>
        ) : null}
        {consentLabel === null ? null : (
          <Button look="warn" onClick={props.onConsent}>
            {consentLabel}
          </Button>
        )}
        <Button onClick={props.onClose}>{trans.__('Close')}</Button>
      </div>
    </div>
  );
}
