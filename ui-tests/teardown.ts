import { rmSync } from 'node:fs';
import { workFolder } from './servers';

/** Removes the stores and notebooks of this run. */
export default function teardown(): void {
  rmSync(workFolder(), { recursive: true, force: true, maxRetries: 5 });
}
