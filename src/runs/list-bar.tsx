import {
  clearIcon,
  deleteIcon,
  refreshIcon,
  settingsIcon,
  tableRowsIcon
} from '@jupyterlab/ui-components';
import { forwardRef } from 'react';
import { IconButton, Toolbar } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { CommandIDs } from './ids';
import { useRunList, useRunListView } from './list-context';
import type { ListOf } from './list-model';

/** Search field and buttons above the runs. */
export const RunListBar = forwardRef<
  HTMLInputElement,
  {
    of: ListOf;
    /** Why the text in the field cannot be searched for. */
    problem: string | null;
    onRefresh: () => void;
    onLeave: () => void;
  }
>(function RunListBar({ of, problem, onRefresh, onLeave }, input) {
  const trans = useTrans();
  const { commands } = useUi();
  const { model } = useRunList();
  const view = useRunListView(of);
  const label =
    view.stage === 'deleted'
      ? trans.__('Search deleted runs')
      : trans.__('Search runs');
  return (
    <div className="jp-mlflow-Runs-head">
      <div className="jp-mlflow-Runs-bar">
        <div className="jp-mlflow-Search">
          <input
            ref={input}
            type="search"
            className="jp-mlflow-Search-field"
            aria-label={label}
            aria-invalid={problem !== null}
            aria-describedby={
              problem === null ? undefined : 'jp-mlflow-runs-problem'
            }
            placeholder={label}
            title={trans.__(
              'Part of a name, or a filter such as metrics.loss < 0.1'
            )}
            spellCheck={false}
            value={view.search}
            onChange={event => model.set(of, { search: event.target.value })}
            onKeyDown={event => {
              if (event.key === 'ArrowDown' || event.key === 'Enter') {
                event.preventDefault();
                onLeave();
              } else if (event.key === 'Escape' && view.search !== '') {
                event.stopPropagation();
                model.set(of, { search: '' });
              }
            }}
          />
          {view.search !== '' && (
            <IconButton
              icon={clearIcon}
              label={trans.__('Clear the search')}
              className="jp-mlflow-Search-clear"
              onClick={() => model.set(of, { search: '' })}
            />
          )}
        </div>
        <Toolbar label={trans.__('Runs')}>
          <IconButton
            icon={settingsIcon}
            label={trans.__('Choose Metrics to Show')}
            pressed={view.isPicking}
            aria-expanded={view.isPicking}
            onClick={() => model.set(of, { isPicking: !view.isPicking })}
          />
          <IconButton
            icon={deleteIcon}
            label={trans.__('Show Deleted Runs')}
            pressed={view.stage === 'deleted'}
            onClick={() =>
              model.set(of, {
                stage: view.stage === 'deleted' ? 'active' : 'deleted'
              })
            }
          />
          <IconButton
            icon={refreshIcon}
            label={trans.__('Refresh Runs')}
            onClick={onRefresh}
          />
          <IconButton
            icon={tableRowsIcon}
            label={trans.__('Open Runs as Table')}
            onClick={() =>
              void commands.execute(CommandIDs.openTable, { ...of })
            }
          />
        </Toolbar>
      </div>
      {problem !== null && (
        <div
          id="jp-mlflow-runs-problem"
          className="jp-mlflow-Runs-problem"
          role="alert"
        >
          {problem}
        </div>
      )}
    </div>
  );
});
