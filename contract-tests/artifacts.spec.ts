import { type Run } from '../src/mlflow';
import { describeServers, failure } from './support';

describeServers('artifacts', bench => {
  const { client, isNewest } = bench;
  const { artifacts } = client;
  const PAGE = '<html><script>alert(1)</script></html>';
  let run: Run;
  const target = (): { id: string; artifactUri: string } => run.info;

  beforeAll(async () => {
    run = await bench.run();
    await artifacts.upload(target(), 'readme.txt', new Blob(['Grüße 🚀\n']));
    await artifacts.upload(target(), 'plots/page.html', new Blob([PAGE]));
    await artifacts.upload(
      target(),
      'plots/sub/empty.bin',
      new Blob([new Uint8Array(3)])
    );
  });

  it('should list files and folders, level by level', async () => {
    expect(await artifacts.list(run.info.id)).toEqual([
      { path: 'plots', isDirectory: true, size: null },
      {
        path: 'readme.txt',
        isDirectory: false,
        size: new Blob(['Grüße 🚀\n']).size
      }
    ]);
    expect(
      (await artifacts.list(run.info.id, 'plots')).map(file => [
        file.path,
        file.isDirectory
      ])
    ).toEqual([
      ['plots/page.html', false],
      ['plots/sub', true]
    ]);
    expect(await artifacts.list(run.info.id, 'plots/sub')).toEqual([
      { path: 'plots/sub/empty.bin', isDirectory: false, size: 3 }
    ]);
  });

  it('should list nothing for a file, for nothing, and for a run without artifacts', async () => {
    expect(await artifacts.list(run.info.id, 'readme.txt')).toEqual([]);
    expect(await artifacts.list(run.info.id, 'no/such')).toEqual([]);
    expect(
      await artifacts.list((await bench.run(run.info.experimentId)).info.id)
    ).toEqual([]);
  });

  it('should not leave the run', async () => {
    await expect(artifacts.list(run.info.id, '../..')).rejects.toEqual(
      failure('invalid')
    );
    await expect(
      artifacts.upload(target(), '../x', new Blob(['x']))
    ).rejects.toEqual(failure('invalid', /not a path/));
    await expect(
      artifacts.upload(target(), '/x', new Blob(['x']))
    ).rejects.toEqual(failure('invalid'));
    await expect(artifacts.list('nothing')).rejects.toEqual(
      failure('not-found')
    );
  });

  it('should read text and bytes', async () => {
    expect(await artifacts.text(run.info.id, 'readme.txt')).toBe('Grüße 🚀\n');
    const blob = await artifacts.blob(run.info.id, 'plots/sub/empty.bin');
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(new Uint8Array(3));
  });

  it('should download by an address, always as an attachment, and in ranges', async () => {
    const response = await fetch(
      artifacts.downloadUrl(run.info.id, 'plots/page.html'),
      {
        headers: { Range: 'bytes=0-5' }
      }
    );
    expect(response.status).toBe(206);
    expect(await response.text()).toBe(PAGE.slice(0, 6));
    expect(response.headers.get('Content-Disposition')).toMatch(/^attachment/);
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    // HTML keeps its type: what shows it must not trust it.
    expect(response.headers.get('Content-Type')).toMatch(/^text\/html/);
    expect(response.headers.get('ETag')).not.toBeNull();
  });

  it('should say what is wrong with a file that is not there, or a folder', async () => {
    for (const path of ['no/such.txt', 'plots']) {
      const raw = await bench.raw('GET', '/get-artifact', {
        query: { run_id: run.info.id, path }
      });
      expect(raw.type).toBe(
        isNewest && raw.status !== 500 ? 'application/json' : raw.type
      );
      const error = await artifacts
        .text(run.info.id, path)
        .catch((e: unknown) => e);
      expect(error).toEqual(
        isNewest && path !== 'plots'
          ? failure('not-found')
          : expect.objectContaining({ name: 'MlflowError' })
      );
    }
    await expect(artifacts.text('nothing', 'x')).rejects.toEqual(
      failure('not-found')
    );
  });

  it('should replace a file, and keep odd names', async () => {
    await artifacts.upload(target(), 'again.txt', new Blob(['one']));
    await artifacts.upload(target(), 'again.txt', new Blob(['two']));
    expect(await artifacts.text(run.info.id, 'again.txt')).toBe('two');
    const odd = 'größe & 50 + 1/a=b ? 🚀.txt';
    await artifacts.upload(target(), odd, new Blob(['odd']));
    expect(
      (await artifacts.list(run.info.id, 'größe & 50 + 1')).map(
        file => file.path
      )
    ).toEqual([odd]);
    expect(await artifacts.text(run.info.id, odd)).toBe('odd');
    const hash = artifacts.upload(target(), 'a#b.txt', new Blob(['x']));
    await (isNewest
      ? expect(hash).rejects.toEqual(failure('invalid', /path/))
      : hash);
  });

  it('should be written through mlflow-artifacts, which answers as measured', async () => {
    const path = `/ajax-api/2.0/mlflow-artifacts/artifacts/${run.info.artifactUri.replace('mlflow-artifacts:/', '')}`;
    const put = await bench.raw('PUT', `${path}/raw.txt`, {
      text: 'raw',
      headers: {}
    });
    expect(put.status).toBe(200);
    expect(put.text.trim()).toMatch(isNewest ? /^(\{\})?$/ : /^\{\}$/);
    const missing = await bench.raw('GET', `${path}/no-such`);
    expect(missing).toMatchObject(
      isNewest ? { status: 404, type: 'application/json' } : { status: 500 }
    );
    const removed = await bench.raw('DELETE', `${path}/raw.txt`);
    expect(removed.status).toBe(isNewest ? 200 : 500);
  });

  it('should write into runs whose files the server does not proxy, where it can', async () => {
    // The run's own address is hidden, as if its files lay in a bucket.
    const elsewhere = { id: run.info.id, artifactUri: 's3://bucket/run' };
    const upload = artifacts.upload(
      elsewhere,
      'by-server.txt',
      new Blob(['server'])
    );
    if (isNewest) {
      await upload;
      expect(await artifacts.text(run.info.id, 'by-server.txt')).toBe('server');
    } else {
      await expect(upload).rejects.toEqual(failure('too-old'));
    }
    const large = new Blob([new Uint8Array(10 * 1024 * 1024 + 1)]);
    await expect(
      artifacts.upload(elsewhere, 'large.bin', large)
    ).rejects.toEqual(failure('too-large', /10 MB/));
  });

  it('should take a large file where it is proxied, and end with the AbortError of its signal', async () => {
    const large = new Blob([new Uint8Array(12 * 1024 * 1024)]);
    await artifacts.upload(target(), 'large.bin', large);
    const listed = (await artifacts.list(run.info.id)).find(
      file => file.path === 'large.bin'
    );
    expect(listed?.size).toBe(large.size);
    const controller = new AbortController();
    const pending = artifacts.blob(run.info.id, 'large.bin', controller.signal);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  });
});
