import { parse as parseLossless } from 'lossless-json';
import { MlflowError } from './errors';

/**
 * An integer of 16 digits or more where a JSON value can begin. It may also match inside a string: that costs only time,
 * because the exact parser reads strings as strings.
 */
const LONG_INTEGER = /[\s:,[]-?\d{16,}\s*[,}\]\n\r]/;

/** Strings (kept as they are), or the bare words that Python writes for floats that JSON does not know. */
const STRING_OR_BARE_FLOAT = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** An exact number: a bigint only for an integer beyond 2^53. */
function parseNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text)
    ? value
    : BigInt(text);
}

function parseStrict(text: string): unknown {
  return LONG_INTEGER.test(text)
    ? parseLossless(text, null, {
        parseNumber,
        onDuplicateKey: ({ newValue }) => newValue
      })
    : JSON.parse(text);
}

/**
 * The value of a JSON text as MLflow writes it: integers beyond 2^53 become bigints, and bare `NaN` and `±Infinity`
 * (`metrics/get-history-bulk`) the strings `"NaN"`, `"Infinity"`, `"-Infinity"` that MLflow writes elsewhere.
 *
 * @throws MlflowError `malformed` when the text is not whole JSON.
 */
export function parseJson(text: string, where: string): unknown {
  try {
    return parseStrict(text);
  } catch {
    // Falls through: bare floats are rare, so that only a refused text is searched for them.
  }
  try {
    return parseStrict(
      text.replace(STRING_OR_BARE_FLOAT, word =>
        word.startsWith('"') ? word : `"${word}"`
      )
    );
  } catch (cause) {
    throw new MlflowError('malformed', describe(text, where), {
      hint: 'Try again; if it stays so, check that the address is that of an MLflow tracking server.',
      cause
    });
  }
}

function describe(text: string, where: string): string {
  const start = text.trimStart().slice(0, 1);
  if (start === '<') {
    return `A web page came instead of MLflow's answer to ${where}.`;
  }
  if (start === '{' || start === '[') {
    return `The answer to ${where} broke off or is damaged: it is not whole JSON.`;
  }
  return start === ''
    ? `The answer to ${where} is empty.`
    : `The answer to ${where} is not JSON, so not MLflow's.`;
}
