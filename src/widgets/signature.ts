import type { Field, Signature } from './content';

/**
 * What a model takes and gives, read from its file MLmodel: of YAML, what MLflow writes there, as the kernel reads it
 * (python-shim/jupyter_mlflow/kernel/magics/signatures.py).
 */

/** Fields of each part of a signature that are kept. */
const FIELDS = 60;

const SIGNATURE = /^signature:[ ]*\n((?:[ ].*(?:\n|$(?![\s\S]))|\n)*)/m;
const NAMED: Readonly<Record<string, string>> = {
  N: '\\u0085',
  _: '\\u00a0',
  L: '\\u2028',
  P: '\\u2029',
  ' ': ' '
};
/** Of a scalar in double quotes: a line that ends with a backslash goes on in the next, not indented. */
const ESCAPE = /\\(?:(\n[ ]*)|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))/g;

function unescaped(text: string): unknown {
  const json = text.replace(
    ESCAPE,
    (
      whole: string,
      line?: string,
      short?: string,
      long?: string,
      other?: string
    ) =>
      line !== undefined
        ? ''
        : other !== undefined
          ? (NAMED[other] ?? whole)
          : JSON.stringify(
              String.fromCodePoint(parseInt(short ?? long ?? '', 16))
            ).slice(1, -1)
  );
  return JSON.parse(`"${json}"`);
}

function partOf(block: string, part: string): unknown {
  const match = new RegExp(
    `^  ${part}:[ ]*(?:'((?:[^']|'')*)'|"((?:[^"\\\\]|\\\\[\\s\\S])*)"|(\\S.*))`,
    'm'
  ).exec(block);
  const [, single, double, bare] = match ?? [];
  try {
    // A line break in a quoted scalar is a space, and several of them are one less.
    return single !== undefined
      ? JSON.parse(single.replace(/[ \t]*\n[ \t]*/g, ' ').replaceAll("''", "'"))
      : double !== undefined
        ? JSON.parse(String(unescaped(double)))
        : bare !== undefined
          ? JSON.parse(bare)
          : null;
  } catch {
    return null;
  }
}

type Spec = Readonly<Record<string, unknown>>;

function asSpec(value: unknown): Spec | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Spec)
    : null;
}

/** A word of a file: a name or a number; anything else is none. */
function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : '';
}

function listed(shape: unknown): string {
  return Array.isArray(shape) ? shape.map(wordOf).join(', ') : '';
}

/** `double`, `tensor float64 (-1, 10)`, `array of string`, `object`. */
export function typeOf(value: unknown, depth = 0): string {
  const spec = asSpec(value);
  if (spec === null || depth > 5) {
    return '?';
  }
  const kind = wordOf(spec.type) || wordOf(spec.dtype) || '?';
  switch (kind) {
    case 'tensor': {
      const tensor = asSpec(spec['tensor-spec']);
      return `tensor ${wordOf(tensor?.dtype) || '?'} (${listed(tensor?.shape)})`;
    }
    case 'array':
      return `array of ${typeOf(spec.items, depth + 1)}`;
    case 'map':
      return `map of ${typeOf(spec.values, depth + 1)}`;
    default:
      return Array.isArray(spec.shape)
        ? `${kind} (${listed(spec.shape)})`
        : kind;
  }
}

function fieldsOf(specs: unknown): Field[] {
  return !Array.isArray(specs)
    ? []
    : specs.slice(0, FIELDS).flatMap((each, at) => {
        const spec = asSpec(each);
        return spec === null
          ? []
          : [
              [
                spec.name === undefined || spec.name === null
                  ? String(at)
                  : wordOf(spec.name),
                typeOf(spec),
                spec.required !== false
              ] as const
            ];
      });
}

/** The signature that a file MLmodel tells of; null where the model has none. */
export function signatureOf(file: string): Signature | null {
  const block = SIGNATURE.exec(file)?.[1];
  if (block === undefined) {
    return null;
  }
  const [inputs, outputs, params] = ['inputs', 'outputs', 'params'].map(part =>
    fieldsOf(partOf(block, part))
  );
  return inputs.length + outputs.length + params.length > 0
    ? { inputs, outputs, params }
    : null;
}
