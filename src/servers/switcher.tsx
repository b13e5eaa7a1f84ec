import { caretDownIcon, MenuSvg, refreshIcon } from '@jupyterlab/ui-components';
import { useEffect, useRef, useState } from 'react';
import { IconButton, Toolbar } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { detailsIcon } from '../ui/icons';
import { useSignalValue } from '../ui/signals';
import { queriesOf } from './cache';
import { ServerCommandIDs } from './command-ids';
import { useHealth, useServers } from './context';
import type { HealthState, TrackingServer } from './tokens';
import { isStopped, stateText } from './words';

/** Of another feature, which may be absent. */
const OPEN_ENVIRONMENTS = 'mlflow:open-environments';

/** The values of `data-state` at the switcher. */
function dotState(state: HealthState): 'connected' | 'connecting' | 'failed' {
  switch (state) {
    case 'connected':
      return 'connected';
    case 'failed':
    case 'signed-out':
      return 'failed';
    default:
      return 'connecting';
  }
}

/** The current server's name; a click opens JupyterLab's own menu with the others and what can be done. */
export function ServerSwitcher(props: {
  server: TrackingServer;
  areDetailsOpen: boolean;
}): JSX.Element {
  const { server } = props;
  const trans = useTrans();
  const { commands } = useUi();
  const servers = useServers();
  const health = useHealth();
  const list = useSignalValue(servers.changed, () => servers.servers);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<MenuSvg | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  useEffect(
    () => () => {
      menu.current?.dispose();
      menu.current = null;
    },
    []
  );

  const caption = server.store?.runs ?? server.uri;

  const open = () => {
    const node = button.current;
    if (!node) {
      return;
    }
    menu.current?.dispose();
    const next = (menu.current = buildMenu(
      list,
      server,
      new MenuSvg({ commands })
    ));
    next.aboutToClose.connect(() => {
      setIsOpen(false);
      node.focus();
    });
    const { left, bottom } = node.getBoundingClientRect();
    next.open(left, bottom);
    setIsOpen(true);
  };

  return (
    <div className="jp-mlflow-Switcher">
      <button
        ref={button}
        type="button"
        className="jp-mlflow-Switcher-button"
        data-mlflow-server={server.id}
        data-state={dotState(health.state)}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        title={server.uri}
        onClick={open}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            open();
          }
        }}
      >
        <span className="jp-mlflow-hidden">{trans.__('Tracking server')}</span>
        <span
          className={`jp-mlflow-Dot jp-mod-${isStopped(server, health) ? 'stopped' : dotState(health.state)}`}
          title={stateText(server, health, trans)}
        />
        <span className="jp-mlflow-Switcher-text">
          <span className="jp-mlflow-Switcher-name">{server.name}</span>
          {caption.endsWith(server.name) ? null : (
            <span className="jp-mlflow-Switcher-uri">{caption}</span>
          )}
        </span>
        <caretDownIcon.react
          tag="span"
          elementPosition="center"
          aria-hidden="true"
        />
      </button>
      <Toolbar label={trans.__('Tracking server')}>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Refresh')}
          onClick={() => {
            void servers.refresh();
            void queriesOf(servers).invalidateQueries({
              queryKey: [server.id]
            });
          }}
        />
        <IconButton
          icon={detailsIcon}
          label={trans.__('Details of the tracking server')}
          aria-expanded={props.areDetailsOpen}
          onClick={() => {
            void commands.execute(ServerCommandIDs.details);
          }}
        />
      </Toolbar>
    </div>
  );
}

function buildMenu(
  list: ReadonlyArray<TrackingServer>,
  current: TrackingServer,
  menu: MenuSvg
): MenuSvg {
  menu.addClass('jp-mlflow-Switcher-menu');
  for (const { id } of list) {
    menu.addItem({ command: ServerCommandIDs.select, args: { serverId: id } });
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: ServerCommandIDs.add });
  menu.addItem({ type: 'separator' });
  const args = { serverId: current.id };
  if (current.kind === 'local') {
    menu.addItem({ command: ServerCommandIDs.start, args });
    menu.addItem({ command: ServerCommandIDs.stop, args });
  }
  if (current.removable) {
    menu.addItem({ command: ServerCommandIDs.edit, args });
    menu.addItem({ command: ServerCommandIDs.remove, args });
  }
  menu.addItem({ command: ServerCommandIDs.details });
  if (menu.commands.hasCommand(OPEN_ENVIRONMENTS)) {
    menu.addItem({ type: 'separator' });
    menu.addItem({ command: OPEN_ENVIRONMENTS });
  }
  return menu;
}
