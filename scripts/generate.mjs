// Writes what is derived from other files: settings types from schema/*.json, parsers from src/**/*.peggy, and what the server
// has, too: the table of what MLflow does not work beside, and the packages of modules.
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import peggy from 'peggy';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Keeps the time stamp of a file that would not change, so that incremental builds stay incremental. */
function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    writeFileSync(path, text);
  }
}

for (const file of readdirSync(join(root, 'schema')).filter(
  name => name.endsWith('.json') && name !== 'package.json'
)) {
  const feature = basename(file, '.json');
  const schema = JSON.parse(readFileSync(join(root, 'schema', file), 'utf8'));
  const types = await compile(
    { ...schema, title: `${feature} settings` },
    feature,
    { additionalProperties: false, bannerComment: '' }
  );
  writeIfChanged(join(root, 'src', feature, 'settings.generated.ts'), types);
}

const [, table] = /json\.loads\(\s*"""([^]*?)"""/.exec(
  readFileSync(
    join(root, 'python-shim/jupyter_mlflow/kernel/magics/conflicts.py'),
    'utf8'
  )
);
writeIfChanged(
  join(root, 'src', 'doctor', 'findings', 'conflicts.generated.ts'),
  `import type { MlflowTable } from './conflict-table';\n\nexport const TABLE: MlflowTable = ${table.trim()};\n`
);

const rows = readFileSync(
  join(root, 'python-shim/jupyter_mlflow/server/environments/import_names.txt'),
  'utf8'
)
  .split('\n')
  .filter(row => row !== '' && !row.startsWith('#'));
writeIfChanged(
  join(root, 'src', 'doctor', 'findings', 'packages.generated.ts'),
  `export const ROWS = ${JSON.stringify(rows.join('\n'))};\n`
);

const source = join(root, 'src', 'mlflow', 'filter', 'grammar.peggy');
if (existsSync(source)) {
  writeIfChanged(
    source.replace('grammar.peggy', 'grammar.generated.js'),
    peggy.generate(readFileSync(source, 'utf8'), {
      output: 'source',
      format: 'es',
      grammarSource: 'grammar.peggy'
    })
  );
}
