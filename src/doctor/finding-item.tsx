import { useTrans } from '../ui/context';
import type { DoctorServices } from './context';
import { RemedyButtons } from './remedy-buttons';
import type { Finding } from './tokens';
import { sentenceOf } from './words';

/** One finding: how bad it is, what is so, what was seen and what helps. */
export function FindingItem(props: {
  services: DoctorServices;
  finding: Finding;
}): JSX.Element {
  const { services, finding } = props;
  const trans = useTrans();
  const severity = {
    error: trans.__('Problem'),
    warning: trans.__('Warning'),
    info: trans.__('Note')
  }[finding.severity];
  return (
    <li
      className={`jp-mlflow-Doctor-finding jp-mod-${finding.severity}`}
      data-mlflow-finding={finding.id}
    >
      <p>
        <strong>{severity}</strong> {sentenceOf(finding, trans)}
      </p>
      {finding.evidence.length > 0 && (
        <details>
          <summary>{trans.__('What was seen')}</summary>
          <ul className="jp-mlflow-Doctor-evidence">
            {finding.evidence.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
      <RemedyButtons
        services={services}
        finding={finding}
        remedies={finding.remedies}
        isFirstBest={finding.severity === 'error'}
      />
    </li>
  );
}
