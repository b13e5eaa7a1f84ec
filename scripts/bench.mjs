// `npm run bench`: figures and ratios of speed and size, see docs/performance.md and bench/main.mjs.
import { tooOldNode } from './lib/node-version.mjs';

const problem = tooOldNode(process.versions.node);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  // Not imported above: an old Node could not even read it.
  import('../bench/main.mjs').then(({ main }) => main(process.argv.slice(2)));
}
