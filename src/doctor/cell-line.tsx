import type { Cell } from '@jupyterlab/cells';
import { ReactWidget } from '@jupyterlab/ui-components';
import { PanelLayout, type Widget } from '@lumino/widgets';
import { UiProvider, type UiServices, useTrans } from '../ui/context';
import type { DoctorServices } from './context';
import { RemedyButtons } from './remedy-buttons';
import type { Finding } from './tokens';
import { sentenceOf } from './words';

/** More are shown on a click. */
const MOST_REMEDIES = 3;

/** The line below a cell's output that says why the cell failed and what helps. Never part of the notebook. */
export class CellLine extends ReactWidget {
  constructor(
    private readonly _ui: UiServices,
    private readonly _services: DoctorServices,
    private _finding: Finding
  ) {
    super();
    this.addClass('jp-mlflow-Doctor-line');
    this.node.dataset.mlflowFinding = _finding.id;
    this.node.dataset.severity = _finding.severity;
    this.node.setAttribute('role', 'note');
  }

  set finding(finding: Finding) {
    this._finding = finding;
    this.node.dataset.mlflowFinding = finding.id;
    this.node.dataset.severity = finding.severity;
    this.update();
  }

  protected render(): JSX.Element {
    return (
      <UiProvider services={this._ui} visible={true}>
        <Line services={this._services} finding={this._finding} />
      </UiProvider>
    );
  }
}

/** Puts a line below a cell's output, above its footer. */
export function insertLine({ layout }: Cell, line: Widget): void {
  if (layout instanceof PanelLayout) {
    const { widgets } = layout;
    const footer = widgets.findIndex(each => each.hasClass('jp-CellFooter'));
    layout.insertWidget(footer === -1 ? widgets.length : footer, line);
  }
}

function Line(props: {
  services: DoctorServices;
  finding: Finding;
}): JSX.Element {
  const { services, finding } = props;
  const trans = useTrans();
  return (
    <>
      <span className="jp-mlflow-Doctor-cause">
        {sentenceOf(finding, trans)}
      </span>
      <RemedyButtons
        services={services}
        finding={finding}
        remedies={finding.remedies}
        isFirstBest={true}
        most={MOST_REMEDIES}
      />
    </>
  );
}
