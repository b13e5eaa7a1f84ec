import { diffLines } from 'diff';
import { useMemo } from 'react';
import { useTrans } from '../ui/context';

/** Lines around a change that are shown. */
const AROUND = 2;

/** What has changed from one code to another, line by line. */
export function CodeDiff(props: { then: string; now: string }): JSX.Element {
  const { then, now } = props;
  const trans = useTrans();
  const parts = useMemo(
    () => diffLines(withEnd(then), withEnd(now)),
    [then, now]
  );
  return (
    <pre
      className="jp-mlflow-Diff"
      tabIndex={0}
      aria-label={trans.__('What has changed since')}
    >
      {parts.map((part, at) =>
        part.added ? (
          <ins key={at}>{marked(part.value, '+ ')}</ins>
        ) : part.removed ? (
          <del key={at}>{marked(part.value, '- ')}</del>
        ) : (
          <span key={at}>
            {marked(shortened(part.value, at > 0, at < parts.length - 1), '  ')}
          </span>
        )
      )}
    </pre>
  );
}

function withEnd(code: string): string {
  return code === '' || code.endsWith('\n') ? code : `${code}\n`;
}

function marked(lines: string, mark: string): string {
  return lines.replace(/^(?=[^])/gm, mark);
}

/** Of what is equal, the lines beside a change. */
function shortened(lines: string, after: boolean, before: boolean): string {
  const all = lines.slice(0, -1).split('\n');
  const shown = (after ? AROUND : 0) + (before ? AROUND : 0);
  if (all.length <= shown + 1) {
    return lines;
  }
  return `${[
    ...(after ? all.slice(0, AROUND) : []),
    '…',
    ...(before ? all.slice(-AROUND) : [])
  ].join('\n')}\n`;
}
