import type { Finding } from '../tokens';
import { __, finding, type Known, line, mlflowVersion } from './finding';
import { mlflowRequirements } from './remedies';
import { majorOf, releaseOf } from './versions';

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

/** The versions of the kernel's MLflow and of the server that it logs to are a major version apart. */
export function versionSkew({ facts, report, input }: Known): Finding | null {
  const { server, serverVersion } = input;
  const version = facts.mlflow.imported?.version ?? mlflowVersion(facts);
  const own = majorOf(version);
  const theirs = majorOf(serverVersion);
  if (
    server === null ||
    report.logs_to?.server_id !== server.id ||
    facts.mlflow.spec !== 'module' ||
    own === null ||
    theirs === null ||
    own === theirs
  ) {
    return null;
  }
  const isNewer = own > theirs;
  return finding(
    'version-skew',
    isNewer ? 'warning' : 'info',
    isNewer
      ? __(
          'This kernel’s MLflow %1 is newer than the server’s %2: what the server does not know yet fails, such as logging models.',
          version ?? '',
          serverVersion ?? ''
        )
      : __(
          'This kernel’s MLflow %1 is older than the server’s %2: runs are logged, without what is new.',
          version ?? '',
          serverVersion ?? ''
        ),
    [
      line('mlflow', version),
      line('server', `${server.uri} ${serverVersion}`),
      line('sys.prefix', facts.prefix)
    ],
    [
      {
        kind: 'create-environment',
        mlflow: releaseOf(serverVersion) === null ? null : serverVersion,
        packages: []
      },
      releaseOf(serverVersion) !== null
        ? { kind: 'install', packages: mlflowRequirements(serverVersion) }
        : null
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
