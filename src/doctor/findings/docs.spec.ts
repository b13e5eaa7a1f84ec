import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINDING_IDS } from './ids';

const DOCS = join(__dirname, '..', '..', '..', 'docs', 'doctor.md');

describe('docs/doctor.md', () => {
  it('should explain every finding, and no other', () => {
    const text = readFileSync(DOCS, 'utf8');
    const explained = [...text.matchAll(/^\| `([a-z-]+)`/gm)].map(
      ([, id]) => id
    );
    expect([...explained].sort()).toEqual([...FINDING_IDS].sort());
  });
});
