import { useId, useState } from 'react';
import { Button } from '../../ui/buttons';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import type { CommandGroup, Commands } from './shell-words';

/** Where commands are typed. */
export type TypedIn =
  'notebook' | 'console' | 'remote-notebook' | 'remote-console';

type Way = keyof Commands;

/** Commands to copy, for those who prefer to type or have to. */
export function CommandsPane(props: {
  /** The best first. */
  groups: ReadonlyArray<CommandGroup>;
  /** What has the cells that commands are for; a notebook if not given. */
  typedIn?: TypedIn;
  /** The shell that is shown first. */
  isWindows?: boolean;
  /** Why it is not done by a button; null where it could be. */
  reason: string | null;
  /** What closing is called, where it leads back to something. */
  closeLabel?: string;
  onClose: () => void;
}): JSX.Element {
  const { groups, reason, typedIn = 'notebook' } = props;
  const trans = useTrans();
  const id = useId();
  const labels: ReadonlyArray<readonly [Way, string]> = [
    [
      'cell',
      typedIn.endsWith('console')
        ? trans.__('This console')
        : trans.__('A cell of this notebook')
    ],
    ['unix', trans.__('Linux and macOS')],
    ['windows', trans.__('Windows (PowerShell)')]
  ];
  const tabs = labels.filter(([way]) =>
    groups.some(each => linesOf(each, way).length > 0)
  );
  const shell: Way = props.isWindows ? 'windows' : 'unix';
  const [way, setWay] = useState<Way>(
    (tabs.find(
      // Where some are for a shell alone, all of them can be read there.
      ([each]) =>
        each === 'cell' &&
        groups.every(group => linesOf(group, each).length > 0)
    ) ??
      tabs.find(([each]) => each === shell) ??
      tabs[0])[0]
  );
  return (
    <div className="jp-mlflow-State">
      {reason === null ? null : (
        <div className="jp-mlflow-State-body">{reason}</div>
      )}
      {groups.length < 2 ? null : (
        <div className="jp-mlflow-State-body">
          {trans.__('One of these is enough; the first is the best.')}
        </div>
      )}
      {tabs.length < 2 ? null : (
        <div role="tablist" className="jp-mlflow-State-actions">
          {tabs.map(([each, label]) => (
            <Button
              key={each}
              role="tab"
              aria-selected={each === way}
              aria-controls={id}
              look={each === way ? 'accept' : undefined}
              onClick={() => {
                setWay(each);
              }}
            >
              {label}
            </Button>
          ))}
        </div>
      )}
      <div id={id} role={tabs.length < 2 ? undefined : 'tabpanel'}>
        <div className="jp-mlflow-State-hint">
          {whereOf(way, typedIn, trans)}
        </div>
        {groups.map(group => (
          <Group key={group.title} group={group} way={way} />
        ))}
      </div>
      <div className="jp-mlflow-State-actions">
        <Button onClick={props.onClose}>
          {props.closeLabel ?? trans.__('Close')}
        </Button>
      </div>
    </div>
  );
}

/** What is typed for one thing, which can be copied by itself. */
function Group(props: { group: CommandGroup; way: Way }): JSX.Element {
  const { group, way } = props;
  const trans = useTrans();
  const text = linesOf(group, way).join('\n');
  return (
    <section
      className="jp-mlflow-Commands-group"
      aria-label={group.title ?? trans.__('Commands')}
    >
      {group.title === null ? null : <h3>{group.title}</h3>}
      {text === '' ? (
        <div className="jp-mlflow-State-hint">
          {trans.__('This is typed into a terminal, not into a cell.')}
        </div>
      ) : (
        <>
          <pre className="jp-mlflow-State-log" tabIndex={0}>
            {text}
          </pre>
          <CopyButton
            text={text}
            label={
              group.title === null
                ? trans.__('Copy the commands')
                : trans.__('Copy the commands: %1', group.title)
            }
          />
        </>
      )}
    </section>
  );
}

function linesOf({ commands }: CommandGroup, way: Way): ReadonlyArray<string> {
  return commands[way] ?? [];
}

function whereOf(
  way: Way,
  typedIn: TypedIn,
  trans: ReturnType<typeof useTrans>
): string {
  if (way !== 'cell') {
    return trans.__('Type this into a terminal.');
  }
  switch (typedIn) {
    case 'notebook':
      return trans.__('Run this in a cell of this notebook.');
    case 'console':
      return trans.__('Run this in this console.');
    case 'remote-notebook':
      return trans.__(
        'Run this in a cell of this notebook: its kernel is on another machine, and what is installed belongs there.'
      );
    case 'remote-console':
      return trans.__(
        'Run this in this console: its kernel is on another machine, and what is installed belongs there.'
      );
  }
}
