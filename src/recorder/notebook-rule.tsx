import { useState } from 'react';
import { useTrans } from '../ui/context';
import { SelectField } from '../ui/fields';
import type { Recording, Target } from './answers';
import type { Rule, Scope } from './api';
import { RuleForm } from './rule-form';
import { folderOf, forMany } from './rule-words';

/** The two questions about a notebook, and for which notebooks the answers hold. */
export function NotebookRule(props: {
  recording: Recording;
  isBusy: boolean;
  onChoose: (scope: Scope, rule: Rule) => void;
}): JSX.Element {
  const { recording } = props;
  const { path } = recording;
  const trans = useTrans();
  const [scope, setScope] = useState<Scope>(
    recording.rule === 'none' ? 'notebook' : recording.rule
  );
  const here = (target: Target | null): Target | null =>
    scope === 'notebook' ? target : forMany(target, path);
  const folder = folderOf(path);
  return (
    <RuleForm
      rule={{
        keep: recording.keep,
        send: recording.send,
        target: here(recording.target)
      }}
      proposed={here(recording.proposed_target)}
      allowed={recording.allowed}
      isBusy={props.isBusy}
      onChoose={rule => {
        props.onChoose(scope, rule);
      }}
    >
      <SelectField
        label={trans.__('For')}
        value={scope}
        onText={value => {
          setScope(value as Scope);
        }}
      >
        <option value="notebook">{trans.__('this notebook')}</option>
        {(folder !== '' || recording.rule === 'folder') && (
          <option value="folder">
            {folder === ''
              ? trans.__('all notebooks, wherever they are')
              : trans.__('all notebooks in “%1”', folder)}
          </option>
        )}
        <option value="personal">{trans.__('all my notebooks')}</option>
      </SelectField>
    </RuleForm>
  );
}
