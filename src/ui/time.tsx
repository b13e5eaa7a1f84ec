import { useEffect, useState } from 'react';
import { useTimeFormat, useTrans, useVisible } from './context';
import { formatAbsolute, formatDuration, formatRelative } from './format';

/**
 * The present, again and again while the view is visible.
 *
 * @param period - milliseconds between two looks at the clock; null stops it.
 * @returns milliseconds since the epoch.
 */
export function useNow(period: number | null = 10_000): number {
  const visible = useVisible();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!visible || period === null) {
      return;
    }
    // Not just after mounting: a table that scrolls would draw each of its times twice.
    setNow(before => (Date.now() - before < period ? before : Date.now()));
    const timer = setInterval(() => {
      setNow(Date.now());
    }, period);
    return () => {
      clearInterval(timer);
    };
  }, [visible, period]);
  return now;
}

/** How often an age of so many milliseconds changes its text. */
function agePeriod(age: number): number {
  return age < 60_000 ? 5000 : age < 3_600_000 ? 30_000 : 300_000;
}

/** A time as the person prefers it, with the other form as a tooltip; nothing for null. */
export function Time(props: { time: number | null }): JSX.Element | null {
  return props.time === null ? null : <KnownTime time={props.time} />;
}

function KnownTime(props: { time: number }): JSX.Element {
  const { time } = props;
  const relative = useTimeFormat() === 'relative';
  const [period, setPeriod] = useState(() => agePeriod(Date.now() - time));
  const now = useNow(relative ? period : null);
  const next = agePeriod(now - time);
  useEffect(() => {
    setPeriod(next);
  }, [next]);
  const absolute = formatAbsolute(time);
  return (
    <time
      dateTime={new Date(time).toISOString()}
      title={relative ? absolute : undefined}
    >
      {relative ? formatRelative(time, now) : absolute}
    </time>
  );
}

/** From `start` to `end`; still counting where `end` is null and `running`. */
export function Duration(props: {
  start: number | null;
  end: number | null;
  running?: boolean;
}): JSX.Element | null {
  const { start, end } = props;
  const trans = useTrans();
  const counting = start !== null && end === null && props.running === true;
  const now = useNow(counting ? 1000 : null);
  if (start === null || (end === null && !counting)) {
    return null;
  }
  const text = formatDuration(Math.max(0, (end ?? now) - start));
  return (
    <span title={counting ? trans.__('Still running') : undefined}>{text}</span>
  );
}
