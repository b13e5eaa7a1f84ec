import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageOf } from './packages';

const LIST = join(
  __dirname,
  '../../../python-shim/jupyter_mlflow/server/environments/import_names.txt'
);

describe('packageOf', () => {
  it('should know every name that the server knows', () => {
    const rows = readFileSync(LIST, 'utf8')
      .split('\n')
      .filter(row => row && !row.startsWith('#'))
      .map(row => row.split(/\s+/));
    expect(rows.length).toBeGreaterThan(300);
    expect(rows.map(([module]) => packageOf(module))).toEqual(
      rows.map(row => row.at(-1))
    );
  });

  it.each([
    ['sklearn', 'scikit-learn'],
    ['pandas', 'pandas'],
    ['lifelines', 'lifelines']
  ])('should know that %s is of %s', (module, name) => {
    expect(packageOf(module)).toBe(name);
  });

  it.each(['my_module', 'constructor', '__proto__', '', 'Pandas'])(
    'should guess nothing for “%s”',
    module => {
      expect(packageOf(module)).toBeNull();
    }
  );
});
