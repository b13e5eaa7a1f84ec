import {
  addIcon,
  clearIcon,
  deleteIcon,
  filterListIcon
} from '@jupyterlab/ui-components';
import { Menu } from '@lumino/widgets';
import { forwardRef, type MouseEvent } from 'react';
import { IconButton, Toolbar } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { detailsIcon } from '../ui/icons';
import { SORT_FIELDS } from './arrangement';
import { useExperiments, useExperimentsView } from './context';
import { CommandIDs } from './ids';

/** Search field and buttons above the list. */
export const ExperimentsBar = forwardRef<
  HTMLInputElement,
  { serverId: string; onLeave: () => void }
>(function ExperimentsBar({ serverId, onLeave }, input) {
  const trans = useTrans();
  const { commands } = useUi();
  const { model, actions } = useExperiments();
  const { search, stage, details } = useExperimentsView();
  const label =
    stage === 'deleted'
      ? trans.__('Search deleted experiments')
      : trans.__('Search experiments');

  const openMenu = (event: MouseEvent<HTMLElement>): void => {
    const menu = new Menu({ commands });
    for (const by of SORT_FIELDS) {
      menu.addItem({ command: CommandIDs.sort, args: { by } });
    }
    menu.aboutToClose.connect(() => {
      // The menu runs its command after it has told that it closes.
      requestAnimationFrame(() => menu.dispose());
    });
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    menu.open(left, bottom);
  };

  return (
    <div className="jp-mlflow-Experiments-bar">
      <div className="jp-mlflow-Search">
        <input
          ref={input}
          type="search"
          className="jp-mlflow-Search-field"
          aria-label={label}
          placeholder={label}
          value={search}
          onChange={event => model.set({ search: event.target.value })}
          onKeyDown={event => {
            if (event.key === 'ArrowDown' || event.key === 'Enter') {
              event.preventDefault();
              onLeave();
            } else if (event.key === 'Escape' && search !== '') {
              event.stopPropagation();
              model.set({ search: '' });
            }
          }}
        />
        {search !== '' && (
          <IconButton
            icon={clearIcon}
            label={trans.__('Clear the search')}
            className="jp-mlflow-Search-clear"
            onClick={() => model.set({ search: '' })}
          />
        )}
      </div>
      <Toolbar label={trans.__('Experiments')}>
        <IconButton
          icon={filterListIcon}
          label={trans.__('Sort Experiments')}
          aria-haspopup="menu"
          onClick={openMenu}
        />
        <IconButton
          icon={detailsIcon}
          label={trans.__('Details of the Selected Experiment')}
          pressed={details}
          onClick={() => model.set({ details: !details })}
        />
        <IconButton
          icon={deleteIcon}
          label={trans.__('Show Deleted Experiments')}
          pressed={stage === 'deleted'}
          onClick={() =>
            model.set({ stage: stage === 'deleted' ? 'active' : 'deleted' })
          }
        />
        <IconButton
          icon={addIcon}
          label={trans.__('New Experiment…')}
          onClick={() => void actions.create(serverId)}
        />
      </Toolbar>
    </div>
  );
});
