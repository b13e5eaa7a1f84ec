import { useEffect, useRef, useState } from 'react';
import { Button } from './buttons';
import { useTrans } from './context';

/** The end of a log: scrolls by keyboard, and follows its end as long as the person has not scrolled away from it. */
export function LogTail(props: { text: string; label: string }): JSX.Element {
  const { text, label } = props;
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useEffect(() => {
    if (box.current && following.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [text]);
  return (
    <pre
      ref={box}
      className="jp-mlflow-State-log"
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={event => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        following.current = scrollHeight - scrollTop - clientHeight < 20;
      }}
    >
      {text}
    </pre>
  );
}

/** A log that is shown on demand. */
export function FoldedLog(props: {
  text: string;
  label: string;
  open?: boolean;
}): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = useState(props.open ?? false);
  return (
    <div className="jp-mlflow-Log">
      <Button
        look="link"
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {open ? trans.__('Hide the log') : trans.__('Show the log')}
      </Button>
      {open ? <LogTail text={props.text} label={props.label} /> : null}
    </div>
  );
}
