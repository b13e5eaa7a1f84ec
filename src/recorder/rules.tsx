import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useServers } from '../servers';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { ErrorState, LoadingState } from '../ui/states';
import type { Allowed, Target } from './answers';
import type { Rule, WhichRule } from './api';
import { useRecorder } from './context';
import { RuleForm } from './rule-form';
import { ruleText } from './rule-words';

const KEY = ['recorder', 'rules'];

interface ListedRule {
  /** Tells it from the others. */
  readonly id: string;
  readonly which: WhichRule;
  /** What it is for, in words. */
  readonly name: string;
  readonly rule: Rule;
}

/** All answers of the person to the two questions: for everything, for folders, for notebooks. */
export function Rules(props: {
  allowed: Allowed;
  /** Where cells can be sent to; null where no server is known. */
  proposed: Target | null;
}): JSX.Element {
  const { api } = useRecorder();
  const trans = useTrans();
  const client = useQueryClient();
  const [open, setOpen] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: KEY,
    retry: false,
    queryFn: ({ signal }) => api.rules(signal)
  });
  if (isPending) {
    return <LoadingState label={trans.__('Loading the rules')} />;
  }
  if (error) {
    const { message, hint } = asProblem(error);
    return (
      <ErrorState
        title={trans.__('The rules could not be read')}
        message={message}
        hint={hint}
      >
        <Button onClick={() => void refetch()}>{trans.__('Try again')}</Button>
      </ErrorState>
    );
  }
  const change = async (which: WhichRule, rule: Rule | null) => {
    setProblem(null);
    try {
      client.setQueryData(KEY, await api.changeRule(which, rule));
      setOpen(null);
    } catch (reason) {
      const { message, hint } = asProblem(reason);
      setProblem(`${message} ${hint}`.trim());
    }
  };
  const listed: ListedRule[] = [
    ...(data.personal
      ? [
          {
            id: 'personal',
            which: { scope: 'personal' } as const,
            name: trans.__('All my notebooks'),
            rule: data.personal
          }
        ]
      : []),
    ...Object.entries(data.folders).map(([folder, rule]) => ({
      id: `folder ${folder}`,
      which: { scope: 'folder', folder } as const,
      name:
        folder === ''
          ? trans.__('All notebooks, wherever they are')
          : trans.__('Notebooks in “%1”', folder),
      rule
    })),
    ...data.notebooks.map(({ id, path, ...rule }) => ({
      id,
      which: { scope: 'notebook', id } as const,
      name: path ?? trans.__('A notebook that is gone'),
      rule
    }))
  ];
  return (
    <section className="jp-mlflow-Recording">
      <h2>{trans.__('Rules')}</h2>
      <p className="jp-mlflow-Execution-note">
        {listed.length === 0
          ? trans.__('Nothing is recorded until you choose so in a notebook.')
          : trans.__(
              'A notebook’s own rule counts first, then that of the nearest folder, then the one for all.'
            )}
      </p>
      <ul aria-label={trans.__('Rules')}>
        {listed.map(each => (
          <li key={each.id} className="jp-mlflow-Recording-rule">
            {open === each.id ? (
              <>
                <b>{each.name}</b>
                <RuleForm
                  rule={each.rule}
                  proposed={props.proposed}
                  allowed={props.allowed}
                  isBusy={false}
                  onChoose={rule => void change(each.which, rule)}
                  onCancel={() => {
                    setOpen(null);
                  }}
                />
              </>
            ) : (
              <RuleLine
                listed={each}
                onChange={() => {
                  setOpen(each.id);
                }}
                onRemove={() => void change(each.which, null)}
              />
            )}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p className="jp-mlflow-Field-error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function RuleLine(props: {
  listed: ListedRule;
  onChange: () => void;
  onRemove: () => void;
}): JSX.Element {
  const { name, rule } = props.listed;
  const trans = useTrans();
  const servers = useServers();
  const server = useSignalValue(servers.changed, () =>
    servers.servers.find(({ id }) => id === rule.target?.server_id)
  );
  return (
    <>
      <div>
        <b>{name}</b>
        <div className="jp-mlflow-Execution-note">
          {ruleText(
            rule,
            server?.name ?? trans.__('a server that is not in the list'),
            trans
          )}
        </div>
      </div>
      <div className="jp-mlflow-Recording-ruleActions">
        <Button
          aria-label={trans.__('Change the rule: %1', name)}
          onClick={props.onChange}
        >
          {trans.__('Change')}
        </Button>
        <Button
          aria-label={trans.__('Remove the rule: %1', name)}
          onClick={props.onRemove}
        >
          {trans.__('Remove')}
        </Button>
      </div>
    </>
  );
}
