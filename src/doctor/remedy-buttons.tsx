import { Button } from '../ui/buttons';
import { type DoctorServices, remedyContext } from './context';
import type { Finding, Remedy } from './tokens';

/** What helps, as buttons; where something cannot be done here, why, and the commands to type instead. */
export function RemedyButtons(props: {
  services: DoctorServices;
  finding: Finding | null;
  remedies: ReadonlyArray<Remedy>;
  /** The first is the one thing to do. */
  isFirstBest?: boolean;
}): JSX.Element | null {
  const { services, finding, remedies, isFirstBest } = props;
  const does = services.remedies;
  if (does === null || remedies.length === 0) {
    return null;
  }
  const why = new Set<string>();
  const offered = remedies.map(remedy => {
    const refusal = does.refusal(remedy);
    if (refusal !== null) {
      why.add(refusal);
    }
    return refusal === null || remedy.kind === 'show-commands'
      ? remedy
      : ({ kind: 'show-commands', of: remedy } as const);
  });
  const labelled = new Map(
    offered
      .filter(remedy => does.refusal(remedy) === null)
      .map(remedy => [does.label(remedy), remedy])
  );
  return (
    <div className="jp-mlflow-Doctor-remedies">
      {[...labelled].map(([label, remedy], at) => (
        <Button
          key={label}
          look={isFirstBest && at === 0 ? 'accept' : undefined}
          data-mlflow-remedy={remedy.kind}
          onClick={() =>
            void does.run(remedy, remedyContext(services, finding))
          }
        >
          {label}
        </Button>
      ))}
      {[...why].map(text => (
        <p key={text} className="jp-mlflow-Doctor-note">
          {text}
        </p>
      ))}
    </div>
  );
}
