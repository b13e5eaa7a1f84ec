import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { type LifecycleStage } from '../../mlflow';
import { Button, Toolbar } from '../../ui/buttons';
import { copyText } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { formatInt } from '../../ui/format';
import { checkTag } from '../../ui/tags-editor';
import type { RunActions } from '../actions';
import type { RunSelection } from './selection';

/** Two fields: a tag's name and its value. */
class TagBody
  extends Widget
  implements Dialog.IBodyWidget<{ key: string; value: string }>
{
  constructor(
    trans: TranslationBundle,
    tag: { key: string; value: string },
    problem: string
  ) {
    super();
    this.addClass('jp-mlflow-AskName');
    const field = (
      input: HTMLInputElement,
      text: string,
      value: string
    ): HTMLLabelElement => {
      const label = document.createElement('label');
      label.textContent = text;
      input.className = 'jp-mod-styled';
      input.value = value;
      label.append(input);
      return label;
    };
    const alert = document.createElement('p');
    alert.className = 'jp-mlflow-AskName-problem';
    alert.setAttribute('role', 'alert');
    alert.textContent = problem;
    this.node.append(
      field(this._key, trans.__('Name'), tag.key),
      field(this._value, trans.__('Value'), tag.value),
      alert
    );
  }

  getValue(): { key: string; value: string } {
    return { key: this._key.value.trim(), value: this._value.value };
  }

  private readonly _key = document.createElement('input');
  private readonly _value = document.createElement('input');
}

/** Asks for a tag until it is one that MLflow takes. @returns null when cancelled. */
async function askTag(
  count: number,
  maxValue: number | undefined,
  trans: TranslationBundle
): Promise<{ key: string; value: string } | null> {
  let tag = { key: '', value: '' };
  let problem = '';
  for (;;) {
    const result = await showDialog({
      title: trans._n('Tag the run', 'Tag %1 runs', count, count),
      body: new TagBody(trans, tag, problem),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Set tag') })
      ],
      focusNodeSelector: 'input'
    });
    if (!result.button.accept || result.value === null) {
      return null;
    }
    tag = result.value;
    // Runs may have the tag already: then it is set anew.
    problem = checkTag(tag, () => false, maxValue, trans) ?? '';
    if (problem === '') {
      return tag;
    }
  }
}

/** What can be done with the ticked runs. */
export function BulkBar(props: {
  serverId: string;
  stage: LifecycleStage;
  selection: RunSelection;
  actions: RunActions;
  maxTagLength: number | undefined;
}): JSX.Element {
  const { serverId, selection, actions, stage } = props;
  const trans = useTrans();
  const runIds = [...selection.ids];
  const refs = { serverId, runIds };
  const gone = (done: Promise<ReadonlyArray<string>>): void =>
    void done.then(ids => selection.remove(ids));
  const tag = async (): Promise<void> => {
    const asked = await askTag(runIds.length, props.maxTagLength, trans);
    if (asked !== null) {
      await actions.setTag(refs, asked.key, asked.value);
    }
  };
  return (
    <Toolbar
      label={trans.__('Selected runs')}
      className="jp-mlflow-RunTable-bulk"
    >
      <span role="status">
        {trans._n(
          '1 run selected',
          '%2 runs selected',
          runIds.length,
          formatInt(runIds.length)
        )}
      </span>
      {stage === 'active' ? (
        <>
          <Button onClick={() => void tag()}>{trans.__('Tag…')}</Button>
          <Button onClick={() => gone(actions.delete(refs))}>
            {trans.__('Delete…')}
          </Button>
        </>
      ) : (
        <Button onClick={() => gone(actions.restore(refs))}>
          {trans.__('Restore')}
        </Button>
      )}
      <Button onClick={() => void copyText(runIds.join('\n'))}>
        {trans.__('Copy ids')}
      </Button>
      <Button look="link" onClick={() => selection.setAll(false)}>
        {trans.__('Clear selection')}
      </Button>
    </Toolbar>
  );
}
