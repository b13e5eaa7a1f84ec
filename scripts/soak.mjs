// `npm run soak`: kernels come and go for long, and nothing is left behind. See scripts/lib/soak.mjs.
import { tooOldNode } from './lib/node-version.mjs';

const problem = tooOldNode(process.versions.node);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  // Not imported above: an old Node could not even read it.
  import('./lib/soak.mjs').then(({ main }) => main(process.argv.slice(2)));
}
