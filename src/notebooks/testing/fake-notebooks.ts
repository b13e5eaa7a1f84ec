import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

/** A cell: its id and the number beside it. */
export interface FakeCell {
  readonly id: string;
  readonly executionCount: number | null;
}

/** An open notebook, as far as we look at one. */
export class FakePanel {
  constructor(path: string, cells: ReadonlyArray<FakeCell> = []) {
    this.context.localPath = path;
    this.content.widgets = cells.map(model => ({ model }));
  }

  isDisposed = false;
  readonly revealed = Promise.resolve();
  readonly context = {
    localPath: '',
    isReady: true,
    pathChanged: new Signal<object, string>(this)
  };
  readonly sessionContext = {
    session: { kernel: { status: 'idle' } },
    statusChanged: new Signal<object, string>(this)
  };
  readonly content = {
    widgets: [] as Array<{ model: FakeCell }>,
    mode: 'edit',
    activeCellIndex: 0,
    scrolledTo: null as number | null,
    isFocused: false,
    scrollToItem(index: number): Promise<void> {
      this.scrolledTo = index;
      return Promise.resolve();
    },
    activate(): void {
      this.isFocused = true;
    }
  };

  rename(path: string): void {
    this.context.localPath = path;
    this.context.pathChanged.emit(path);
  }

  setStatus(status: string): void {
    this.sessionContext.session.kernel.status = status;
    this.sessionContext.statusChanged.emit(status);
  }

  get asPanel(): NotebookPanel {
    return this as unknown as NotebookPanel;
  }
}

/** The open notebooks; the last one that was used is the current one. */
export class FakeTracker {
  readonly panels: FakePanel[] = [];
  currentWidget: FakePanel | null = null;
  readonly currentChanged = new Signal<object, FakePanel | null>(this);

  use(panel: FakePanel | null): void {
    if (panel && !this.panels.includes(panel)) {
      this.panels.push(panel);
    }
    this.currentWidget = panel;
    this.currentChanged.emit(panel);
  }

  find(test: (panel: FakePanel) => boolean): FakePanel | undefined {
    return this.panels.find(test);
  }

  get asTracker(): INotebookTracker {
    return this as unknown as INotebookTracker;
  }
}
