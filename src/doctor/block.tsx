import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { DoctorServices } from './context';
import { ExperimentNote } from './experiment-note';
import { FindingItem } from './finding-item';
import { mlflowVersion } from './findings/finding';
import { RemedyButtons } from './remedy-buttons';
import { KernelSwitches } from './switches';
import type { DoctorView } from './model';
import type { Finding } from './tokens';
import { sentenceOf } from './words';

/** Everything about one kernel: where it logs, what it is, what is wrong and what helps. */
export function DoctorBlock(props: { services: DoctorServices }): JSX.Element {
  const { services } = props;
  const { doctor } = services;
  const trans = useTrans();
  const view = useSignalValue(doctor.changed, () => doctor.view);
  const { environment, findings } = view;
  const facts = environment.report?.facts ?? null;
  const elsewhere = findings.find(({ id }) => id === 'logs-elsewhere') ?? null;
  const others = findings.filter(each => each !== elsewhere);
  return (
    <div className="jp-mlflow-Doctor" data-state={view.mark.state}>
      <WhereItLogs services={services} view={view} finding={elsewhere} />
      {environment.report?.notebook?.server_id && (
        <div className="jp-mlflow-Doctor-place">
          <p>
            {trans.__(
              'New kernels of this notebook log to the server that was chosen for it.'
            )}
          </p>
          <RemedyButtons
            services={services}
            finding={null}
            remedies={[{ kind: 'forget-server' }]}
          />
        </div>
      )}
      <ExperimentNote
        services={services}
        name={environment.report?.notebook?.experiment ?? null}
      />
      {view.mark.state === 'unknown' && (
        <p className="jp-mlflow-Doctor-note">{view.mark.text}</p>
      )}
      {others.length > 0 && (
        <ul
          className="jp-mlflow-Doctor-findings"
          aria-label={trans.__('Findings')}
        >
          {others.map(finding => (
            <FindingItem
              key={finding.id}
              services={services}
              finding={finding}
            />
          ))}
        </ul>
      )}
      <KernelFactsList view={view} />
      {environment.state === 'known' &&
        environment.kernelId !== null &&
        facts?.mlflow.spec === 'module' && (
          <KernelSwitches
            services={services}
            kernelId={environment.kernelId}
            facts={facts}
          />
        )}
      <div className="jp-mlflow-Doctor-remedies">
        <Button
          disabled={view.isChecking || environment.kernelId === null}
          onClick={() => void doctor.check()}
        >
          {view.isChecking ? trans.__('Checking…') : trans.__('Check again')}
        </Button>
        {environment.state === 'known' && (
          <RemedyButtons
            services={services}
            finding={null}
            remedies={[{ kind: 'check-thoroughly' }]}
          />
        )}
      </div>
    </div>
  );
}

function WhereItLogs(props: {
  services: DoctorServices;
  view: DoctorView;
  finding: Finding | null;
}): JSX.Element | null {
  const { services, view, finding } = props;
  const trans = useTrans();
  const { state, report } = view.environment;
  const to = state === 'known' ? (report?.logs_to ?? null) : null;
  if (finding === null) {
    const place = to?.label || to?.place;
    // What only has the name of MLflow says of no place.
    return !place || report?.facts?.mlflow.spec !== 'module' ? null : (
      <p className="jp-mlflow-Doctor-place">
        {services.notebook() === null
          ? trans.__('This console logs to %1.', place)
          : trans.__('This notebook logs to %1.', place)}
      </p>
    );
  }
  return (
    <div className="jp-mlflow-Doctor-place" data-mlflow-finding={finding.id}>
      <p>
        {services.notebook() === null
          ? trans.__(
              'This console logs to %1. The panel shows %2.',
              ...finding.message.slice(1)
            )
          : sentenceOf(finding, trans)}
      </p>
      <RemedyButtons
        services={services}
        finding={finding}
        remedies={finding.remedies}
      />
    </div>
  );
}

function KernelFactsList(props: { view: DoctorView }): JSX.Element | null {
  const trans = useTrans();
  const { report, state } = props.view.environment;
  const facts = report?.facts ?? null;
  if (report === null || state === 'foreign' || state === 'off') {
    return null;
  }
  const version = facts === null ? null : mlflowVersion(facts);
  const rows: ReadonlyArray<readonly [string, string | null]> = [
    [trans.__('Kernel'), report.kernelspec?.display_name ?? report.name],
    [trans.__('Interpreter'), facts?.executable ?? null],
    [trans.__('Python'), facts?.python ?? null],
    [
      trans.__('MLflow'),
      facts === null ? null : (version ?? trans.__('not installed'))
    ]
  ];
  return (
    <dl className="jp-mlflow-Doctor-facts">
      {rows
        .filter(row => row[1] !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
