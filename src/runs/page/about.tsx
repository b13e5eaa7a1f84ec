import type { ReactNode } from 'react';
import type { Run } from '../../mlflow';
import { Button } from '../../ui/buttons';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { runStatusText, StatusIcon } from '../../ui/status';
import { Duration, Time } from '../../ui/time';
import { useRunPage } from './context';
import { MadeBy, useCellOrigin } from './made-by';
import { isRunning, useExperimentOf, useOtherRun } from './queries';
import { Section } from './section';

/** Who really ran it: on hubs every run's user is "jovyan" or "root". */
function userOf(run: Run): string {
  return (
    run.tags.get('jupyter.user') ||
    run.info.userId ||
    run.tags.get('mlflow.user') ||
    ''
  );
}

function Fact(props: {
  name: string;
  copy?: { text: string; label: string };
  /** Stands below. */
  note?: string;
  children: ReactNode;
}): JSX.Element {
  return (
    <>
      <dt>{props.name}</dt>
      <dd className={props.note && 'jp-mod-noted'}>
        {props.children}
        {props.copy && (
          <CopyButton text={props.copy.text} label={props.copy.label} />
        )}
        {props.note && (
          <span className="jp-mlflow-Facts-note">{props.note}</span>
        )}
      </dd>
    </>
  );
}

/** What a run is: when, by whom, from what, and where it belongs. */
export function AboutSection(props: { run: Run }): JSX.Element {
  const { run } = props;
  const { info, tags } = run;
  const trans = useTrans();
  const { ref, actions, showExperiment } = useRunPage();
  const experiment = useExperimentOf(ref.serverId, info.experimentId);
  const parentId = tags.get('mlflow.parentRunId') ?? null;
  const parent = useOtherRun(ref.serverId, parentId);
  const source = tags.get('mlflow.source.name') ?? '';
  const isNotebook = tags.get('mlflow.source.type') === 'NOTEBOOK';
  const commit =
    tags.get('mlflow.source.git.commit') ||
    tags.get('jupyter.git.commit') ||
    '';
  const isDirty = tags.get('jupyter.git.dirty') === 'true';
  const origin = useCellOrigin(run);
  const user = userOf(run);

  return (
    <Section id="about" title={trans.__('About this run')}>
      <dl className="jp-mlflow-Facts">
        <Fact name={trans.__('Status')}>
          <StatusIcon status={info.status} />
          {/* The icon has the words for screen readers. */}
          <span aria-hidden>{runStatusText(info.status, trans)}</span>
        </Fact>
        <Fact name={trans.__('Started')}>
          <Time time={info.startTime} />
        </Fact>
        {info.endTime !== null && (
          <Fact name={trans.__('Ended')}>
            <Time time={info.endTime} />
          </Fact>
        )}
        <Fact name={trans.__('Duration')}>
          <Duration
            start={info.startTime}
            end={info.endTime}
            running={isRunning(info)}
          />
        </Fact>
        {user !== '' && (
          <Fact name={trans.__('User')}>
            <span className="jp-mlflow-Facts-text" title={user}>
              {user}
            </span>
          </Fact>
        )}
        {origin !== null && (
          <Fact name={trans.__('Made by')}>
            <MadeBy origin={origin} />
          </Fact>
        )}
        {source !== '' && !(isNotebook && origin !== null) && (
          <Fact
            name={isNotebook ? trans.__('Notebook') : trans.__('Source')}
            copy={{ text: source, label: trans.__('Copy the source') }}
          >
            <span className="jp-mlflow-Facts-text" title={source}>
              {source.slice(source.replace(/\/+$/, '').lastIndexOf('/') + 1)}
            </span>
          </Fact>
        )}
        {commit !== '' && (
          <Fact
            name={trans.__('Git commit')}
            copy={{ text: commit, label: trans.__('Copy the commit') }}
            note={isDirty ? trans.__('with uncommitted changes') : undefined}
          >
            <code title={commit}>{commit.slice(0, 10)}</code>
          </Fact>
        )}
        <Fact name={trans.__('Experiment')}>
          <Button
            look="link"
            className="jp-mlflow-Facts-text"
            title={experiment.data?.name}
            onClick={() => showExperiment(info.experimentId)}
          >
            {experiment.data?.name ?? info.experimentId}
          </Button>
        </Fact>
        {parentId !== null && (
          <Fact name={trans.__('Parent run')}>
            <Button
              look="link"
              className="jp-mlflow-Facts-text"
              title={parent.data?.info.name ?? parentId}
              onClick={() =>
                actions.open({ serverId: ref.serverId, runId: parentId })
              }
            >
              {parent.data?.info.name || parentId}
            </Button>
          </Fact>
        )}
        <Fact
          name={trans.__('Run ID')}
          copy={{ text: info.id, label: trans.__('Copy the run ID') }}
        >
          <code title={info.id}>{info.id}</code>
        </Fact>
      </dl>
    </Section>
  );
}
