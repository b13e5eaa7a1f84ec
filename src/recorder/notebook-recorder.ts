import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { RecorderApi } from './api';
import { CellBadges } from './cell-badges';
import { CellExecutions } from './cell-executions';
import type { RecorderEvent } from './events';
import { NotebookRecording } from './notebook-recording';
import type { RecorderWishes } from './wishes';
import { isOn } from './words';

/** What looks after the recording of one open notebook. */
export class NotebookRecorder implements IDisposable {
  constructor(
    private readonly _api: RecorderApi,
    readonly panel: NotebookPanel,
    wishes: RecorderWishes,
    trans: TranslationBundle
  ) {
    this.recording = new NotebookRecording(_api, () => this.path);
    this.executions = new CellExecutions(_api, () => this.path);
    this.badges = new CellBadges(panel.content, {
      executions: this.executions,
      wishes,
      trans
    });
    this.recording.changed.connect(this._onRecording, this);
    panel.context.pathChanged.connect(this._onPath, this);
    panel.sessionContext.kernelChanged.connect(this._tell, this);
    void this.recording.load();
  }

  readonly recording: NotebookRecording;
  readonly executions: CellExecutions;
  readonly badges: CellBadges;

  /** From Jupyter's root. */
  get path(): string {
    return this.panel.context.localPath;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Something was told on Jupyter's event bus. */
  hear(event: RecorderEvent): void {
    this.recording.hear(event);
    const { recording } = this.recording.view;
    if (recording !== null && recording.notebook_id !== null) {
      this.executions.hear(event, recording.notebook_id);
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      if (!this.panel.isDisposed) {
        this.panel.context.pathChanged.disconnect(this._onPath, this);
        this.panel.sessionContext.kernelChanged.disconnect(this._tell, this);
      }
      this.badges.dispose();
      this.executions.dispose();
      this.recording.dispose();
    }
  }

  private _onRecording(): void {
    const id = this.recording.view.recording?.notebook_id ?? null;
    if (id !== null && id !== this._notebookId) {
      this._notebookId = id;
      void this.executions.reload();
    }
    this._tell();
  }

  private _onPath(): void {
    void this.recording.load();
  }

  /** Two notebooks may share a kernel: says which of its clients is this one. */
  private _tell(): void {
    const kernel = this.panel.sessionContext.session?.kernel;
    const { recording } = this.recording.view;
    if (!kernel || recording === null || !isOn(recording)) {
      return;
    }
    const key = `${kernel.id} ${kernel.clientId} ${this.path}`;
    if (key !== this._told) {
      this._told = key;
      this._api.tellClient(kernel.id, kernel.clientId, this.path).catch(() => {
        // Told again at the next change; meanwhile the kernel's own notebook stands for it.
        this._told = '';
      });
    }
  }

  private _isDisposed = false;
  private _notebookId: string | null = null;
  private _told = '';
}
