import fc from 'fast-check';
import { parseJson } from './json';
import {
  decodeRun,
  decodeRunInfo,
  decodeRunPage,
  decodeRunsInto,
  type IRunSink
} from './runDecoder';
import { mlflowError, thrownBy } from './testing/expected';

const WHERE = 'runs/search';

/** One whole run as MLflow 3.17 writes it, with fields of the future. */
const WIRE = {
  info: {
    run_id: 'abc',
    run_uuid: 'abc',
    run_name: 'first',
    experiment_id: '7',
    user_id: 'ada',
    status: 'FINISHED',
    start_time: 1_700_000_000_000,
    end_time: 1_700_000_000_500,
    artifact_uri: 'mlflow-artifacts:/7/abc/artifacts',
    lifecycle_stage: 'active',
    colour: 'green'
  },
  data: {
    metrics: [
      { key: 'loss', value: 0.5, timestamp: 1, step: 2, model_id: 'm-1' },
      { key: 'nan', value: 'NaN', timestamp: 1, step: 0 },
      { key: 'plus', value: Number.MAX_VALUE, timestamp: 1, step: 0 },
      { key: 'minus', value: -Number.MAX_VALUE, timestamp: 1, step: 0 }
    ],
    params: [
      { key: 'lr', value: '0.1' },
      { key: 'empty', value: '' }
    ],
    tags: [{ key: 'mlflow.user', value: 'ada' }]
  },
  inputs: {
    dataset_inputs: [
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: {
          name: 'wine',
          digest: 'd',
          source_type: 'http',
          source: '{}'
        }
      }
    ]
  },
  outputs: { model_outputs: [{ model_id: 'm-1', step: 0 }] }
};

const malformed = (field: string): object =>
  mlflowError('malformed', `"${field}"`);

describe('decodeRunPage', () => {
  it('should give every field', () => {
    const page = decodeRunPage(
      { runs: [WIRE], next_page_token: 'next' },
      WHERE
    );
    expect(page.nextPageToken).toBe('next');
    expect(page.items).toEqual([
      {
        info: {
          id: 'abc',
          name: 'first',
          experimentId: '7',
          userId: 'ada',
          status: 'FINISHED',
          startTime: 1_700_000_000_000,
          endTime: 1_700_000_000_500,
          artifactUri: 'mlflow-artifacts:/7/abc/artifacts',
          lifecycleStage: 'active'
        },
        metrics: new Map([
          ['loss', { key: 'loss', value: 0.5, timestamp: 1, step: 2 }],
          ['nan', { key: 'nan', value: NaN, timestamp: 1, step: 0 }],
          ['plus', { key: 'plus', value: Infinity, timestamp: 1, step: 0 }],
          ['minus', { key: 'minus', value: -Infinity, timestamp: 1, step: 0 }]
        ]),
        params: new Map([
          ['lr', '0.1'],
          ['empty', '']
        ]),
        tags: new Map([['mlflow.user', 'ada']]),
        inputs: [
          {
            dataset: {
              name: 'wine',
              digest: 'd',
              sourceType: 'http',
              source: '{}',
              schema: '',
              profile: ''
            },
            tags: new Map([['mlflow.data.context', 'training']])
          }
        ],
        modelOutputs: ['m-1']
      }
    ]);
  });

  it('should tolerate what is missing', () => {
    expect(decodeRunPage({}, WHERE)).toEqual({
      items: [],
      nextPageToken: null
    });
    expect(decodeRunPage({ runs: null, next_page_token: '' }, WHERE)).toEqual({
      items: [],
      nextPageToken: null
    });
    const { items } = decodeRunPage(
      { runs: [{ info: { run_uuid: 'old' } }] },
      WHERE
    );
    expect(items[0]).toMatchObject({
      info: { id: 'old', name: '', startTime: null, lifecycleStage: 'active' },
      inputs: []
    });
    const [bare] = decodeRunPage(
      { runs: [{ info: { run_id: 'a' }, data: { metrics: [{ key: 'm' }] } }] },
      WHERE
    ).items;
    expect(bare.metrics.get('m')).toEqual({
      key: 'm',
      value: NaN,
      timestamp: 0,
      step: 0
    });
  });

  it('should keep an unknown status as it came', () => {
    const { items } = decodeRunPage(
      { runs: [{ info: { run_id: 'a', status: 'DREAMING' } }] },
      WHERE
    );
    expect(items[0].info.status).toBe('DREAMING');
  });

  it('should read integers written as text, and beyond 2^53', () => {
    const text =
      '{"runs": [{"info": {"run_id": "a", "experiment_id": 7, "start_time": "1700000000000"}, "data": {"metrics": [{"key": "m", "value": 1, "step": 9007199254740993, "timestamp": "9007199254740995"}]}}]}';
    const { items } = decodeRunPage(parseJson(text, WHERE), WHERE);
    expect(items[0].info).toMatchObject({
      experimentId: '7',
      startTime: 1_700_000_000_000
    });
    expect(items[0].metrics.get('m')).toMatchObject({
      step: 9007199254740993n,
      timestamp: 9007199254740995n
    });
  });

  it.each<[string, unknown]>([
    ['the answer itself', 'runs'],
    ['the answer itself', null],
    ['the answer itself', []],
    ['runs', { runs: {} }],
    ['runs.0.run', { runs: ['a'] }],
    ['runs.0.info', { runs: [{}] }],
    ['runs.1.info.run_id', { runs: [WIRE, { info: {} }] }],
    ['runs.0.info.status', { runs: [{ info: { run_id: 'a', status: 5 } }] }],
    [
      'runs.0.info.start_time',
      { runs: [{ info: { run_id: 'a', start_time: 'noon' } }] }
    ],
    [
      'runs.0.data.params',
      { runs: [{ info: { run_id: 'a' }, data: { params: 'x' } }] }
    ],
    [
      'runs.0.data.params.key',
      { runs: [{ info: { run_id: 'a' }, data: { params: [{ value: 'x' }] } }] }
    ],
    [
      'runs.0.data.metrics.value',
      {
        runs: [
          {
            info: { run_id: 'a' },
            data: { metrics: [{ key: 'a', value: 'many' }] }
          }
        ]
      }
    ],
    ['next_page_token', { next_page_token: 5 }]
  ])('should name the field %s that is wrong', (field, json) => {
    expect(thrownBy(() => decodeRunPage(json, WHERE))).toMatchObject(
      malformed(field)
    );
  });

  it('should either decode or call malformed whatever comes', () => {
    const chaos = fc.letrec(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue(),
        fc.record({ runs: fc.array(tie('run')) }),
        tie('run')
      ),
      run: fc.record(
        {
          info: fc.record({ run_id: fc.oneof(fc.string(), fc.jsonValue()) }),
          data: fc.jsonValue(),
          inputs: fc.jsonValue()
        },
        { requiredKeys: [] }
      )
    })).value;
    fc.assert(
      fc.property(chaos, json => {
        try {
          decodeRunPage(json, WHERE);
        } catch (error) {
          expect(error).toMatchObject({
            name: 'MlflowError',
            kind: 'malformed'
          });
        }
      })
    );
  });
});

