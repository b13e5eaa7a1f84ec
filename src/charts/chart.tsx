import { useMemo, useState } from 'react';
import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { describeError } from '../ui/errors';
import { formatMetric } from '../ui/format';
import { ErrorState } from '../ui/states';
import { tracesOf, type ChartOptions } from './look';
import { Plot } from './plot';
import { colorOf, drawnOf, type Series, type XAxis } from './series';

/** How somebody looks at a chart. */
export interface ChartSettings {
  readonly x: XAxis;
  readonly smooth: number;
  readonly log: boolean;
}

/**
 * Histories of metrics as lines, with a legend that is text and hides lines.
 *
 * @param props.isShown - out of sight no plot is held; its place is kept.
 */
export function MetricChart(props: {
  label: string;
  lines: ReadonlyArray<Series>;
  yTitle: string;
  settings: ChartSettings;
  isShown: boolean;
  onSettings: (next: Partial<ChartSettings>) => void;
}): JSX.Element {
  const { lines, settings, yTitle } = props;
  const trans = useTrans();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<unknown>(null);
  const options = useMemo<ChartOptions>(
    () => ({
      ...settings,
      yTitle,
      xTitle:
        settings.x === 'step'
          ? trans.__('step')
          : settings.x === 'wall'
            ? trans.__('time')
            : trans.__('seconds')
    }),
    [settings, yTitle, trans]
  );
  const traces = useMemo(
    () => tracesOf(lines, hidden, options),
    [lines, hidden, options]
  );
  const left = useMemo(
    () => lines.reduce((sum, line) => sum + drawnOf(line, settings).left, 0),
    [lines, settings]
  );
  const toggle = (id: string): void =>
    setHidden(before => {
      const after = new Set(before);
      if (!after.delete(id)) {
        after.add(id);
      }
      return after;
    });

  return (
    <div className="jp-mlflow-Chart">
      <ChartBar settings={settings} onSettings={props.onSettings} />
      {failure !== null ? (
        <ErrorState
          {...describeError(failure, trans)}
          title={trans.__('The chart could not be drawn')}
        />
      ) : props.isShown ? (
        <Plot
          label={props.label}
          traces={traces}
          options={options}
          onError={setFailure}
        />
      ) : (
        <div className="jp-mlflow-Chart-plot" aria-hidden="true" />
      )}
      <ul className="jp-mlflow-Chart-legend" aria-label={trans.__('Lines')}>
        {lines.map((line, index) => {
          const last = line.values.at(-1);
          return (
            <li key={line.id}>
              <button
                type="button"
                aria-pressed={!hidden.has(line.id)}
                className={classes(hidden.has(line.id) && 'jp-mod-hidden')}
                onClick={() => toggle(line.id)}
              >
                <span
                  className="jp-mlflow-Chart-color"
                  style={{ background: colorOf(index) }}
                  aria-hidden="true"
                />
                <bdi title={line.name}>{line.name}</bdi>
                {last !== undefined && (
                  <span className="jp-mlflow-Chart-last">
                    {formatMetric(last)}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
      {left > 0 && (
        <p className="jp-mlflow-Chart-note">
          {settings.log
            ? trans._n(
                '%1 value is not drawn: it is no number above 0.',
                '%1 values are not drawn: they are no numbers above 0.',
                left,
                left
              )
            : trans._n(
                '%1 value is not drawn: it is NaN or infinite.',
                '%1 values are not drawn: they are NaN or infinite.',
                left,
                left
              )}
        </p>
      )}
    </div>
  );
}

const SMOOTHINGS = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99];

function ChartBar(props: {
  settings: ChartSettings;
  onSettings: (next: Partial<ChartSettings>) => void;
}): JSX.Element {
  const { settings, onSettings } = props;
  const trans = useTrans();
  const smoothings = SMOOTHINGS.includes(settings.smooth)
    ? SMOOTHINGS
    : [...SMOOTHINGS, settings.smooth].sort((a, b) => a - b);
  return (
    <div
      className="jp-mlflow-Chart-bar"
      role="group"
      aria-label={trans.__('How the chart is drawn')}
    >
      <label>
        {trans.__('X axis')}{' '}
        <select
          value={settings.x}
          onChange={event => onSettings({ x: event.target.value as XAxis })}
        >
          <option value="step">{trans.__('Step')}</option>
          <option value="time">{trans.__('Time since start')}</option>
          <option value="wall">{trans.__('Time of day')}</option>
        </select>
      </label>
      <label>
        {trans.__('Smoothing')}{' '}
        <select
          value={String(settings.smooth)}
          onChange={event => onSettings({ smooth: Number(event.target.value) })}
        >
          {smoothings.map(each => (
            <option key={each} value={String(each)}>
              {each === 0 ? trans.__('None') : String(each)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={settings.log}
          onChange={event => onSettings({ log: event.target.checked })}
        />{' '}
        {trans.__('Logarithmic')}
      </label>
    </div>
  );
}
