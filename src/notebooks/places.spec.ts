import { type Contents, ServerConnection } from '@jupyterlab/services';
import { CellPlaces } from './places';
import { FakePanel, FakeTracker } from './testing/fake-notebooks';

const ORIGIN = { notebookId: 'n1', path: 'old.ipynb', cellId: 'c2' };
const CELLS = [
  { id: 'c1', executionCount: 1 },
  { id: 'c2', executionCount: 3 }
];

interface File {
  type?: string;
  size?: number;
  cells?: ReadonlyArray<{ id: string; executionCount: number | null }>;
}

function setUp(
  given: {
    files?: Record<string, File>;
    records?: Record<string, string>;
    isNotebook7?: boolean;
  } = {}
) {
  const { files = {}, records = {}, isNotebook7 = false } = given;
  const tracker = new FakeTracker();
  const read: string[] = [];
  const opened: Array<[string, string | null]> = [];
  const contents = {
    driveName: (path: string) => (path.startsWith('S3:') ? 'S3' : ''),
    get: (path: string, options?: Contents.IFetchOptions) => {
      const file = files[path];
      if (!file) {
        return Promise.reject(
          new ServerConnection.ResponseError({
            status: 404,
            statusText: 'Not Found'
          } as Response)
        );
      }
      const withContent = options === undefined || options.content;
      if (withContent) {
        read.push(path);
      }
      return Promise.resolve({
        type: file.type ?? 'notebook',
        size: file.size ?? 100,
        content: withContent
          ? {
              cells: (file.cells ?? CELLS).map(({ id, executionCount }) => ({
                id,
                execution_count: executionCount
              }))
            }
          : null
      } as Contents.IModel);
    }
  };
  const places = new CellPlaces({
    tracker: tracker.asTracker,
    contents,
    records: {
      byId: id =>
        Promise.resolve(id in records ? { id, path: records[id] } : null)
    },
    open: isNotebook7
      ? null
      : path => {
          const panel = new FakePanel(path, files[path].cells ?? CELLS);
          tracker.use(panel);
          return panel.asPanel;
        },
    openWindow: (path, cellId) => opened.push([path, cellId]),
    activate: panel =>
      tracker.use(tracker.panels.find(one => one.asPanel === panel) ?? null)
  });
  return { tracker, places, read, opened };
}

describe('CellPlaces', () => {
  describe('#locate', () => {
    it('should find the cell in the file', async () => {
      const { places } = setUp({ files: { 'old.ipynb': {} } });
      expect(await places.locate(ORIGIN)).toEqual({
        path: 'old.ipynb',
        notebook: 'there',
        cell: 'there',
        executionCount: 3
      });
    });

    it('should follow a renamed notebook by its id', async () => {
      const { places } = setUp({
        files: { 'new.ipynb': {} },
        records: { n1: 'new.ipynb' }
      });
      expect((await places.locate(ORIGIN))?.path).toBe('new.ipynb');
    });

    it('should look into the open notebook, not into its file', async () => {
      const { places, tracker, read } = setUp({ files: { 'old.ipynb': {} } });
      tracker.use(
        new FakePanel('old.ipynb', [{ id: 'c2', executionCount: 9 }])
      );
      expect((await places.locate(ORIGIN))?.executionCount).toBe(9);
      expect(read).toEqual([]);
    });

    it.each([
      ['the notebook is gone', {}, 'gone', 'gone'],
      ['a folder stands there', { type: 'directory' }, 'gone', 'gone'],
      ['the cell is gone', { cells: [] }, 'there', 'gone'],
      ['the notebook is large', { size: 50_000_000 }, 'there', 'unknown']
    ])('should say that %s', async (_, file, notebook, cell) => {
      const { places } = setUp({
        files: Object.keys(file).length > 0 ? { 'old.ipynb': file } : {}
      });
      expect(await places.locate(ORIGIN)).toMatchObject({ notebook, cell });
    });

    it('should not look into another drive', async () => {
      const { places } = setUp({ files: { 'S3:x.ipynb': {} } });
      expect(await places.locate({ ...ORIGIN, path: 'S3:x.ipynb' })).toBeNull();
    });
  });

  describe('#show', () => {
    it('should open the notebook, scroll to the cell and focus it', async () => {
      const { places, tracker } = setUp({ files: { 'old.ipynb': {} } });
      await places.show(ORIGIN);
      expect(tracker.currentWidget?.content).toMatchObject({
        activeCellIndex: 1,
        scrolledTo: 1,
        isFocused: true,
        mode: 'command'
      });
    });

    it('should show it where it is open', async () => {
      const { places, tracker } = setUp({ files: {}, isNotebook7: true });
      const panel = new FakePanel('old.ipynb', CELLS);
      tracker.use(panel);
      tracker.use(new FakePanel('other.ipynb'));
      await places.show(ORIGIN);
      expect(tracker.currentWidget).toBe(panel);
      expect(panel.content.activeCellIndex).toBe(1);
    });

    it('should open a window of its own where this one is full', async () => {
      const { places, opened } = setUp({
        files: { 'old.ipynb': {} },
        isNotebook7: true
      });
      await places.show(ORIGIN);
      expect(opened).toEqual([['old.ipynb', 'c2']]);
    });

    it('should open nothing that is not there', async () => {
      const { places, tracker, opened } = setUp();
      expect(await places.show(ORIGIN)).toMatchObject({ notebook: 'gone' });
      expect(tracker.panels).toEqual([]);
      expect(opened).toEqual([]);
    });

    it('should open the notebook of a cell that is gone, and say so', async () => {
      const { places, tracker } = setUp({
        files: { 'old.ipynb': { cells: [] } }
      });
      expect(await places.show(ORIGIN)).toMatchObject({ cell: 'gone' });
      expect(tracker.currentWidget?.context.localPath).toBe('old.ipynb');
    });
  });
});