describe('decodeRunsInto', () => {
  it('should call the sink in order, and only for what it wants', () => {
    const calls: string[] = [];
    const sink: IRunSink = {
      begin: count => calls.push(`begin ${count}`),
      run: info => calls.push(`run ${info.id}`),
      param: (key, value) => calls.push(`param ${key}=${value}`),
      metric: (key, value, timestamp, step) =>
        calls.push(`metric ${key}=${value}@${timestamp}/${step}`),
      tag: (key, value) => calls.push(`tag ${key}=${value}`),
      end: token => calls.push(`end ${token}`)
    };
    decodeRunsInto(sink, { runs: [WIRE] }, WHERE);
    expect(calls).toEqual([
      'begin 1',
      'run abc',
      'param lr=0.1',
      'param empty=',
      'metric loss=0.5@1/2',
      'metric nan=NaN@1/0',
      'metric plus=Infinity@1/0',
      'metric minus=-Infinity@1/0',
      'tag mlflow.user=ada',
      'end null'
    ]);
  });

  it('should not end a page that is malformed', () => {
    const end = jest.fn();
    const ignore = (): void => undefined;
    const sink: IRunSink = {
      begin: ignore,
      run: ignore,
      param: ignore,
      metric: ignore,
      tag: ignore,
      end
    };
    expect(() =>
      decodeRunsInto(sink, { runs: [WIRE, { info: 5 }] }, WHERE)
    ).toThrow();
    expect(end).not.toHaveBeenCalled();
  });
});

describe('decodeRun and decodeRunInfo', () => {
  it('should read one run', () => {
    expect(decodeRun({ run: WIRE }, 'runs/get').info.id).toBe('abc');
    expect(decodeRunInfo({ run_info: WIRE.info }, 'runs/update').status).toBe(
      'FINISHED'
    );
  });

  it('should name what is wrong', () => {
    expect(thrownBy(() => decodeRun({}, 'runs/get'))).toMatchObject(
      malformed('run')
    );
    expect(
      thrownBy(() =>
        decodeRun({ run: { info: { run_id: 'a', end_time: [] } } }, 'runs/get')
      )
    ).toMatchObject(malformed('run.info.end_time'));
    expect(
      thrownBy(() => decodeRunInfo({ run_info: null }, 'runs/update'))
    ).toMatchObject(malformed('run_info'));
  });
});
