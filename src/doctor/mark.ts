import { ToolbarMark } from '../ui/toolbar-mark';

/** What is drawn: what `markOf` says, and what was found. */
export interface MarkView {
  readonly state: 'healthy' | 'attention' | 'unknown' | 'none';
  readonly text: string;
  /** Ids, as in docs/doctor.md. */
  readonly findings: ReadonlyArray<string>;
}

/** The words in a notebook's toolbar that say how MLflow is in its kernel. */
export class DoctorMark extends ToolbarMark {
  constructor(label: string) {
    super(label, 'mlflowDoctor');
    this.draw({ state: 'none', text: '', findings: [] });
  }

  draw(view: MarkView): void {
    this.node.dataset.findings = view.findings.join(' ');
    this.say(view.state, view.text);
  }
}
