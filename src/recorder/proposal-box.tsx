import { useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Recording, Target } from './answers';
import type { Rule } from './api';
import type { Proposal } from './proposal';
import { isWhole, TargetFields } from './target-fields';
import { sendText } from './words';

/** What a colleague proposes in the notebook. Where cells would be sent to is asked before anything is. */
export function ProposalBox(props: {
  proposal: Proposal;
  recording: Recording;
  isBusy: boolean;
  /** What holds from now on: what is proposed, or what holds already, and nobody is asked again. */
  onDecide: (rule: Rule) => void;
}): JSX.Element {
  const { proposal, recording } = props;
  const trans = useTrans();
  const [edited, setTarget] = useState<Target | null>(null);
  const target = edited ?? recording.target ?? recording.proposed_target;
  const isSent = proposal.send !== 'nothing';
  return (
    <form
      className="jp-mlflow-Form jp-mlflow-Recording-box"
      aria-label={trans.__('What this notebook proposes')}
      onSubmit={event => {
        event.preventDefault();
        props.onDecide({ ...proposal, target: isSent ? target : null });
      }}
    >
      <p>
        {trans.__(
          'This notebook proposes: keep on this machine: %1; send to MLflow: %2.',
          proposal.keep ? trans.__('yes') : trans.__('no'),
          sendText(proposal.send, trans)
        )}
      </p>
      {isSent && <TargetFields target={target} onTarget={setTarget} />}
      <div className="jp-mlflow-Recording-actions">
        <Button
          look="accept"
          submit
          disabled={props.isBusy || (isSent && !isWhole(target))}
        >
          {trans.__('Do so')}
        </Button>
        <Button
          disabled={props.isBusy}
          onClick={() => {
            const { keep, send } = recording;
            props.onDecide({ keep, send, target: recording.target });
          }}
        >
          {trans.__('Leave it as it is')}
        </Button>
      </div>
    </form>
  );
}
