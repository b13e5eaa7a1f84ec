import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Run } from '../../mlflow';
import { type CellOrigin, type CellPlace, cellOrigin } from '../../notebooks';
import { Button } from '../../ui/buttons';
import { useTrans, useVisible } from '../../ui/context';
import { describeError } from '../../ui/errors';
import { useRunPage } from './context';

/** Milliseconds after which a cell is looked for again when the page is shown. */
const STALE_MS = 10_000;

/** The cell that made a run, or null where the run does not say. */
export function useCellOrigin(run: Run): CellOrigin | null {
  const { tags } = run;
  return useMemo(() => cellOrigin(tags), [tags]);
}

/** Where the cell that made the run is, with a button that leads there; a sentence where it is not there any more. */
export function MadeBy(props: { origin: CellOrigin }): JSX.Element {
  const { origin } = props;
  const trans = useTrans();
  const visible = useVisible();
  const { actions } = useRunPage();
  const [failure, setFailure] = useState<string | null>(null);
  const query = useQuery({
    queryKey: [
      'notebooks',
      'cell',
      origin.notebookId,
      origin.path,
      origin.cellId
    ],
    enabled: visible,
    staleTime: STALE_MS,
    queryFn: ({ signal }) => actions.locateCell(origin, signal)
  });
  const place = query.data;
  const path = place?.path ?? origin.path;
  if (path === null) {
    return (
      <span>
        {place === null
          ? trans.__('A notebook that is not known here')
          : trans.__('A notebook')}
      </span>
    );
  }
  const onShow = async (): Promise<void> => {
    setFailure(null);
    try {
      await actions.showCell(origin);
      // What was found on the way stands here when somebody comes back.
      await query.refetch();
    } catch (reason) {
      setFailure(describeError(reason, trans).message);
    }
  };
  const isGone = place?.notebook === 'gone';
  const sentence = problemOf(place, trans);
  return (
    <span className="jp-mlflow-MadeBy">
      {isGone ? (
        <span className="jp-mlflow-Facts-text" title={path}>
          {path}
        </span>
      ) : (
        <Button
          look="link"
          className="jp-mlflow-Facts-text"
          title={trans.__('Show the cell in %1', path)}
          onClick={() => void onShow()}
        >
          {wordsOf(place, path, trans)}
        </Button>
      )}
      <span role="status" className="jp-mlflow-MadeBy-problem">
        {failure ?? sentence}
      </span>
    </span>
  );
}

type Trans = ReturnType<typeof useTrans>;

function wordsOf(
  place: CellPlace | null | undefined,
  path: string,
  trans: Trans
): string {
  if (place?.cell === 'there' && place.executionCount !== null) {
    return trans.__('cell [%1] of %2', place.executionCount, path);
  }
  return place?.cell === 'gone' ? path : trans.__('a cell of %1', path);
}

function problemOf(
  place: CellPlace | null | undefined,
  trans: Trans
): string | null {
  if (place?.notebook === 'gone') {
    return trans.__('The notebook is not there any more.');
  }
  return place?.cell === 'gone'
    ? trans.__('The cell is not in it any more.')
    : null;
}
