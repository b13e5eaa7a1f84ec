import { caretLeftIcon, LabIcon } from '@jupyterlab/ui-components';
import { useServers } from '../servers';
import { EnvironmentJobView } from '../servers/job-view';
import { ServerForm } from '../servers/server-form';
import { ServerTrouble } from '../servers/trouble';
import { Suggestions, Welcome } from '../servers/welcome';
import { ErrorBoundary } from '../ui/boundary';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { ErrorState, LoadingState } from '../ui/states';
import type { IViews, ViewAddress } from '../ui/views';
import { environmentText } from './commands';
import type { PanelModel, PanelPage } from './model';

/** Everything the panel shows instead of its sections. */
export function PanelStage(props: {
  model: PanelModel;
  views: IViews;
}): JSX.Element | null {
  const { model, views } = props;
  const trans = useTrans();
  const servers = useServers();
  const view = useSignalValue(views.panelViewChanged, () => views.panelView);
  const stage = useSignalValue(model.changed, () => model.stage);
  const page = useSignalValue(model.changed, () => model.page);
  const error = useSignalValue(servers.changed, () => servers.error);
  const install = (then: Parameters<PanelModel['job']['begin']>[0]): void => {
    model.showJob();
    void model.job.begin(then);
  };
  switch (stage) {
    case 'view':
      return view ? <Drill view={view} views={views} /> : null;
    case 'form':
      return page && page.kind !== 'job' ? (
        <FormPage page={page} model={model} onInstall={install} />
      ) : null;
    case 'job':
      return (
        <EnvironmentJobView
          job={model.job}
          onClose={
            servers.current
              ? () => {
                  model.closePage();
                }
              : null
          }
        />
      );
    case 'loading':
      return <LoadingState label={trans.__('Looking for tracking servers')} />;
    case 'error':
      return (
        <ErrorState
          title={trans.__('The tracking servers could not be listed')}
          message={error?.message ?? ''}
          hint={error?.hint}
          log={error?.log}
        >
          <Button look="accept" onClick={() => void servers.refresh()}>
            {trans.__('Try again')}
          </Button>
        </ErrorState>
      );
    case 'welcome':
      return (
        <Welcome
          onInstall={install}
          environmentText={runs => environmentText(runs, trans)}
        />
      );
    case 'server':
      return <ServerTrouble />;
    default:
      return null;
  }
}

function FormPage(props: {
  page: Exclude<PanelPage, { kind: 'job' }>;
  model: PanelModel;
  onInstall: (then: Parameters<PanelModel['job']['begin']>[0]) => void;
}): JSX.Element | null {
  const { page, model, onInstall } = props;
  const trans = useTrans();
  const servers = useServers();
  const list = useSignalValue(servers.changed, () => servers.servers);
  const server =
    page.kind === 'edit'
      ? (list.find(each => each.id === page.serverId) ?? null)
      : null;
  return (
    <>
      <ServerForm
        key={page.kind === 'edit' ? page.serverId : 'new'}
        server={server}
        draft={page.draft}
        onDraft={draft => {
          model.setDraft(draft);
        }}
        onDone={done => {
          model.closePage({ forget: done });
        }}
      />
      {page.kind === 'add' && servers.suggestions.length > 0 ? (
        <div className="jp-mlflow-Found">
          <h3 className="jp-mlflow-Found-title">{trans.__('Found here')}</h3>
          <Suggestions
            onInstall={onInstall}
            onUsed={() => {
              model.closePage();
            }}
            environmentText={runs => environmentText(runs, trans)}
          />
        </div>
      ) : null}
    </>
  );
}

function Drill(props: { view: ViewAddress; views: IViews }): JSX.Element {
  const { view, views } = props;
  const trans = useTrans();
  return (
    <div className="jp-mlflow-Drill">
      <Button
        look="link"
        className="jp-mlflow-Drill-back"
        onClick={() => {
          views.back();
        }}
      >
        <LabIcon.resolveReact
          icon={caretLeftIcon}
          tag="span"
          elementPosition="center"
          aria-hidden="true"
        />
        {trans.__('Back')}
      </Button>
      <ErrorBoundary key={JSON.stringify(view)}>
        {views.render(view, {
          setTitle: () => undefined,
          close: () => {
            views.back();
          }
        })}
      </ErrorBoundary>
    </div>
  );
}
