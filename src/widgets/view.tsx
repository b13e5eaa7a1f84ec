import { useMemo, type ReactNode } from 'react';
import { ServersProvider } from '../servers';
import { ErrorBoundary } from '../ui/boundary';
import { UiProvider, useTrans, useUi } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { ErrorState } from '../ui/states';
import { LiveCard, StillCard } from './card';
import { LiveChart, StillChart } from './chart';
import { LiveCompare, StillCompare } from './compare';
import type { WidgetContent } from './content';
import { decodeContent } from './decode';
import { ScopeProvider, useScope, type WidgetScope } from './context';
import { Found } from './found';
import { AsItWas, TrustNotice } from './frame';
import type { WidgetModel } from './model';
import { LiveModel, StatusNotes, StillModel } from './registry';
import type { WidgetServices } from './services';
import { StillTable } from './still-table';
import { LiveTable } from './table';

/** One output. In a notebook that is not trusted only what was saved is drawn, and nothing here asks anything of anyone. */
export default function WidgetRoot(props: {
  model: WidgetModel;
  services: WidgetServices;
}): JSX.Element {
  const { model, services } = props;
  const trans = useTrans();
  const { json, isTrusted } = useSignalValue(model.changed, () => model.shown);
  const content = useMemo(
    () => decodeContent(model.kind, json),
    [model.kind, json]
  );
  const scope = useMemo<WidgetScope | null>(
    () => content && { model, services, content, json, serverId: null },
    [content, model, services, json]
  );
  if (scope === null) {
    return (
      <div data-mlflow-widget={model.kind} data-state="error">
        <ErrorState
          title={trans.__('This output cannot be drawn')}
          message={trans.__('It is not as %mlflow writes it.')}
          hint={trans.__('Run the cell again.')}
        />
      </div>
    );
  }
  return (
    <ErrorBoundary>
      <ScopeProvider value={scope}>
        {scope.content.kind === 'status' ? (
          <StatusNotes
            rows={scope.content.snapshot?.rows ?? []}
            note={scope.content.note}
          />
        ) : isTrusted ? (
          <Trusted scope={scope} />
        ) : (
          <Still why={[<TrustNotice key="trust" />]} />
        )}
      </ScopeProvider>
    </ErrorBoundary>
  );
}

function Trusted(props: { scope: WidgetScope }): JSX.Element {
  const { model, services } = props.scope;
  const ui = useUi();
  const isAsking = useSignalValue(
    model.changed,
    () => model.isVisible && model.isLive
  );
  return (
    <UiProvider services={ui} visible={isAsking}>
      <ServersProvider servers={services.servers}>
        <OfServer {...props} />
      </ServersProvider>
    </UiProvider>
  );
}

/** What is saved until the tracking server is known to be one of ours; then what it says. */
function OfServer(props: { scope: WidgetScope }): JSX.Element {
  const { scope } = props;
  const { content, services } = scope;
  const { servers } = services;
  const trans = useTrans();
  const { serverId } = content;
  const isKnown = useSignalValue(servers.changed, () =>
    servers.servers.some(({ id }) => id === serverId)
  );
  const isLoading = useSignalValue(servers.changed, () => servers.isLoading);
  const known = useMemo(
    () => (isKnown ? { ...scope, serverId } : scope),
    [scope, isKnown, serverId]
  );
  const at = content.snapshot?.at ?? null;
  if (!isKnown || serverId === null) {
    return (
      <Still
        why={
          isLoading && serverId !== null
            ? []
            : [
                <span key="unknown">
                  {trans.__(
                    'Its tracking server is not among those that Jupyter knows: add it in the MLflow panel to see it live.'
                  )}{' '}
                  <AsItWas at={at} />
                </span>
              ]
        }
      />
    );
  }
  return (
    <ScopeProvider value={known}>
      <Live content={content} serverId={serverId} />
    </ScopeProvider>
  );
}

function Live(props: {
  content: WidgetContent;
  serverId: string;
}): JSX.Element {
  const { content, serverId } = props;
  const still = (why: ReadonlyArray<ReactNode>): ReactNode => (
    <Still why={why} />
  );
  const asking = { serverId, still };
  switch (content.kind) {
    case 'table':
      return (
        <Found
          {...asking}
          content={content}
          live={found => <LiveTable content={found} serverId={serverId} />}
        />
      );
    case 'card':
      return (
        <Found
          {...asking}
          content={content}
          live={found => <LiveCard content={found} serverId={serverId} />}
        />
      );
    case 'chart':
      return (
        <Found
          {...asking}
          content={content}
          live={found => <LiveChart content={found} serverId={serverId} />}
        />
      );
    case 'compare':
      return (
        <Found
          {...asking}
          content={content}
          live={found => <LiveCompare content={found} serverId={serverId} />}
        />
      );
    case 'model':
      return <LiveModel content={content} serverId={serverId} />;
    case 'status':
      return <Still why={[]} />;
  }
}

function Still(props: { why: ReadonlyArray<ReactNode> }): JSX.Element | null {
  const { content } = useScope();
  const { why } = props;
  switch (content.kind) {
    case 'table':
      return <StillTable content={content} why={why} />;
    case 'card':
      return <StillCard content={content} why={why} />;
    case 'chart':
      return <StillChart content={content} why={why} />;
    case 'compare':
      return <StillCompare content={content} why={why} />;
    case 'model':
      return <StillModel content={content} why={why} />;
    case 'status':
      return null;
  }
}
