import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { activated } from '../lib/env.mjs';
import { findPython } from '../lib/python.mjs';

test('modules are compiled once, whatever the image of a container says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jupyter-mlflow-env-'));
  try {
    writeFileSync(join(folder, 'thing.py'), '');
    const { status } = spawnSync(
      findPython().executable,
      ['-c', 'import thing'],
      {
        cwd: folder,
        env: activated(folder, {
          ...process.env,
          PYTHONDONTWRITEBYTECODE: '1',
          PYTHONPYCACHEPREFIX: ''
        })
      }
    );
    assert.equal(status, 0);
    assert.ok(existsSync(join(folder, '__pycache__')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
