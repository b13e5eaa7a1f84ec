import type { IOutput } from '@jupyterlab/nbformat';
import {
  diagnoseError,
  diagnoseOutput,
  failedImport,
  missingModule
} from './findings';
import type { CellError, DoctorInput, Finding } from './tokens';

function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.filter(each => typeof each === 'string').join('')
      : '';
}

function errorOf({ ename, evalue, traceback }: IOutput): CellError {
  return {
    name: textOf(ename),
    value: textOf(evalue),
    traceback: Array.isArray(traceback) ? traceback.map(textOf) : []
  };
}

/** The outermost modules that a cell's outputs miss. */
export function missingModules(
  outputs: ReadonlyArray<IOutput>
): ReadonlyArray<string> {
  return outputs
    .filter(each => each.output_type === 'error')
    .map(each => missingModule(errorOf(each)))
    .filter(module => module !== null);
}

/** Why cells could not import MLflow, as their outputs say. */
export function failedImports(
  outputs: ReadonlyArray<IOutput>
): ReadonlyArray<string> {
  return outputs
    .filter(each => each.output_type === 'error')
    .map(each => failedImport(errorOf(each)))
    .filter(cause => cause !== null);
}

/** What an output of a cell means, and what helps; null where it is nothing of ours, or where its cause is gone. */
export function findingOf(output: IOutput, input: DoctorInput): Finding | null {
  switch (output.output_type) {
    case 'error':
      return diagnoseError(errorOf(output), input);
    case 'stream':
      return diagnoseOutput(textOf(output.text), input);
    default:
      return null;
  }
}

/** The first of a cell's outputs that means something; an error goes before what a shell says. */
export function findingOfCell(
  outputs: ReadonlyArray<IOutput>,
  input: DoctorInput
): Finding | null {
  const errors = outputs.filter(each => each.output_type === 'error');
  const others = outputs.filter(each => each.output_type === 'stream');
  for (const output of [...errors, ...others]) {
    const found = findingOf(output, input);
    if (found) {
      return found;
    }
  }
  return null;
}
