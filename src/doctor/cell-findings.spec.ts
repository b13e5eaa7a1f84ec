import { findingOfCell, missingModules } from './cell-findings';
import { ABSENT, someInput } from './findings/testing/inputs';

const error = (ename: string, evalue: string, traceback: unknown = []) => ({
  output_type: 'error',
  ename,
  evalue,
  traceback
});

const MISSING = error('ModuleNotFoundError', "No module named 'mlflow'");

describe('findingOfCell', () => {
  it('should find the cause of an error, whatever was printed before', () => {
    const found = findingOfCell(
      [
        { output_type: 'stream', name: 'stderr', text: 'mlflow: not found\n' },
        MISSING
      ] as never,
      someInput({ mlflow: ABSENT })
    );
    expect(found?.id).toBe('package-missing');
  });

  it('should find nothing once the kernel has MLflow', () => {
    expect(findingOfCell([MISSING] as never, someInput())).toBeNull();
  });

  it('should find nothing once the kernel finds the module, by whatever package', () => {
    const missing = [
      error('ModuleNotFoundError', "No module named 'odd.part'")
    ];
    const found = (modules: Record<string, boolean | null>) =>
      findingOfCell(missing as never, someInput({ modules }))?.id ?? null;
    expect(missingModules(missing as never)).toEqual(['odd']);
    expect(found({})).toBe('module-missing');
    expect(found({ odd: false })).toBe('module-missing');
    expect(found({ odd: null })).toBe('module-missing');
    expect(found({ odd: true })).toBeNull();
  });

  it('should read texts that are lists of lines', () => {
    const found = findingOfCell(
      [
        {
          output_type: 'stream',
          name: 'stderr',
          text: ['/bin/bash: line 1: mlflow: ', 'command not found\n']
        }
      ] as never,
      someInput()
    );
    expect(found?.id).toBe('command-not-found');
  });

  it.each([
    [[]],
    [[{ output_type: 'execute_result', data: {}, metadata: {} }]],
    [[error('ValueError', 'x', null)]],
    [[{ output_type: 'error', ename: 1, evalue: {}, traceback: 'x' }]]
  ])('should find nothing in %j', outputs => {
    expect(
      findingOfCell(outputs as never, someInput({ mlflow: ABSENT }))
    ).toBeNull();
  });
});
