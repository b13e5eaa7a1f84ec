// Measures what of the built extension loads together with JupyterLab, gzipped, against its limit of 50 kB.
//
// It loads the extension as JupyterLab does: the container, then the modules that package.json names, with stand-ins for what
// JupyterLab shares. So it counts what really loads; a chunk that is imported later is not asked for and not counted.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { labextension, root } from './lib/paths.mjs';
import { Trouble, report } from './lib/trouble.mjs';

/** Bytes, gzipped, that may load with JupyterLab. */
export const LIMIT_BYTES = 50_000;
const BASE = 'http://localhost/';

/** Packages that JupyterLab offers to extensions, at the versions of its core. */
function sharedScope() {
  const path = join(
    root,
    'node_modules',
    '@jupyterlab',
    'core-meta',
    'core.package.json'
  );
  const core = JSON.parse(readFileSync(path, 'utf8'));
  const versions = {
    ...core.dependencies,
    ...core.devDependencies,
    ...core.resolutions
  };
  const scope = {};
  for (const [name, range] of Object.entries(versions)) {
    const version = String(range).replace(/^[^\d]*/, '');
    scope[name] = {
      [version]: {
        get: () => Promise.resolve(() => ({})),
        from: 'core',
        eager: true,
        loaded: 1
      }
    };
  }
  return scope;
}

/** A page that has nothing but scripts: each one added is read from `folder`, run, and noted. */
function page(folder, loaded) {
  const window = {
    console,
    setTimeout,
    clearTimeout,
    URL,
    Promise,
    location: { href: BASE },
    _JUPYTERLAB: {}
  };
  const load = name => {
    if (!loaded.has(name)) {
      loaded.add(name);
      runInContext(readFileSync(join(folder, name), 'utf8'), context, {
        filename: name
      });
    }
  };
  const head = {
    appendChild: script => {
      queueMicrotask(() => {
        try {
          load(basename(new URL(script.src, BASE).pathname));
          script.onload?.({ type: 'load', target: script });
        } catch (error) {
          script.onerror?.({
            type: 'error',
            target: script,
            message: error.message
          });
        }
      });
    }
  };
  window.window = window.self = window.globalThis = window;
  window.document = {
    head,
    currentScript: { src: `${BASE}static/remoteEntry.js`, tagName: 'SCRIPT' },
    getElementsByTagName: () => [],
    createElement: () => ({
      setAttribute: () => {},
      getAttribute: () => null,
      remove: () => {}
    })
  };
  const context = createContext(window);
  return { window, load };
}

/**
 * The files that load with JupyterLab.
 *
 * @param {string} folder the built extension
 * @returns {Promise<{name: string, bytes: number, gzip: number}[]>}
 */
export async function startUpFiles(folder = labextension) {
  if (!existsSync(join(folder, 'package.json'))) {
    throw new Trouble('The extension is not built.', 'npm run build:prod');
  }
  const { name, jupyterlab } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8')
  );
  const { load: entry, extension, style, mimeExtension } = jupyterlab._build;
  const files = new Set();
  const { window, load } = page(join(folder, 'static'), files);
  load(basename(entry));
  const container = window._JUPYTERLAB[name];
  await container.init(sharedScope());
  for (const module of [extension, style, mimeExtension]) {
    if (module) {
      await container.get(module);
    }
  }
  return [...files].map(file => {
    const content = readFileSync(join(folder, 'static', file));
    return {
      name: file,
      bytes: content.length,
      gzip: gzipSync(content, { level: 9 }).length
    };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const files = await startUpFiles();
    const total = files.reduce((sum, { gzip }) => sum + gzip, 0);
    for (const { name, bytes, gzip } of files) {
      console.log(
        `${String(gzip).padStart(8)} B gzip ${String(bytes).padStart(9)} B  ${name}`
      );
    }
    console.log(
      `${String(total).padStart(8)} B gzip load with JupyterLab; the limit is ${LIMIT_BYTES} B`
    );
    if (total > LIMIT_BYTES) {
      throw new Trouble(
        `${total - LIMIT_BYTES} B too much loads with JupyterLab: import it when it is first shown.`
      );
    }
  } catch (error) {
    report(error);
  }
}
