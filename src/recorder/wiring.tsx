import { Notification } from '@jupyterlab/apputils';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { ComponentType, ReactElement, ReactNode } from 'react';
import '../../style/recorder.css';
import { startsRuns } from '../notebooks';
import { ApiError, ServersProvider } from '../servers';
import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { asProblem } from '../servers/request';
import type { ITrackingServers } from '../servers/tokens';
import { showInDialog } from '../ui/body-dialog';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { confirmDestructive } from '../ui/dialogs';
import { Popover } from '../ui/popover';
import type { ToolbarMark } from '../ui/toolbar-mark';
import type { Forgotten } from './api';
import { type BadgeClick } from './cell-badges';
import { CellPane } from './cell-pane';
import { RecorderProvider, type RecorderServices } from './context';
import { readEvent } from './events';
import { ExecutionPane } from './execution-pane';
import { NotebookRecorder } from './notebook-recorder';
import { offerToKeep } from './offer';
import { Preview } from './preview';
import { ourMetadata, propose, proposalOf } from './proposal';
import { RecordingPane } from './recording-pane';
import { ReplayPane } from './replay-pane';
import { SettingsPane } from './settings-pane';
import type { RecorderWishes } from './wishes';
import { markOf } from './words';

export interface RecorderGiven {
  readonly ui: UiServices;
  readonly servers: ITrackingServers;
  readonly services: Omit<RecorderServices, 'showReplay'>;
  readonly wishes: RecorderWishes;
  /** Jupyter's events. */
  readonly events: Pick<Event.Stream, 'connect'>;
}

