import { useId, useMemo, useState } from 'react';
import {
  ATTRIBUTES,
  combine,
  CannotQuoteError,
  comparatorsOf,
  type Comparator,
  type Entity,
  type FilterCapabilities,
  isNumeric,
  type KnownKeys,
  RUN_STATUSES
} from '../../mlflow/filter';
import { Button } from '../../ui/buttons';
import { useTrans } from '../../ui/context';

/** Lists are for those who write the grammar. */
const BY_HAND: ReadonlyArray<Comparator> = ['IN', 'NOT IN'];

function textOfValue(
  entity: Entity,
  key: string,
  value: string
): string | number {
  if (!isNumeric(entity, key)) {
    return value;
  }
  // Times are typed as dates and compared as milliseconds.
  return entity === 'attribute'
    ? new Date(value).getTime()
    : Number(value.trim());
}

/** A condition in three fields: key, comparison, value. Writes it in MLflow's grammar, properly quoted. */
export function ConditionForm(props: {
  /** The filter that the condition is added to. */
  filter: string;
  known: KnownKeys;
  capabilities: FilterCapabilities;
  onAdd: (filter: string) => void;
  onClose: () => void;
}): JSX.Element {
  const { known, capabilities } = props;
  const trans = useTrans();
  const id = useId();
  const groups = useMemo(
    (): ReadonlyArray<readonly [Entity, string, ReadonlyArray<string>]> => [
      ['attribute', trans.__('Attributes'), [...ATTRIBUTES.keys()]],
      ['metric', trans.__('Metrics'), known.metrics],
      ['param', trans.__('Parameters'), known.params],
      ['tag', trans.__('Tags'), known.tags]
    ],
    [known, trans]
  );
  const [target, setTarget] = useState(() =>
    known.metrics.length > 0
      ? `metric:${known.metrics[0]}`
      : 'attribute:run_name'
  );
  const [wantedComparator, setComparator] = useState<Comparator | null>(null);
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  const at = target.indexOf(':');
  const entity =
    groups.find(([one]) => one === target.slice(0, at))?.[0] ?? 'attribute';
  const key = target.slice(at + 1);
  const comparators = comparatorsOf(entity, key).filter(
    one =>
      !BY_HAND.includes(one) &&
      (capabilities?.filterIsNull !== false || !one.startsWith('IS'))
  );
  const comparator =
    wantedComparator !== null && comparators.includes(wantedComparator)
      ? wantedComparator
      : comparators[0];
  const needsValue = !comparator.startsWith('IS');
  const isTime = entity === 'attribute' && isNumeric(entity, key);
  const isStatus = entity === 'attribute' && key === 'status';
  const values =
    needsValue && !isNumeric(entity, key)
      ? (known.values?.(entity, key) ?? [])
      : [];

  const add = (): void => {
    const given = needsValue
      ? textOfValue(
          entity,
          key,
          isStatus && value === '' ? RUN_STATUSES[0] : value
        )
      : null;
    if (
      typeof given === 'number' &&
      (!Number.isFinite(given) || value.trim() === '')
    ) {
      setProblem(
        isTime
          ? trans.__('Give a date and a time.')
          : trans.__('A metric is compared with a number, such as 0.5.')
      );
      return;
    }
    try {
      props.onAdd(
        combine([props.filter, [{ entity, key, comparator, value: given }]])
      );
      setValue('');
      setProblem(null);
    } catch (reason) {
      if (!(reason instanceof CannotQuoteError)) {
        throw reason;
      }
      setProblem(reason.message);
    }
  };

  return (
    <form
      className="jp-mlflow-Condition"
      aria-label={trans.__('New condition')}
      onSubmit={event => {
        event.preventDefault();
        add();
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onClose();
        }
      }}
    >
      <label htmlFor={`${id}key`}>
        {trans.__('Where')}
        <select
          id={`${id}key`}
          autoFocus
          value={target}
          onChange={event => setTarget(event.target.value)}
        >
          {groups.map(([one, label, keys]) =>
            keys.length === 0 ? null : (
              <optgroup key={one} label={label}>
                {keys.map(name => (
                  <option key={name} value={`${one}:${name}`}>
                    {name}
                  </option>
                ))}
              </optgroup>
            )
          )}
        </select>
      </label>
      <label htmlFor={`${id}comparator`}>
        <span className="jp-mlflow-hidden">{trans.__('Comparison')}</span>
        <select
          id={`${id}comparator`}
          value={comparator}
          onChange={event =>
            setComparator(
              comparators.find(one => one === event.target.value) ?? null
            )
          }
        >
          {comparators.map(one => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {needsValue && (
        <label htmlFor={`${id}value`}>
          <span className="jp-mlflow-hidden">{trans.__('Value')}</span>
          {isStatus ? (
            <select
              id={`${id}value`}
              value={value || RUN_STATUSES[0]}
              onChange={event => setValue(event.target.value)}
            >
              {RUN_STATUSES.map(status => (
                <option key={status}>{status}</option>
              ))}
            </select>
          ) : (
            <input
              id={`${id}value`}
              type={isTime ? 'datetime-local' : 'text'}
              inputMode={
                isNumeric(entity, key) && !isTime ? 'decimal' : undefined
              }
              list={values.length > 0 ? `${id}values` : undefined}
              placeholder={
                // eslint-disable-next-line jupyter/no-untranslated-string -- a pattern of MLflow's grammar
                comparator.endsWith('LIKE') ? '%part%' : trans.__('Value')
              }
              value={value}
              onChange={event => setValue(event.target.value)}
            />
          )}
          <datalist id={`${id}values`}>
            {values.map(one => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
      )}
      <Button submit look="accept">
        {trans.__('Add')}
      </Button>
      <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
      {problem !== null && (
        <span role="alert" className="jp-mlflow-Condition-problem">
          {problem}
        </span>
      )}
    </form>
  );
}
