import type { Finding } from '../tokens';
import { within } from './reach';
import { someInput } from './testing/inputs';

const FOUND: Finding = {
  id: 'path-leak',
  severity: 'info',
  message: ['…'],
  evidence: ['…'],
  remedies: [
    { kind: 'open-terminal' },
    { kind: 'create-environment', mlflow: null, packages: [] },
    { kind: 'rename-file', path: '/a', contentsPath: 'a' },
    { kind: 'restart-kernel' },
    { kind: 'show-commands', of: { kind: 'install', packages: ['mlflow'] } }
  ]
};

describe('within', () => {
  it('should propose nothing on Jupyter’s own machine for a kernel of another', () => {
    const far = within(FOUND, someInput({}, { reach: 'gateway' }));
    expect(far.remedies.map(({ kind }) => kind)).toEqual([
      'restart-kernel',
      'show-commands'
    ]);
  });

  it('should leave everything to a kernel that runs beside Jupyter', () => {
    expect(within(FOUND, someInput())).toBe(FOUND);
  });
});
