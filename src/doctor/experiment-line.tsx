import { CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import { startsRuns } from '../notebooks';
import { Button } from '../ui/buttons';
import { UiProvider, type UiServices, useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { insertLine } from './cell-line';
import type { ExperimentOffer } from './experiment-offer';

/** While somebody types, the line stays where it is. */
const QUIET_MS = 300;

/** Shows the offer of an experiment below the first cell that starts runs: it is there before the cell is run. */
export class ExperimentLine implements IDisposable {
  constructor(
    private readonly _ui: UiServices,
    private readonly _offer: ExperimentOffer,
    private readonly _notebook: Notebook
  ) {
    _offer.changed.connect(this._draw, this);
    _notebook.modelContentChanged.connect(this._follow, this);
    this._draw();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._offer.changed.disconnect(this._draw, this);
      if (!this._notebook.isDisposed) {
        this._notebook.modelContentChanged.disconnect(this._follow, this);
      }
      this._shown?.line.dispose();
    }
  }

  private _follow(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      this._offer.look();
      this._draw();
    }, QUIET_MS);
  }

  private _draw(): void {
    if (this._isDisposed || this._notebook.isDisposed) {
      return;
    }
    const cell =
      this._offer.offered === null
        ? undefined
        : this._notebook.widgets.find(
            each =>
              each instanceof CodeCell &&
              startsRuns(each.model.sharedModel.getSource())
          );
    if (this._shown && (this._shown.cell !== cell || cell.isDisposed)) {
      this._shown.line.dispose();
      this._shown = null;
    }
    if (this._shown !== null || !(cell instanceof CodeCell)) {
      return;
    }
    const line = new OfferLine(this._ui, this._offer);
    this._shown = { cell, line };
    // A cell that has not been scrolled to has no parts yet.
    void cell.ready.then(() => {
      if (!line.isDisposed && !cell.isDisposed) {
        insertLine(cell, line);
      }
    });
  }

  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _shown: { readonly cell: CodeCell; readonly line: OfferLine } | null =
    null;
}

/** Never part of the notebook. */
class OfferLine extends ReactWidget {
  constructor(
    private readonly _ui: UiServices,
    private readonly _offer: ExperimentOffer
  ) {
    super();
    this.addClass('jp-mlflow-Doctor-line');
    this.node.dataset.mlflowExperimentOffer = '';
    this.node.dataset.severity = 'info';
    this.node.setAttribute('role', 'note');
  }

  protected render(): JSX.Element {
    return (
      <UiProvider services={this._ui} visible={true}>
        <OfferedExperiment offer={this._offer} />
      </UiProvider>
    );
  }
}

function OfferedExperiment(props: {
  offer: ExperimentOffer;
}): JSX.Element | null {
  const { offer } = props;
  const trans = useTrans();
  const offered = useSignalValue(offer.changed, () => offer.offered);
  if (offered === null) {
    return null;
  }
  return (
    <>
      <span className="jp-mlflow-Doctor-cause">
        {offered.isLate
          ? trans.__(
              'This notebook’s runs went to the experiment “Default”, and MLflow cannot move them; those to come can go to “%1”.',
              offered.name
            )
          : trans.__(
              'Runs of this notebook will go to the experiment “Default”.'
            )}
      </span>
      <span className="jp-mlflow-Doctor-remedies">
        <Button
          look="accept"
          disabled={offered.isBeingSet}
          onClick={() => void offer.accept()}
        >
          {trans.__('Use “%1”', offered.name)}
        </Button>
        <Button
          disabled={offered.isBeingSet}
          onClick={() => void offer.decline()}
        >
          {trans.__('Keep “Default”')}
        </Button>
      </span>
    </>
  );
}
