import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { Recording } from './answers';
import type { NotebookRecording } from './notebook-recording';
import type { Proposal } from './proposal';
import { ProposalBox } from './proposal-box';
import { Refused } from './refused';
import { NotebookRule } from './notebook-rule';
import { isOn } from './words';

/** What is recorded of a notebook, and what the person can decide about it. */
export function RecordingPane(props: {
  model: NotebookRecording;
  /** What a colleague proposes in the notebook; null for nothing. */
  proposal: Proposal | null;
  onPropose: (recording: Recording) => void;
  onPreview: () => void;
  onDelete: () => void;
  /** Shows what holds for all notebooks. */
  onSettings: (recording: Recording) => void;
}): JSX.Element {
  const { model, proposal } = props;
  const trans = useTrans();
  const { recording, problem } = useSignalValue(
    model.changed,
    () => model.view
  );
  const [isBusy, setBusy] = useState(false);
  const [told, setTold] = useState('');
  const during = async (work: Promise<unknown>): Promise<void> => {
    setBusy(true);
    await work;
    setBusy(false);
  };
  return (
    <div className="jp-mlflow-Recording">
      {problem && (
        <div className="jp-mlflow-Field-error" role="alert">
          <div>{problem.message}</div>
          {problem.hint ? <div>{problem.hint}</div> : null}
        </div>
      )}
      {recording === null ? (
        <Button onClick={() => void during(model.load())} disabled={isBusy}>
          {trans.__('Try again')}
        </Button>
      ) : (
        <>
          {recording.problems.map(each => (
            <div key={each.code} className="jp-mlflow-Field-error" role="alert">
              <div>{each.message}</div>
              {each.hint ? <div>{each.hint}</div> : null}
            </div>
          ))}
          <Now recording={recording} />
          {isOn(recording) && (
            <div className="jp-mlflow-Doctor-remedies">
              <Button
                disabled={isBusy}
                onClick={() => void during(model.pause(!recording.paused))}
              >
                {recording.paused ? trans.__('Resume') : trans.__('Pause')}
              </Button>
              <Button onClick={props.onPreview}>
                {trans.__('Show what will be sent')}
              </Button>
            </div>
          )}
          {recording.refused + recording.waiting > 0 && (
            <Refused path={recording.path} />
          )}
          {proposal && (
            <ProposalBox
              proposal={proposal}
              recording={recording}
              isBusy={isBusy}
              onDecide={rule => void during(model.choose('notebook', rule))}
            />
          )}
          <NotebookRule
            // What the server says is what the form begins with.
            key={JSON.stringify([
              recording.keep,
              recording.send,
              recording.target,
              recording.rule
            ])}
            recording={recording}
            isBusy={isBusy}
            onChoose={(scope, rule) => void during(model.choose(scope, rule))}
          />
          <div className="jp-mlflow-Recording-more">
            {isOn(recording) && (
              <Button
                look="link"
                onClick={() => {
                  props.onPropose(recording);
                  setTold(
                    trans.__(
                      'The proposal stands in the notebook: save it. Whoever opens it is asked.'
                    )
                  );
                }}
              >
                {trans.__('Propose to others who open this notebook')}
              </Button>
            )}
            <Button look="link" onClick={props.onDelete}>
              {trans.__('Delete history…')}
            </Button>
            <Button
              look="link"
              onClick={() => {
                props.onSettings(recording);
              }}
            >
              {trans.__('All rules and secret words…')}
            </Button>
          </div>
          <p role="status" className="jp-mlflow-Execution-note">
            {told}
          </p>
        </>
      )}
    </div>
  );
}

/** What holds at this moment, in a sentence or two. */
function Now(props: { recording: Recording }): JSX.Element {
  const { recording } = props;
  const trans = useTrans();
  const frozen = recording.sessions.find(({ target }) => target !== null);
  return (
    <div>
      <p className="jp-mlflow-Recording-now">
        {!isOn(recording)
          ? trans.__('Nothing of this notebook is recorded.')
          : recording.paused
            ? trans.__('Paused: what runs now leaves no trace.')
            : recording.send === 'nothing'
              ? trans.__('What runs is kept on this machine. Nothing is sent.')
              : trans.__('What runs is sent to MLflow.')}
      </p>
      {frozen?.target && (
        <p className="jp-mlflow-Execution-note">
          {trans.__(
            'Until the kernel restarts, it goes to the experiment “%1”.',
            frozen.target.experiment
          )}
        </p>
      )}
      <p className="jp-mlflow-Execution-note">
        {[decidedText(recording, trans), switchedOnText(recording, trans)]
          .filter(Boolean)
          .join(' ')}
      </p>
    </div>
  );
}

/** Which rule says so, where it is not the notebook's own. */
function decidedText(
  { rule, rule_path }: Recording,
  trans: TranslationBundle
): string {
  switch (rule) {
    case 'folder':
      return rule_path
        ? trans.__('So says your rule for the folder “%1”.', rule_path)
        : trans.__('So says your rule for all folders.');
    case 'personal':
      return trans.__('So says your rule for all notebooks.');
    default:
      return '';
  }
}

function switchedOnText(
  recording: Recording,
  trans: TranslationBundle
): string {
  return recording.by !== null && isOn(recording)
    ? trans.__('Switched on by %1.', recording.by)
    : '';
}
