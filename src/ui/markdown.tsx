import { MimeModel } from '@jupyterlab/rendermime';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { useEffect, useRef } from 'react';
import { useUi } from './context';

const MARKDOWN = 'text/markdown';

/**
 * Markdown that other people wrote, drawn by JupyterLab's own renderer as untrusted: sanitized, no script, no style.
 * Without that renderer the text stands as it is.
 */
export function Markdown(props: { text: string }): JSX.Element {
  const { text } = props;
  const { rendermime } = useUi();
  const host = useRef<HTMLDivElement>(null);
  const canRender = rendermime?.mimeTypes.includes(MARKDOWN) === true;
  useEffect(() => {
    const node = host.current;
    if (!node || !canRender) {
      return;
    }
    const renderer = rendermime.createRenderer(MARKDOWN);
    let disposed = false;
    void renderer
      .renderModel(
        new MimeModel({ data: { [MARKDOWN]: text }, trusted: false })
      )
      .then(() => {
        if (!disposed) {
          MessageLoop.sendMessage(renderer, Widget.Msg.BeforeAttach);
          node.replaceChildren(renderer.node);
          MessageLoop.sendMessage(renderer, Widget.Msg.AfterAttach);
        }
      })
      .catch(() => {
        node.textContent = text;
      });
    return () => {
      disposed = true;
      // React may have taken the host out of the page already, where Lumino's own detaching would throw.
      if (renderer.isAttached) {
        MessageLoop.sendMessage(renderer, Widget.Msg.BeforeDetach);
        renderer.node.remove();
        MessageLoop.sendMessage(renderer, Widget.Msg.AfterDetach);
      }
      renderer.dispose();
    };
  }, [rendermime, canRender, text]);
  return canRender ? (
    <div ref={host} className="jp-mlflow-Markdown" />
  ) : (
    <div className="jp-mlflow-Markdown jp-mod-plain">{text}</div>
  );
}
