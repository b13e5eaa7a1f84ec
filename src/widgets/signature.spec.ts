import { signatureOf, typeOf } from './signature';

/** As MLflow writes it: JSON in scalars that PyYAML folds. */
const FILE = `flavors:
  python_function:
    loader_module: mlflow.sklearn
signature:
  inputs: '[{"type": "double", "name": "a b", "required": true}, {"type": "string",
    "name": "it''s", "required": false}]'
  outputs: "[{\\"type\\": \\"tensor\\", \\"name\\": \\"\\\\u00e9 \\\\ud83d\\\\ude00\\", \\"tensor-spec\\"\\
    : {\\"dtype\\": \\"float64\\", \\"shape\\": [-1, 10]}}]"
  params: null
utc_time_created: x
`;

describe('signatureOf', () => {
  it('should read what MLflow writes', () => {
    expect(signatureOf(FILE)).toEqual({
      inputs: [
        ['a b', 'double', true],
        ["it's", 'string', false]
      ],
      outputs: [['é 😀', 'tensor float64 (-1, 10)', true]],
      params: []
    });
  });

  it.each([
    '',
    'flavors: {}\n',
    'signature: null\n',
    "signature:\n  inputs: 'not json'\n",
    "signature:\n  inputs: '[1, null]'\n  outputs: '{}'\n",
    "signature:\n  inputs: '["
  ])('should find none in %j', file => {
    expect(signatureOf(file)).toBeNull();
  });

  it('should read the last block of a file that ends with it', () => {
    const file = 'signature:\n  inputs: \'[{"type": "long"}]\'';
    expect(signatureOf(file)?.inputs).toEqual([['0', 'long', true]]);
  });
});

describe('typeOf', () => {
  it.each([
    [
      { type: 'array', items: { type: 'map', values: { type: 'long' } } },
      'array of map of long'
    ],
    [{ name: 'p', dtype: 'double', default: 1, shape: [-1] }, 'double (-1)'],
    [{ type: 'object', properties: {} }, 'object'],
    [{ type: { evil: 1 } }, '?'],
    [null, '?']
  ])('should tell %j in words', (spec, words) => {
    expect(typeOf(spec)).toBe(words);
  });
});
