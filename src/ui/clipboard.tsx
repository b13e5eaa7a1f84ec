import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import { useCallback, useEffect, useState } from 'react';
import { IconButton } from './buttons';
import { useTrans } from './context';

/** How long "Copied" stays, in milliseconds. */
const FEEDBACK_MS = 2000;

/** Puts text on the clipboard; where the page is not served securely, the way that still works there. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    Clipboard.copyToSystem(text);
  }
}

/** `copy(text)`, and whether it was done a moment ago. */
export function useClipboard(): {
  copied: boolean;
  copy: (text: string) => void;
} {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (count === 0) {
      return;
    }
    const timer = setTimeout(() => {
      setCount(0);
    }, FEEDBACK_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [count]);
  const copy = useCallback((text: string) => {
    void copyText(text).then(() => {
      setCount(before => before + 1);
    });
  }, []);
  return { copied: count > 0, copy };
}

/** Copies `text`; says so by its icon, its tooltip and to screen readers. */
export function CopyButton(props: {
  text: string;
  label: string;
}): JSX.Element {
  const trans = useTrans();
  const { copied, copy } = useClipboard();
  return (
    <>
      <IconButton
        icon={copied ? checkIcon : copyIcon}
        label={copied ? trans.__('Copied') : props.label}
        onClick={event => {
          event.stopPropagation();
          copy(props.text);
        }}
      />
      <span role="status" className="jp-mlflow-hidden">
        {copied ? trans.__('Copied') : ''}
      </span>
    </>
  );
}
