import type { Execution } from './answers';

/** Why running a notebook from top to bottom is not what really happened. */
export type Mark = 'edited' | 'deleted' | 'out-of-order' | 'again' | 'failed';

/** One thing that ran, in the order in which it ran. */
export interface Step {
  readonly execution: Execution;
  readonly marks: ReadonlyArray<Mark>;
}

/** A code cell as it stands in the notebook now. */
export interface CellAsOfNow {
  readonly id: string;
  readonly source: string;
}

/**
 * What ran in a kernel's process up to an execution, that one included, and where the notebook differs from it.
 *
 * @param all - executions of the notebook, in any order.
 * @param cells - of the notebook now, from top to bottom; null where it is not open.
 */
export function stepsTo(
  until: Execution,
  all: ReadonlyArray<Execution>,
  cells: ReadonlyArray<CellAsOfNow> | null
): ReadonlyArray<Step> {
  const end = until.started ?? Infinity;
  const ran = all
    .filter(
      each =>
        each.id !== until.id &&
        each.process === until.process &&
        each.kernel_id === until.kernel_id &&
        each.started !== null &&
        each.started < end &&
        each.source !== null
    )
    .sort((one, other) => (one.started ?? 0) - (other.started ?? 0));
  const places = new Map(
    cells?.map(({ id, source }, at) => [id, { at, source }])
  );
  const seen = new Set<string>();
  let lowest = -1;
  return [...ran, until].map(execution => {
    const marks: Mark[] = [];
    const { cell_id, source, status } = execution;
    if (cell_id !== null && cells !== null) {
      const place = places.get(cell_id);
      if (place === undefined) {
        marks.push('deleted');
      } else {
        if (place.source !== source) {
          marks.push('edited');
        }
        if (place.at < lowest) {
          marks.push('out-of-order');
        }
        lowest = Math.max(lowest, place.at);
      }
    }
    if (cell_id !== null) {
      if (seen.has(cell_id)) {
        marks.push('again');
      }
      seen.add(cell_id);
    }
    if (status !== 'ok' && status !== 'running') {
      marks.push('failed');
    }
    return { execution, marks };
  });
}

/** Tag of cells at whose error JupyterLab, nbconvert and papermill go on. */
const MAY_FAIL = 'raises-exception';

/**
 * The steps as a notebook (nbformat 4.5) that runs from top to bottom. What failed then may fail again without ending it.
 *
 * @param title - stands in its first cell, as text.
 */
export function notebookOf(
  steps: ReadonlyArray<Step>,
  title: string,
  metadata: object
): object {
  const code = steps.map(({ execution, marks }, at) => ({
    cell_type: 'code',
    id: `step-${at + 1}`,
    execution_count: null,
    metadata: {
      ...(marks.includes('failed') && { tags: [MAY_FAIL] }),
      'jupyter-mlflow': { execution_id: execution.id, marks }
    },
    outputs: [],
    source: execution.source ?? ''
  }));
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata,
    cells: [
      {
        cell_type: 'raw',
        id: 'what-this-is',
        metadata: {},
        source: title
      },
      ...code
    ]
  };
}
