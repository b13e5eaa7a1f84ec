import { type KnownKeys } from '../../mlflow/filter';
import { type RunColumns } from '../store';

/** Values of a key that are offered. */
const MOST_VALUES = 100;

/** The names and values that loaded runs have, for completion. */
export function knownKeys(runs: RunColumns): KnownKeys {
  const { rows } = runs;
  return {
    metrics: rows.metrics.keys,
    params: rows.params.keys,
    tags: rows.tags.keys,
    values: (entity, key) => {
      switch (entity) {
        case 'param':
          return rows.params.get(key)?.distinct(MOST_VALUES) ?? [];
        case 'tag':
          return rows.tags.get(key)?.distinct(MOST_VALUES) ?? [];
        case 'attribute':
          return key === 'run_name'
            ? Array.from(
                { length: Math.min(runs.length, MOST_VALUES) },
                (_, row) => rows.name(runs.slotAt(row))
              )
            : [];
        default:
          return [];
      }
    }
  };
}
