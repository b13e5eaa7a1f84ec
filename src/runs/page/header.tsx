import {
  addBelowIcon,
  copyIcon,
  deleteIcon,
  editIcon,
  launchIcon,
  linkIcon,
  refreshIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';
import type { Run } from '../../mlflow';
import { useServers } from '../../servers';
import { Button, IconButton, Toolbar } from '../../ui/buttons';
import { useClipboard } from '../../ui/clipboard';
import { useTrans, useUi } from '../../ui/context';
import { useSignalValue } from '../../ui/signals';
import { StatusIcon } from '../../ui/status';
import { useRunPage } from './context';

/** Whether code could be inserted now: follows the notebooks through the command that does it. */
function useCanInsert(): boolean {
  const { commands } = useUi();
  const { actions } = useRunPage();
  return useSignalValue(commands.commandChanged, () => actions.canInsert);
}

/** Name, status and what can be done with the run. */
export function RunHeader(props: { run: Run }): JSX.Element {
  const { info } = props.run;
  const trans = useTrans();
  const servers = useServers();
  const { ref, actions } = useRunPage();
  const isActive = info.lifecycleStage === 'active';
  const canInsert = useCanInsert();
  const hasPage = useSignalValue(servers.changed, () =>
    actions.hasOwnPage(ref.serverId)
  );
  const { copied, copy } = useClipboard();
  const [link, setLink] = useState(false);
  useEffect(() => {
    if (!link) {
      return;
    }
    const timer = setTimeout(() => setLink(false), 2000);
    return () => clearTimeout(timer);
  }, [link]);

  return (
    <div className="jp-mlflow-Run-header">
      <h2 title={info.name || info.id}>
        <StatusIcon status={info.status} />
        <span>{info.name || info.id}</span>
      </h2>
      <Toolbar label={trans.__('Run')} className="jp-mlflow-Run-toolbar">
        {isActive && (
          <IconButton
            icon={editIcon}
            label={trans.__('Rename…')}
            onClick={() => void actions.rename(ref)}
          />
        )}
        <IconButton
          icon={copyIcon}
          label={copied ? trans.__('Copied') : trans.__('Copy Run ID')}
          onClick={() => copy(info.id)}
        />
        <IconButton
          icon={linkIcon}
          label={link ? trans.__('Copied') : trans.__('Copy Link')}
          onClick={() => {
            void actions.copyLink(ref);
            setLink(true);
          }}
        />
        <IconButton
          icon={addBelowIcon}
          label={
            canInsert
              ? trans.__('Insert Code to Load This Run')
              : trans.__('Open a notebook to insert code that loads this run')
          }
          disabled={!canInsert}
          onClick={() => void actions.insertCode(ref)}
        />
        {hasPage && (
          <IconButton
            icon={launchIcon}
            label={trans.__('Open in MLflow’s Own Page')}
            onClick={() => void actions.openOwnPage(ref)}
          />
        )}
        <IconButton
          icon={refreshIcon}
          label={trans.__('Refresh')}
          onClick={() => void actions.refresh(ref)}
        />
        {isActive ? (
          <IconButton
            icon={deleteIcon}
            label={trans.__('Delete…')}
            onClick={() => void actions.delete(ref)}
          />
        ) : (
          <IconButton
            icon={undoIcon}
            label={trans.__('Restore')}
            onClick={() => void actions.restore(ref)}
          />
        )}
        <span role="status" className="jp-mlflow-hidden">
          {copied || link ? trans.__('Copied') : ''}
        </span>
      </Toolbar>
      {!isActive && (
        <div className="jp-mlflow-Notice jp-mod-warning" role="status">
          {trans.__('This run is deleted.')}{' '}
          <Button look="link" onClick={() => void actions.restore(ref)}>
            {trans.__('Restore')}
          </Button>
        </div>
      )}
    </div>
  );
}
