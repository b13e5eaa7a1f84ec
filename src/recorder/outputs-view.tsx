import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { useLayoutEffect, useRef } from 'react';

/** Outputs as a notebook shows them, without their scripts: what was kept is data, not to be trusted. */
export function OutputsView(props: {
  outputs: ReadonlyArray<object>;
  rendermime: IRenderMimeRegistry;
  label: string;
}): JSX.Element {
  const { outputs, rendermime, label } = props;
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const model = new OutputAreaModel({
      values: outputs as IOutput[],
      trusted: false
    });
    const area = new SimplifiedOutputArea({ model, rendermime });
    MessageLoop.sendMessage(area, Widget.Msg.BeforeAttach);
    node.append(area.node);
    MessageLoop.sendMessage(area, Widget.Msg.AfterAttach);
    return () => {
      MessageLoop.sendMessage(area, Widget.Msg.BeforeDetach);
      area.node.remove();
      MessageLoop.sendMessage(area, Widget.Msg.AfterDetach);
      area.dispose();
      model.dispose();
    };
  }, [outputs, rendermime]);
  return (
    <div
      ref={host}
      className="jp-mlflow-Execution-outputs"
      role="group"
      aria-label={label}
    />
  );
}
