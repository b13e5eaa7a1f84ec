import {
  downloadIcon,
  refreshIcon,
  settingsIcon
} from '@jupyterlab/ui-components';
import { useEffect, useMemo, useRef, useState } from 'react';
import {
  type FilterCapabilities,
  type KnownKeys,
  parse
} from '../../mlflow/filter';
import { Button, IconButton, Toolbar } from '../../ui/buttons';
import { useTrans } from '../../ui/context';
import { FilterBox } from '../filter/box';
import { ConditionForm } from '../filter/condition';
import { KeysPicker } from '../keys-picker';
import { searchOf } from '../search';
import type { RunSettings } from '../settings';
import type { RunOrder } from '../shown-runs';
import {
  attributeColumns,
  columnId,
  isReadableTag,
  NAME_COLUMN
} from './columns';
import { download, runsAsCsv } from './csv';
import type { TableState } from './state';
import { useShownColumns, useShownIds } from './use-shown';

export interface TableBarProps {
  /** Of the experiment, for the file's name. */
  readonly name: string;
  readonly runs: RunOrder;
  readonly known: KnownKeys;
  readonly capabilities: FilterCapabilities;
  readonly refused: string | null;
  readonly state: TableState;
  readonly setState: (next: Partial<TableState>) => void;
  readonly settings: RunSettings;
  readonly onRefresh: () => void;
}

/** Filter, columns and buttons above the table. */
export function TableBar(props: TableBarProps): JSX.Element {
  const { runs, known, capabilities, state, setState } = props;
  const trans = useTrans();
  const [isAdding, setAdding] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const columns = useShownColumns(runs, state.columns, props.settings);
  // A search for names is written out, so that conditions can be added to it.
  const applied = searchOf(state.filter, capabilities, trans);
  const base =
    applied.filter !== null && parse(applied.filter).conditions !== null
      ? applied.filter
      : '';

  return (
    <div className="jp-mlflow-RunTable-top">
      <div className="jp-mlflow-RunTable-bar">
        <FilterBox
          value={state.filter}
          known={known}
          capabilities={capabilities}
          refused={props.refused}
          onApply={filter => setState({ filter })}
        />
        <Toolbar label={trans.__('Table')}>
          <Button aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
            {trans.__('+ Condition')}
          </Button>
          <ColumnChooser {...props} isOpen={isChoosing} setOpen={setChoosing} />
          <div
            className="jp-mlflow-RunTable-stage"
            role="group"
            aria-label={trans.__('Which runs')}
          >
            {(['active', 'deleted'] as const).map(stage => (
              <Button
                key={stage}
                aria-pressed={state.stage === stage}
                className={state.stage === stage ? 'jp-mod-pressed' : undefined}
                onClick={() => setState({ stage })}
              >
                {stage === 'active' ? trans.__('Active') : trans.__('Deleted')}
              </Button>
            ))}
          </div>
          <IconButton
            icon={refreshIcon}
            label={trans.__('Refresh Runs')}
            onClick={props.onRefresh}
          />
          <IconButton
            icon={downloadIcon}
            label={trans.__('Export Loaded Runs as CSV')}
            disabled={runs.length === 0}
            onClick={() =>
              download(
                `${props.name.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 100)}.csv`,
                runsAsCsv(runs, columns)
              )
            }
          />
        </Toolbar>
      </div>
      {isAdding && (
        <ConditionForm
          filter={base}
          known={known}
          capabilities={capabilities}
          onAdd={filter => setState({ filter })}
          onClose={() => setAdding(false)}
        />
      )}
    </div>
  );
}

function ColumnChooser(
  props: TableBarProps & { isOpen: boolean; setOpen: (isOpen: boolean) => void }
): JSX.Element {
  const { runs, state, setState, isOpen, setOpen } = props;
  const trans = useTrans();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const ids = useShownIds(runs, state.columns, props.settings);
  const { metrics, params, tags } = runs.rows;
  const [metricKeys, paramKeys, tagKeys] = [
    metrics.keys,
    params.keys,
    tags.keys
  ];
  const groups = useMemo(() => {
    const group = (
      kind: 'metric' | 'param' | 'tag',
      label: string,
      keys: ReadonlyArray<string>
    ) => ({
      id: kind,
      label,
      keys: [...keys]
        .sort((a, b) => a.localeCompare(b))
        .map(key => ({ id: columnId(kind, key), label: key }))
    });
    return [
      {
        id: 'attribute',
        label: trans.__('Attributes'),
        keys: attributeColumns(trans)
          .filter(column => column.id !== NAME_COLUMN)
          .map(({ id, label }) => ({ id, label }))
      },
      group('metric', trans.__('Metrics'), metricKeys),
      group('param', trans.__('Parameters'), paramKeys),
      group('tag', trans.__('Tags'), tagKeys.filter(isReadableTag))
    ].filter(one => one.keys.length > 0);
  }, [metricKeys, paramKeys, tagKeys, trans]);

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    const onDown = (event: PointerEvent): void => {
      if (
        event.target instanceof Node &&
        box.current?.contains(event.target) === false
      ) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', onDown, true);
    return () => document.removeEventListener('pointerdown', onDown, true);
  }, [isOpen, setOpen]);

  return (
    <div ref={box} className="jp-mlflow-RunTable-chooser">
      <button
        ref={button}
        type="button"
        className="jp-mlflow-Button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <settingsIcon.react
          tag="span"
          elementSize="normal"
          elementPosition="center"
          aria-hidden="true"
        />
        {trans.__('Columns')}
      </button>
      {isOpen && (
        <div className="jp-mlflow-RunTable-popover">
          <KeysPicker
            label={trans.__('Columns')}
            groups={groups}
            chosen={new Set(ids)}
            hasAll
            onChange={columns => setState({ columns })}
            onClose={() => {
              setOpen(false);
              button.current?.focus();
            }}
          />
          <div className="jp-mlflow-RunTable-reset">
            <Button
              look="link"
              onClick={() => setState({ columns: null, widths: {} })}
            >
              {trans.__('Back to the default columns')}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
