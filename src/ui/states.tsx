import type { ReactNode } from 'react';

/** Nothing to list: a headline and what would appear here. */
export function EmptyState(props: {
  title: string;
  children?: ReactNode;
}): JSX.Element {
  return (
    <div className="jp-mlflow-State" role="status">
      <div className="jp-mlflow-State-title">{props.title}</div>
      {props.children ? (
        <div className="jp-mlflow-State-body">{props.children}</div>
      ) : null}
    </div>
  );
}

/** Something failed: what, why, and what to do; `log` is the end of a log. */
export function ErrorState(props: {
  title: string;
  message: string;
  hint?: string;
  log?: string | null;
  children?: ReactNode;
}): JSX.Element {
  return (
    <div className="jp-mlflow-State jp-mod-error" role="alert">
      <div className="jp-mlflow-State-title">{props.title}</div>
      <div className="jp-mlflow-State-body">{props.message}</div>
      {props.hint ? (
        <div className="jp-mlflow-State-hint">{props.hint}</div>
      ) : null}
      {props.log ? (
        <pre className="jp-mlflow-State-log" tabIndex={0}>
          {props.log}
        </pre>
      ) : null}
      {props.children ? (
        <div className="jp-mlflow-State-actions">{props.children}</div>
      ) : null}
    </div>
  );
}

/** Placeholder lines of a list that is on its way. */
export function LoadingState(props: {
  label: string;
  lines?: number;
}): JSX.Element {
  return (
    <div className="jp-mlflow-Loading" role="status" aria-label={props.label}>
      {Array.from({ length: props.lines ?? 4 }, (_, line) => (
        <div key={line} className="jp-mlflow-Loading-line" />
      ))}
    </div>
  );
}
