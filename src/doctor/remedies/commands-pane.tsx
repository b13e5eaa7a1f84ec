import { useState } from 'react';
import { Button } from '../../ui/buttons';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import type { Commands } from './shell';

/** Commands to copy, for those who prefer to type or have to. */
export function CommandsPane(props: {
  commands: Commands;
  /** The tab that is shown first. */
  isWindows?: boolean;
  /** Why it is not done by a button; null where it could be. */
  reason: string | null;
  onClose: () => void;
}): JSX.Element {
  const { commands, reason } = props;
  const trans = useTrans();
  const [system, setSystem] = useState<keyof Commands>(
    props.isWindows ? 'windows' : 'unix'
  );
  const text = commands[system].join('\n');
  const tabs: ReadonlyArray<readonly [keyof Commands, string]> = [
    ['unix', trans.__('Linux and macOS')],
    ['windows', trans.__('Windows (PowerShell)')]
  ];
  return (
    <div className="jp-mlflow-State">
      {reason === null ? null : (
        <div className="jp-mlflow-State-body">{reason}</div>
      )}
      <div role="tablist" className="jp-mlflow-State-actions">
        {tabs.map(([each, label]) => (
          <Button
            key={each}
            role="tab"
            aria-selected={each === system}
            look={each === system ? 'accept' : undefined}
            onClick={() => {
              setSystem(each);
            }}
          >
            {label}
          </Button>
        ))}
        <CopyButton text={text} label={trans.__('Copy the commands')} />
      </div>
      <pre className="jp-mlflow-State-log" tabIndex={0}>
        {text}
      </pre>
      <div className="jp-mlflow-State-actions">
        <Button onClick={props.onClose}>{trans.__('Close')}</Button>
      </div>
    </div>
  );
}
