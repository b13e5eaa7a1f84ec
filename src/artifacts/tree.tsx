import {
  caretDownIcon,
  caretRightIcon,
  downloadIcon,
  fileIcon,
  folderIcon
} from '@jupyterlab/ui-components';
import { useQueries } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useServers } from '../servers';
import { Button } from '../ui/buttons';
import { useTrans, useVisible } from '../ui/context';
import { describeError } from '../ui/errors';
import { formatBytes, oneLine } from '../ui/format';
import { useKeyedList } from '../ui/keyed-list';
import { rowsOf, type ArtifactRow, type Folder } from './rows';
import type { ArtifactSource } from './source';

/** A folder draws so many files at first, and so many more each time. */
const DRAWN_FILES = 200;
/** Listing a folder may mean listing a bucket: while a run writes, it is asked that many times less often. */
const SLOWNESS = 5;

interface ArtifactTreeProps {
  readonly serverId: string;
  readonly source: ArtifactSource;
  readonly label: string;
  /** Paths of open folders; kept by the view's model. */
  readonly isOpen: (path: string) => boolean;
  readonly onToggle: (path: string, open: boolean) => void;
  /** Files may still appear. */
  readonly live: boolean;
  /** What is said when there is nothing at all. */
  readonly empty: string;
}

/** The open folders, parents before their children. */
function useFolders(props: ArtifactTreeProps): ReadonlyMap<string, Folder> {
  const { serverId, source, isOpen, live } = props;
  const servers = useServers();
  const visible = useVisible();
  const [paths, setPaths] = useState<ReadonlyArray<string>>(['']);
  const results = useQueries({
    queries: paths.map(path => ({
      queryKey: [...source.key, 'folder', path],
      enabled: visible,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        source.list(path, signal),
      refetchInterval: () => {
        const pace = servers.pollInterval(serverId, 0);
        return live && visible && pace !== false ? pace * SLOWNESS : false;
      }
    }))
  });
  const folders = new Map<string, Folder>();
  paths.forEach((path, index) => {
    const { data, error } = results[index];
    folders.set(path, { files: data ?? null, error });
  });
  // What an answer opens is asked for in the next round: only folders that are listed are ever read.
  const wanted = [
    '',
    ...[...folders.values()].flatMap(({ files }) =>
      (files ?? [])
        .filter(file => file.isDirectory && isOpen(file.path))
        .map(file => file.path)
    )
  ];
  if (wanted.join('\n') !== paths.join('\n')) {
    setPaths(wanted);
  }
  return folders;
}