/** Looks after the recording of open notebooks; made when the first one is opened. */
export class Recorder {
  constructor(private readonly _given: RecorderGiven) {
    this.services = {
      ..._given.services,
      views: {
        // The popover would hide what opens.
        open: address => {
          this._close();
          _given.services.views.open(address);
        }
      },
      showReplay: execution => {
        this._close();
        void showInDialog(
          _given.ui,
          this._trans.__('Would It Run Again?'),
          close =>
            this._around(<ReplayPane execution={execution} onSaved={close} />)
        );
      }
    };
    _given.events.connect((_, emission) => {
      const event = readEvent(emission);
      if (event !== null) {
        for (const recorder of this._notebooks.values()) {
          recorder.hear(event);
        }
        this.executed.emit();
      }
    });
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      for (const [panel, recorder] of this._notebooks) {
        const source = cell.model.sharedModel.getSource();
        if (
          panel.content === notebook &&
          success &&
          _given.wishes.current.offer &&
          startsRuns(source)
        ) {
          offerToKeep(recorder.recording, this._trans, () => {
            this._openSettings(recorder);
          });
        }
      }
    });
  }

  /** What all views of the recorder work with. */
  readonly services: RecorderServices;

  /** Executions have begun, ended or gone. */
  readonly executed = new Signal<this, void>(this);

  /** What looks after a notebook; the same for the same notebook. */
  of(panel: NotebookPanel): NotebookRecorder {
    let recorder = this._notebooks.get(panel);
    if (!recorder) {
      recorder = new NotebookRecorder(
        this._given.services.api,
        panel,
        this._given.wishes,
        this._trans
      );
      this._notebooks.set(panel, recorder);
      const made = recorder;
      made.badges.asked.connect((_, click) => {
        this._openCell(made, click);
      });
      panel.disposed.connect(() => {
        this._notebooks.delete(panel);
        this._marks.delete(panel);
        made.dispose();
      });
    }
    return recorder;
  }

  /** Lets the mark of a notebook say how it is recorded, and more on a click. */
  attend(panel: NotebookPanel, mark: ToolbarMark): void {
    const recorder = this.of(panel);
    const { recording } = recorder;
    this._marks.set(panel, mark);
    const draw = (): void => {
      if (!mark.isDisposed) {
        const { model } = panel.content;
        const isProposed =
          model !== null &&
          proposalOf(ourMetadata(model), recording.view.recording) !== null;
        const { state, text } = markOf(recording.view, this._trans, isProposed);
        mark.say(state, text);
      }
    };
    recording.changed.connect(draw);
    void panel.context.ready.then(() => {
      panel.content.model?.metadataChanged.connect(draw);
      draw();
    });
    mark.asked.connect(() => {
      this._openSettings(recorder);
    });
    draw();
  }

  /** What draws an execution; null where it is not kept. */
  async view(
    executionId: string,
    signal?: AbortSignal
  ): Promise<ComponentType | null> {
    try {
      const { api } = this._given.services;
      const execution = await api.execution(executionId, signal);
      return () => this._around(<ExecutionPane execution={execution} />);
    } catch (reason) {
      if (reason instanceof ApiError) {
        return null;
      }
      throw reason;
    }
  }

  private _openSettings(recorder: NotebookRecorder): void {
    const { panel, recording } = recorder;
    const mark = this._marks.get(panel);
    const { model } = panel.content;
    if (!mark || mark.isDisposed || model === null) {
      return;
    }
    void recording.load();
    this._toggle(
      mark.button,
      this._trans.__('Recording of this notebook'),
      () => (
        <RecordingPane
          model={recording}
          proposal={proposalOf(ourMetadata(model), recording.view.recording)}
          onPropose={now => {
            propose(model, now);
          }}
          onPreview={() => {
            this._inDialog(
              this._trans.__('What Will Be Sent to MLflow'),
              <Preview path={recorder.path} />
            );
          }}
          onDelete={() => void this._delete({ path: recorder.path })}
          onSettings={now => {
            this._inDialog(
              this._trans.__('Recording: Rules, Secret Words, History'),
              <SettingsPane
                recording={now}
                onDelete={() => void this._delete({ all: '1' })}
              />
            );
          }}
        />
      )
    );
  }

  /** Instead of the popover, as Escape is to close what lies on top. */
  private _inDialog(title: string, content: ReactNode): void {
    this._close();
    void showInDialog(this._given.ui, title, () => this._around(content));
  }

  private _openCell(
    recorder: NotebookRecorder,
    { cell, badge }: BadgeClick
  ): void {
    const cellId = cell.model.id;
    this._toggle(
      badge.button,
      this._trans.__('Executions of this cell'),
      () => (
        <CellPane
          path={recorder.path}
          cellId={cellId}
          executions={recorder.executions}
          onDelete={() =>
            void this._delete({ path: recorder.path, cell: cellId })
          }
        />
      )
    );
  }

  /** Forgets what ran, after the person agreed. Every page hears of it on Jupyter's event bus, this one, too. */
  private async _delete(what: Forgotten): Promise<void> {
    const trans = this._trans;
    const agreed = await confirmDestructive({
      title:
        'all' in what
          ? trans.__('Delete the history of all notebooks?')
          : 'cell' in what
            ? trans.__('Delete the history of this cell?')
            : trans.__('Delete the history of this notebook?'),
      body: trans.__(
        'The code and outputs that are kept on this machine go, and what waits to be sent is not sent. Runs that are in MLflow stay. It cannot be undone.'
      ),
      action: trans.__('Delete'),
      trans
    });
    if (!agreed) {
      return;
    }
    try {
      await this._given.services.api.forget(what);
    } catch (reason) {
      const { message, hint } = asProblem(reason);
      Notification.error(`${message} ${hint}`.trim());
      return;
    }
    await Promise.all(
      [...this._notebooks.values()].map(each => each.executions.reload())
    );
    this.executed.emit();
  }

  private _toggle(
    anchor: HTMLElement,
    label: string,
    content: () => ReactNode
  ): void {
    const wasOpen = this._popover?.isDisposed === false;
    const before = this._anchor;
    this._close();
    if (wasOpen && before === anchor) {
      return;
    }
    const popover = new Popover(this._given.ui, anchor, label, () =>
      this._around(content())
    );
    popover.addClass('jp-mlflow-Recorder-popover');
    popover.open();
    this._popover = popover;
    this._anchor = anchor;
  }

  private _close(): void {
    this._popover?.dispose();
    this._popover = null;
  }

  /** What every view of the recorder stands in. */
  private _around(children: ReactNode): ReactElement {
    const { servers } = this._given;
    return (
      <ServersProvider servers={servers}>
        <RecorderProvider value={this.services}>{children}</RecorderProvider>
      </ServersProvider>
    );
  }

  private get _trans() {
    return this._given.ui.translator.load(TRANSLATION_DOMAIN);
  }

  private _popover: Popover | null = null;
  private _anchor: HTMLElement | null = null;
  private readonly _marks = new Map<NotebookPanel, ToolbarMark>();
  private readonly _notebooks = new Map<NotebookPanel, NotebookRecorder>();
}
