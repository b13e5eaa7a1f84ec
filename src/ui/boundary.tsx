import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from './buttons';
import { useTrans } from './context';
import { describeError } from './errors';
import { ErrorState } from './states';

interface BoundaryState {
  readonly reason: unknown;
  readonly failed: boolean;
}

/** Keeps a view that fails while drawing from taking its neighbours along; offers to draw it again. */
export class ErrorBoundary extends Component<
  { children?: ReactNode },
  BoundaryState
> {
  override state: BoundaryState = { reason: null, failed: false };

  static getDerivedStateFromError(reason: unknown): BoundaryState {
    return { reason, failed: true };
  }

  override componentDidCatch(reason: unknown, info: ErrorInfo): void {
    console.error(
      'A view of jupyter-mlflow failed',
      reason,
      info.componentStack
    );
  }

  override render(): ReactNode {
    return this.state.failed ? (
      <Failure
        reason={this.state.reason}
        onRetry={() => {
          this.setState({ reason: null, failed: false });
        }}
      />
    ) : (
      this.props.children
    );
  }
}

function Failure(props: { reason: unknown; onRetry: () => void }): JSX.Element {
  const trans = useTrans();
  const { message, hint } = describeError(props.reason, trans);
  return (
    <ErrorState
      title={trans.__('This view could not be drawn')}
      message={message}
      hint={hint}
    >
      <Button onClick={props.onRetry}>{trans.__('Try again')}</Button>
    </ErrorState>
  );
}
