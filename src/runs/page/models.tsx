import { loggedModelArtifacts, ArtifactTree } from '../../artifacts';
import type { ModelVersion, Run } from '../../mlflow';
import { useServers } from '../../servers';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { describeError } from '../../ui/errors';
import { useFolders, useRunPage } from './context';
import { modelsOfRun, type RunModel } from './models-of-run';
import { isRunning, useLoggedModels, useVersionsOf } from './queries';
import { Section } from './section';
import { clientOf } from '../../servers';

/** Whether a version was made from a model: MLflow 3 names the model, older ones a path among the run's files. */
function isOf(version: ModelVersion, model: RunModel): boolean {
  return version.modelId !== null
    ? version.modelId === model.modelId
    : version.source.replace(/\/+$/, '').endsWith(`/${model.name}`);
}

/** The models that a run logged, and what they are registered as; nothing where there are none. */
export function ModelsSection(props: { run: Run }): JSX.Element | null {
  const { run } = props;
  const trans = useTrans();
  const { ref } = useRunPage();
  const logged = useLoggedModels(ref, run);
  const versions = useVersionsOf(ref, run).data ?? [];
  const models = modelsOfRun(run, logged.data ?? []);
  const error = logged.data === undefined ? logged.error : null;
  if (models.length === 0 && !error) {
    return null;
  }
  return (
    <Section id="models" title={trans.__('Models')} count={models.length}>
      {error && (
        <p role="alert" className="jp-mlflow-SaveProblem">
          {trans.__(
            'The logged models could not be read: %1',
            describeError(error, trans).message
          )}
        </p>
      )}
      <ul className="jp-mlflow-Models">
        {models.map(model => (
          <li key={model.modelId ?? model.name}>
            <Model
              model={model}
              run={run}
              versions={versions.filter(version => isOf(version, model))}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Model(props: {
  model: RunModel;
  run: Run;
  versions: ReadonlyArray<ModelVersion>;
}): JSX.Element {
  const { model, run, versions } = props;
  const trans = useTrans();
  const uri = `runs:/${run.info.id}/${model.name}`;
  return (
    <>
      <div className="jp-mlflow-Inputs-head">
        <strong title={model.name}>{model.name}</strong>
        {model.flavors.map(flavor => (
          <span key={flavor} className="jp-mlflow-Chip">
            {flavor}
          </span>
        ))}
        {model.status !== '' && model.status !== 'LOGGED_MODEL_READY' && (
          <span className="jp-mlflow-Chip">{modelStatus(model.status)}</span>
        )}
        <CopyButton text={uri} label={trans.__('Copy the address %1', uri)} />
      </div>
      {versions.map(version => (
        <p
          key={`${version.name}/${version.version}`}
          className="jp-mlflow-Models-version"
        >
          {trans.__(
            'Registered as %1, version %2',
            version.name,
            version.version
          )}
        </p>
      ))}
      {model.modelId !== null && (
        <ModelFiles modelId={model.modelId} run={run} />
      )}
    </>
  );
}

/** `LOGGED_MODEL_UPLOAD_FAILED` as "upload failed"; a status that is new is told as it came. */
function modelStatus(status: string): string {
  return status
    .replace(/^LOGGED_MODEL_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
}

function ModelFiles(props: { modelId: string; run: Run }): JSX.Element {
  const { modelId, run } = props;
  const trans = useTrans();
  const servers = useServers();
  const { ref, model } = useRunPage();
  const folders = useFolders();
  const id = `model ${modelId}`;
  const isOpen = folders.has(id);
  return (
    <details
      open={isOpen}
      onToggle={event => model.setFolder(id, event.currentTarget.open)}
    >
      <summary>{trans.__('Files')}</summary>
      {isOpen && (
        <ArtifactTree
          serverId={ref.serverId}
          source={loggedModelArtifacts(
            clientOf(servers, ref.serverId),
            ref.serverId,
            ref.runId,
            modelId
          )}
          label={trans.__('Files of the model')}
          isOpen={path => folders.has(`${modelId}:${path}`)}
          onToggle={(path, open) => model.setFolder(`${modelId}:${path}`, open)}
          live={isRunning(run.info)}
          empty={trans.__('No files')}
        />
      )}
    </details>
  );
}
