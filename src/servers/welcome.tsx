import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { confirmAction } from '../ui/dialogs';
import { useSignalValue } from '../ui/signals';
import { ApiError, asProblem } from './api';
import { ServerCommandIDs } from './command-ids';
import { useServers } from './context';
import type { AfterEnvironment } from './environment-job';
import type { Problem, ServerSuggestion } from './tokens';
import { absolutePath } from './words';

function actionOf(
  suggestion: ServerSuggestion,
  trans: TranslationBundle
): string {
  switch (suggestion.kind) {
    case 'start-here':
      return trans.__('Start one here');
    case 'loopback':
      return suggestion.version === null
        ? trans.__('Use the one at %1', suggestion.label)
        : trans.__(
            'Use the one at %1 (%2)',
            suggestion.label,
            suggestion.version
          );
    default:
      return trans.__('Use %1', suggestion.label);
  }
}

function captionOf(
  suggestion: ServerSuggestion,
  trans: TranslationBundle
): string {
  const install = suggestion.needsEnvironment
    ? trans.__('MLflow is installed for it first.')
    : '';
  switch (suggestion.kind) {
    case 'start-here':
      return [trans.__('Runs are kept in %1.', suggestion.label), install]
        .filter(Boolean)
        .join(' ');
    case 'loopback':
      return trans.__('A tracking server that runs on this machine.');
    default:
      return [
        trans.__('Runs that are here already; a server is started over them.'),
        install
      ]
        .filter(Boolean)
        .join(' ');
  }
}

/** What was found and can be used with one click. */
export function Suggestions(props: {
  onInstall: (then: AfterEnvironment) => void;
  onUsed?: () => void;
  environmentText: (runs: string) => string;
}): JSX.Element | null {
  const trans = useTrans();
  const servers = useServers();
  const suggestions = useSignalValue(
    servers.changed,
    () => servers.suggestions
  );
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const use = async (suggestion: ServerSuggestion): Promise<void> => {
    setProblem(null);
    if (suggestion.needsEnvironment) {
      const sure = await confirmAction({
        title: trans.__('Install MLflow?'),
        body: props.environmentText(
          absolutePath(suggestion.label, servers.rootDir)
        ),
        action: trans.__('Install MLflow'),
        trans
      });
      if (sure) {
        props.onInstall({ addUri: suggestion.uri });
      }
      return;
    }
    setBusy(suggestion.id);
    try {
      await servers.add({ uri: suggestion.uri });
      props.onUsed?.();
    } catch (reason) {
      if (reason instanceof ApiError && reason.serverId !== null) {
        await servers.refresh();
        servers.select(reason.serverId);
        props.onUsed?.();
      } else {
        setProblem(asProblem(reason));
      }
    } finally {
      setBusy(null);
    }
  };

  return suggestions.length === 0 ? null : (
    <>
      <ul className="jp-mlflow-Offers">
        {suggestions.map(suggestion => (
          <li key={suggestion.id}>
            <Button
              className="jp-mlflow-Offer"
              disabled={busy !== null}
              aria-busy={busy === suggestion.id}
              title={
                suggestion.kind === 'start-here'
                  ? absolutePath(suggestion.label, servers.rootDir)
                  : suggestion.uri
              }
              onClick={() => void use(suggestion)}
            >
              <span className="jp-mlflow-Offer-action">
                {actionOf(suggestion, trans)}
              </span>
              <span className="jp-mlflow-Offer-caption">
                {captionOf(suggestion, trans)}
              </span>
            </Button>
          </li>
        ))}
      </ul>
      {problem ? (
        <div className="jp-mlflow-State jp-mod-error" role="alert">
          <div className="jp-mlflow-State-body">{problem.message}</div>
          {problem.hint ? (
            <div className="jp-mlflow-State-hint">{problem.hint}</div>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

/** The first panel a newcomer sees. */
export function Welcome(props: {
  onInstall: (then: AfterEnvironment) => void;
  environmentText: (runs: string) => string;
}): JSX.Element {
  const trans = useTrans();
  const { commands } = useUi();
  const servers = useServers();
  const features = useSignalValue(servers.changed, () => servers.features);
  return (
    <div className="jp-mlflow-Welcome">
      <h2 className="jp-mlflow-Welcome-title">
        {trans.__('No tracking server yet')}
      </h2>
      <p>
        {trans.__(
          'A tracking server keeps what your notebooks log with MLflow: parameters, metrics, models. It is shown here, beside them.'
        )}
      </p>
      {features.addServers ? (
        <>
          <Suggestions
            onInstall={props.onInstall}
            environmentText={props.environmentText}
          />
          <Button
            className="jp-mlflow-Offer"
            onClick={() => {
              void commands.execute(ServerCommandIDs.add);
            }}
          >
            <span className="jp-mlflow-Offer-action">
              {trans.__('Connect to a server…')}
            </span>
            <span className="jp-mlflow-Offer-caption">
              {trans.__('By its address, with a login if it has one.')}
            </span>
          </Button>
        </>
      ) : (
        <p>
          {trans.__('Ask the administrator of this Jupyter server to add one.')}
        </p>
      )}
    </div>
  );
}
