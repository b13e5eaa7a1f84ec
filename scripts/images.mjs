// `npm run images`: makes the pictures of docs/images anew. See scripts/lib/images.mjs.
import { tooOldNode } from './lib/node-version.mjs';

const problem = tooOldNode(process.versions.node);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  // Not imported above: an old Node could not even read it.
  import('./lib/images.mjs').then(({ main }) => main(process.argv.slice(2)));
}
