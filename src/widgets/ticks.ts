import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IMlflowWidget, WidgetLink } from './tokens';

/** Of comms by which a page tells what is ticked; python-shim/jupyter_mlflow/kernel/magic.py has the same. */
const TARGET = 'jupyter-mlflow:ticks';

/** The kernel of the notebook that holds a node, as soon as it is known. */
export type KernelOf = (
  node: Element
) => Promise<Kernel.IKernelConnection | null>;

function idsOf(message: KernelMessage.ICommMsgMsg): string[] {
  const { selected } = message.content.data as { selected?: unknown };
  return Array.isArray(selected)
    ? selected.filter((id): id is string => typeof id === 'string')
    : [];
}

/**
 * Tells a kernel without ipywidgets what is ticked in a table, and takes from it what was ticked before the page was loaded.
 *
 * #### Notes
 * The kernel closes the comm of a table that it has not made itself, such as before its restart: then nothing is told any more.
 */
export class Ticks implements WidgetLink {
  /** @param _output - the word by which the kernel knows the table. */
  constructor(
    private readonly _output: string,
    private readonly _widget: Pick<IMlflowWidget, 'node' | 'setSelected'>,
    private readonly _kernelOf: KernelOf
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The table stands in its notebook. */
  readonly onAttached = (): void => {
    void this._open({});
  };

  readonly onSelected = (runIds: ReadonlyArray<string>): void => {
    const selected = [...runIds];
    this._hasTold = true;
    const comm = this._comm;
    if (comm && !comm.isDisposed) {
      comm.send({ selected });
    } else {
      void this._open({ selected });
    }
  };

  readonly onFilter = (): void => undefined;

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._close();
    }
  }

  private async _open(told: JSONObject): Promise<void> {
    const kernel = await this._kernelOf(this._widget.node).catch(() => null);
    if (
      this._isDisposed ||
      !kernel ||
      kernel.isDisposed ||
      !kernel.handleComms ||
      kernel === this._refusing
    ) {
      return;
    }
    this._close();
    const comm = kernel.createComm(TARGET);
    this._comm = comm;
    comm.onMsg = message => {
      // What was ticked before is answered late by a kernel that was busy.
      if (!this._hasTold) {
        this._widget.setSelected(idsOf(message));
      }
    };
    comm.onClose = () => {
      if (this._comm === comm) {
        this._comm = null;
        this._refusing = kernel;
      }
    };
    comm.open({ output: this._output, ...told });
  }

  private _close(): void {
    const comm = this._comm;
    this._comm = null;
    if (comm && !comm.isDisposed) {
      comm.close();
    }
  }

  private _comm: Kernel.IComm | null = null;
  private _refusing: Kernel.IKernelConnection | null = null;
  private _hasTold = false;
  private _isDisposed = false;
}