/** Files by folder, read as folders are opened; a file's line downloads it. */
export function ArtifactTree(props: ArtifactTreeProps): JSX.Element {
  const { source, isOpen, onToggle, label } = props;
  const trans = useTrans();
  const folders = useFolders(props);
  const [limits, setLimits] = useState<ReadonlyMap<string, number>>(new Map());
  const list = useRef<HTMLDivElement>(null);
  const rows = rowsOf(folders, isOpen, limits, DRAWN_FILES);
  const toggle = (key: string): void => {
    const row = rows.find(one => one.key === key);
    if (row?.kind === 'folder') {
      onToggle(row.file.path, !row.open);
    }
  };
  const open = (key: string): void => {
    const row = rows.find(one => one.key === key);
    if (row?.kind === 'file') {
      list.current
        ?.querySelector<HTMLAnchorElement>(
          `a[data-path="${CSS.escape(row.file.path)}"]`
        )
        ?.click();
    } else {
      toggle(key);
    }
  };
  const { listProps, itemProps } = useKeyedList({
    role: 'tree',
    items: rows.map(row => ({
      key: row.key,
      text: row.name,
      level: row.level,
      expanded: row.kind === 'folder' ? row.open : undefined
    })),
    selectOnMove: false,
    onOpen: open,
    onToggle: key => toggle(key)
  });

  const only = rows.length === 1 ? rows[0] : null;
  if (only?.kind === 'empty') {
    return <p className="jp-mlflow-Artifacts-empty">{props.empty}</p>;
  }
  return (
    <>
      <div
        ref={list}
        {...listProps}
        aria-label={label}
        className="jp-mlflow-Artifacts"
      >
        {rows.map(row => {
          const { onClick, ...rest } = itemProps({
            key: row.key,
            text: row.name,
            level: row.level,
            expanded: row.kind === 'folder' ? row.open : undefined
          });
          return (
            <div
              key={row.key}
              {...rest}
              aria-label={row.name || undefined}
              className="jp-mlflow-Artifacts-row"
              style={{ paddingLeft: 4 + 16 * (row.level - 1) }}
              onClick={event => {
                onClick(event);
                if (row.kind === 'folder') {
                  toggle(row.key);
                }
              }}
              // A double click is two clicks: it must not toggle a third time, nor download by itself.
              onDoubleClick={undefined}
            >
              <RowContent
                row={row}
                source={source}
                onMore={path =>
                  setLimits(
                    new Map(limits).set(
                      path,
                      (limits.get(path) ?? DRAWN_FILES) + 5 * DRAWN_FILES
                    )
                  )
                }
              />
            </div>
          );
        })}
      </div>
      <span className="jp-mlflow-hidden" role="status">
        {rows.some(row => row.kind === 'loading')
          ? trans.__('Loading files')
          : ''}
      </span>
    </>
  );
}

function RowContent(props: {
  row: ArtifactRow;
  source: ArtifactSource;
  onMore: (path: string) => void;
}): JSX.Element {
  const { row, source } = props;
  const trans = useTrans();
  switch (row.kind) {
    case 'loading':
      return (
        <span className="jp-mlflow-Artifacts-note">{trans.__('Loading…')}</span>
      );
    case 'empty':
      return (
        <span className="jp-mlflow-Artifacts-note">{trans.__('Empty')}</span>
      );
    case 'error':
      return (
        <span role="alert" className="jp-mlflow-SaveProblem">
          {row.error ? describeError(row.error, trans).message : ''}
        </span>
      );
    case 'more':
      return (
        <Button look="link" onClick={() => props.onMore(row.path)}>
          {trans.__('Show more of the other %1', row.rest)}
        </Button>
      );
    case 'folder':
      return (
        <>
          <Caret open={row.open} />
          <folderIcon.react tag="span" elementSize="normal" aria-hidden />
          <span className="jp-mlflow-Artifacts-name" title={row.file.path}>
            {oneLine(row.name)}
          </span>
        </>
      );
    case 'file':
      return (
        <>
          <span className="jp-mlflow-Artifacts-caret" />
          <fileIcon.react tag="span" elementSize="normal" aria-hidden />
          <span className="jp-mlflow-Artifacts-name" title={row.file.path}>
            {oneLine(row.name)}
          </span>
          <span className="jp-mlflow-Artifacts-size">
            {row.file.size === null ? '' : formatBytes(row.file.size)}
          </span>
          <a
            className="jp-mlflow-IconButton"
            href={source.downloadUrl(row.file.path)}
            // Saved, never opened: a page from an artifact would run in Jupyter's origin.
            download={row.name}
            rel="noopener"
            data-path={row.file.path}
            aria-label={trans.__('Download %1', row.name)}
            title={trans.__('Download %1', row.name)}
          >
            <downloadIcon.react
              tag="span"
              elementPosition="center"
              elementSize="normal"
              aria-hidden
            />
          </a>
        </>
      );
  }
}

function Caret(props: { open: boolean }): JSX.Element {
  const icon = props.open ? caretDownIcon : caretRightIcon;
  return (
    <icon.react
      tag="span"
      className="jp-mlflow-Artifacts-caret"
      elementPosition="center"
      elementSize="normal"
      aria-hidden
    />
  );
}
