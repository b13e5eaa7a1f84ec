// Diagnoses reports as the page does, with the page's own code: each line of stdin is an input as JSON, each line of stdout the
// findings.
const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');

require.extensions['.ts'] = (module, file) => {
  const { outputText } = ts.transpileModule(fs.readFileSync(file, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true
    }
  });
  module._compile(outputText, file);
};

const source = path.join(__dirname, '..', '..', 'src');
const { diagnose, diagnoseError, inputOf } = require(
  path.join(source, 'doctor', 'findings')
);
const { answerOf } = require(path.join(source, 'kernel', 'answer'));
const { kernelReportSchema } = require(path.join(source, 'kernel', 'report'));
const v = require('valibot');

function found({ report, error, ...rest }) {
  const answer =
    report === null
      ? { state: 'none', reason: null, report: null }
      : answerOf(v.parse(kernelReportSchema, report));
  const environment = { path: 'a.ipynb', kernelId: 'k', ...answer };
  const input = inputOf(environment, {
    kernelspecs: null,
    server: null,
    serverVersion: null,
    imported: answer.report?.import_check ?? null,
    ...rest
  });
  return error === undefined
    ? diagnose(input)
    : [diagnoseError(error, input)].filter(each => each !== null);
}

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', line => {
    process.stdout.write(JSON.stringify(found(JSON.parse(line))) + '\n');
  });
