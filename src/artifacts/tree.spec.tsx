import { fireEvent, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { MlflowClient } from '../mlflow';
import {
  FakeServers,
  FakeTransport,
  renderView,
  type Answer
} from '../ui/testing/harness';
import { runArtifacts } from './source';
import { ArtifactTree } from './tree';

const FILES: Record<
  string,
  Array<{ path: string; is_dir?: boolean; file_size?: number }>
> = {
  '': [
    { path: 'b.txt', file_size: 1200 },
    { path: 'data', is_dir: true },
    { path: 'a <b> &.html', file_size: 3 }
  ],
  data: [
    { path: 'data/10.csv', file_size: 1 },
    { path: 'data/9.csv', file_size: 1 },
    { path: 'data/none', is_dir: true }
  ],
  'data/none': []
};

function Tree(props: { servers: FakeServers }): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  return (
    <ArtifactTree
      serverId="s1"
      source={runArtifacts(
        new MlflowClient(props.servers.transport()),
        's1',
        'r1'
      )}
      label="Artifacts"
      isOpen={path => open.has(path)}
      onToggle={(path, isOpen) => {
        const next = new Set(open);
        next[isOpen ? 'add' : 'delete'](path);
        setOpen(next);
      }}
      live={false}
      empty="No files logged"
    />
  );
}

function setUp(
  answer: (path: string) => Answer = path => ({ json: { files: FILES[path] } })
) {
  const transport = new FakeTransport(({ body }) =>
    answer(String(body.path ?? ''))
  );
  const servers = new FakeServers(transport);
  renderView(<Tree servers={servers} />, servers);
  return transport;
}

const names = () =>
  screen
    .queryAllByRole('treeitem')
    .map(row => row.getAttribute('aria-label') ?? row.textContent);

describe('ArtifactTree', () => {
  it('should list folders first, and read a folder when it is opened', async () => {
    const transport = setUp();
    const folder = await screen.findByRole('treeitem', { name: 'data' });
    expect(names()).toEqual(['data', 'a <b> &.html', 'b.txt']);
    expect(transport.count('artifacts/list')).toBe(1);

    fireEvent.click(folder);
    await screen.findByRole('treeitem', { name: '9.csv' });
    expect(names()).toEqual([
      'data',
      'none',
      '9.csv',
      '10.csv',
      'a <b> &.html',
      'b.txt'
    ]);
    fireEvent.click(screen.getByRole('treeitem', { name: 'none' }));
    await screen.findByText('Empty');
    fireEvent.click(screen.getByRole('treeitem', { name: 'data' }));
    expect(names()).toEqual(['data', 'a <b> &.html', 'b.txt']);
  });

  it('should offer files as downloads, never as pages', async () => {
    setUp();
    const link = await screen.findByRole('link', {
      name: 'Download a <b> &.html'
    });
    expect(link.getAttribute('download')).toBe('a <b> &.html');
    expect(link.getAttribute('target')).toBeNull();
    expect(link.getAttribute('href')).toBe(
      '/forwarded/get-artifact?run_id=r1&path=a+%3Cb%3E+%26.html'
    );
    expect(screen.getByText('1.2 kB')).toBeTruthy();
  });

  it('should open and close folders by the keyboard, and download by Enter', async () => {
    setUp();
    await screen.findByRole('treeitem', { name: 'data' });
    const tree = screen.getByRole('tree', { name: 'Artifacts' });
    fireEvent.keyDown(tree, { key: 'ArrowDown' });
    fireEvent.keyDown(tree, { key: 'ArrowRight' });
    await screen.findByRole('treeitem', { name: '9.csv' });
    fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    expect(names()).toHaveLength(3);

    const clicked = jest.fn((event: MouseEvent) => event.preventDefault());
    screen
      .getByRole('link', { name: 'Download b.txt' })
      .addEventListener('click', clicked);
    fireEvent.keyDown(tree, { key: 'End' });
    fireEvent.keyDown(tree, { key: 'Enter' });
    expect(clicked).toHaveBeenCalledTimes(1);
  });

  it('should say why a folder could not be read, where it stands', async () => {
    setUp(path =>
      path === 'data'
        ? { status: 500, code: 'INTERNAL_ERROR', message: 'bucket is gone' }
        : { json: { files: FILES[path] } }
    );
    fireEvent.click(await screen.findByRole('treeitem', { name: 'data' }));
    const alert = await screen.findByRole('alert');
    expect(alert.closest('[role=treeitem]')).not.toBeNull();
    expect(names()).toHaveLength(4);
  });

  it('should draw a large folder in parts', async () => {
    setUp(() => ({
      json: {
        files: Array.from({ length: 250 }, (_, i) => ({
          path: `${i}.bin`,
          file_size: i
        }))
      }
    }));
    // Roles of hundreds of lines are slow to find in jsdom.
    const links = () => document.querySelectorAll('a[download]').length;
    const more = await screen.findByText('Show more of the other 50');
    expect(links()).toBe(200);
    fireEvent.click(more);
    await waitFor(() => expect(links()).toBe(250));
    // Hundreds of icons take jsdom its time on a busy machine.
  }, 30_000);

  it('should say that there is nothing', async () => {
    setUp(() => ({ json: {} }));
    await screen.findByText('No files logged');
  });
});
