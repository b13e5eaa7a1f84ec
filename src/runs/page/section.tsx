import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { useId, type ReactNode } from 'react';
import { ErrorBoundary } from '../../ui/boundary';
import { useFolded, useRunPage } from './context';

/** A part of the page with a heading that folds it; what is folded stays so on every run's page. */
export function Section(props: {
  id: string;
  title: string;
  /** How many things stand in it. */
  count?: number;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  children: ReactNode;
}): JSX.Element {
  const { id, title, count, actions, children } = props;
  const { folds } = useRunPage();
  const folded = useFolded(id);
  const headingId = useId();
  const Icon = folded ? caretRightIcon : caretDownIcon;
  return (
    <section
      className={`jp-mlflow-Run-section jp-mod-${id}`}
      aria-labelledby={headingId}
    >
      <div className="jp-mlflow-Run-heading">
        <h3 id={headingId}>
          <button
            type="button"
            aria-expanded={!folded}
            onClick={() => folds.toggle(id)}
          >
            <Icon.react
              tag="span"
              elementPosition="center"
              elementSize="normal"
              aria-hidden
            />
            {title}
            {count !== undefined && (
              <span className="jp-mlflow-Run-count">{count}</span>
            )}
          </button>
        </h3>
        {!folded && actions}
      </div>
      {!folded && (
        <div className="jp-mlflow-Run-body">
          <ErrorBoundary>{children}</ErrorBoundary>
        </div>
      )}
    </section>
  );
}
