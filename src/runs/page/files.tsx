import { useMemo } from 'react';
import { ArtifactTree, runArtifacts } from '../../artifacts';
import type { Run } from '../../mlflow';
import { useServers } from '../../servers';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { useFolders, useRunPage } from './context';
import { isRunning } from './queries';
import { Section } from './section';
import { clientOf } from '../../servers';

/** The files of a run, by folder. */
export function ArtifactsSection(props: { run: Run }): JSX.Element {
  const { info, modelOutputs } = props.run;
  const trans = useTrans();
  const servers = useServers();
  const { ref, model } = useRunPage();
  const folders = useFolders();
  const source = useMemo(
    () =>
      runArtifacts(clientOf(servers, ref.serverId), ref.serverId, ref.runId),
    [servers, ref.serverId, ref.runId]
  );
  return (
    <Section
      id="artifacts"
      title={trans.__('Artifacts')}
      actions={
        info.artifactUri !== '' && (
          <CopyButton
            text={info.artifactUri}
            label={trans.__('Copy the address %1', info.artifactUri)}
          />
        )
      }
    >
      <ArtifactTree
        serverId={ref.serverId}
        source={source}
        label={trans.__('Artifacts')}
        isOpen={path => folders.has(`run:${path}`)}
        onToggle={(path, open) => model.setFolder(`run:${path}`, open)}
        live={isRunning(info)}
        empty={
          modelOutputs.length > 0
            ? trans.__(
                'No files beside the models, which keep theirs under “Models”.'
              )
            : trans.__('No files logged')
        }
      />
    </Section>
  );
}
