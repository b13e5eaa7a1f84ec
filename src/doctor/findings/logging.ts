import type { Finding } from '../tokens';
import { __, finding, type Known, line, mlflowVersion } from './finding';
import { mlflowRequirements } from './remedies';
import { skewsOf } from './skew-table';

/** The kernel logs somewhere else than the panel shows. */
export function logsElsewhere({ facts, report, input }: Known): Finding | null {
  const { server } = input;
  const to = report.logs_to;
  const { tracking, mlflow } = facts;
  if (
    server === null ||
    to === null ||
    to.place === null ||
    to.server_id === server.id ||
    tracking.source === 'unknown' ||
    mlflow.spec !== 'module'
  ) {
    return null;
  }
  const label = to.label || to.place;
  // Whoever chose the place knows it. Nobody chose the default one, and runs vanish there.
  const isSurprise = tracking.source === 'default' && mlflow.imported !== null;
  const canConnect =
    input.mayConnect !== false &&
    (report.reach === 'local' || server.kind === 'remote');
  return finding(
    'logs-elsewhere',
    isSurprise ? 'warning' : 'info',
    __('This notebook logs to %1. The panel shows %2.', label, server.name),
    [
      line('mlflow.get_tracking_uri()', to.uri ?? to.place),
      line('chosen by', sourceOf(tracking.source)),
      line('panel', server.uri)
    ],
    [
      to.server_id !== null || to.addable_uri !== null
        ? {
            kind: 'show-server',
            serverId: to.server_id,
            uri: to.addable_uri,
            label
          }
        : null,
      canConnect
        ? {
            kind: 'use-panel-server',
            serverId: server.id,
            name: server.name
          }
        : null
    ]
  );
}

/** As it is written in Python, which is no language of the page. */
function sourceOf(source: string): string {
  switch (source) {
    case 'variable':
      return 'MLFLOW_TRACKING_URI';
    case 'call':
      return 'mlflow.set_tracking_uri()';
    case 'us':
      return 'jupyter-mlflow';
    default:
      return 'MLflow';
  }
}

/** The server that the kernel logs to does not have what the kernel's MLflow asks of it. */
export function versionSkew({ facts, report, input }: Known): Finding | null {
  const { mlflow, tracking } = facts;
  const id = report.logs_to?.server_id ?? null;
  if (
    id === null ||
    mlflow.spec !== 'module' ||
    // Into a store the kernel writes by itself, whatever server shows it.
    tracking.place === null ||
    !/^https?:/.test(tracking.place)
  ) {
    return null;
  }
  const own = mlflow.imported?.version ?? mlflowVersion(facts);
  const theirs =
    id === input.server?.id
      ? input.serverVersion
      : (input.versions?.[id] ?? null);
  const found = skewsOf(own, theirs);
  if (own === null || theirs === null || found.length === 0) {
    return null;
  }
  const [{ what, since }] = found;
  const versions: [string, string, string] = [own, theirs, since];
  return finding(
    'version-skew',
    what === 'models' ? 'warning' : 'info',
    what === 'models'
      ? __(
          'MLflow %1 of this kernel cannot log models to its server: that has MLflow %2, and needs 3.0.',
          own,
          theirs
        )
      : __(
          'MLflow %1 of this kernel cannot log datasets or traces to its server: that has MLflow %2, and needs %3.',
          ...versions
        ),
    [
      line('mlflow', own),
      line('server', `${tracking.place} ${theirs}`),
      ...found.map(({ calls, since: first }) => line(`MLflow ${first}`, calls)),
      line('sys.prefix', facts.prefix)
    ],
    [
      { kind: 'create-environment', mlflow: theirs, packages: [] },
      { kind: 'install', packages: mlflowRequirements(theirs) }
    ]
  );
}

/** The server has refused a request without a login, and the kernel has none. */
export function credentialsMissing({
  facts,
  report,
  input
}: Known): Finding | null {
  const { server, serverNeedsLogin } = input;
  return server !== null &&
    serverNeedsLogin === true &&
    report.logs_to?.server_id === server.id &&
    facts.mlflow.spec === 'module' &&
    isWithoutLogin({ facts })
    ? withoutLogin({ facts, report, input }, 'warning')
    : null;
}

/** Whether the kernel logs to an address and has no login for it, as far as MLflow would look. */
export function isWithoutLogin({ facts }: Pick<Known, 'facts'>): boolean {
  const { place, has_credentials } = facts.tracking;
  return !has_credentials && place !== null && /^https?:\/\//.test(place);
}

export function withoutLogin(
  { facts, report, input }: Known,
  severity: 'error' | 'warning'
): Finding {
  const serverId = report.logs_to?.server_id ?? null;
  const server = input.server?.id === serverId ? input.server : null;
  const name =
    server?.name ?? report.logs_to?.label ?? facts.tracking.place ?? '';
  return finding(
    'credentials-missing',
    severity,
    __('The tracking server %1 wants a login, and this kernel has none.', name),
    [
      line('mlflow.get_tracking_uri()', facts.tracking.uri),
      'MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_TOKEN: None'
    ],
    [
      serverId !== null && input.mayConnect !== false
        ? { kind: 'use-panel-server', serverId, name }
        : null
    ]
  );
}
