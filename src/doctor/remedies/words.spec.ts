import { nullTranslator } from '@jupyterlab/translation';
import type { Remedy } from '../tokens';
import { remedyLabel } from './words';

describe('remedyLabel', () => {
  it.each<[string, Remedy]>([
    ['Install MLflow here', { kind: 'install', packages: ['mlflow'] }],
    [
      'Install MLflow 3.17.2 here',
      { kind: 'install', packages: ['mlflow==3.17.2', 'sqlalchemy<2.1'] }
    ],
    [
      'Install MLflow 2.3.2 again',
      { kind: 'install', packages: ['mlflow==2.3.2'], reinstall: true }
    ],
    ['Install tqdm here', { kind: 'install', packages: ['tqdm'] }],
    [
      'Install setuptools<82 here',
      { kind: 'install', packages: ['setuptools<82'] }
    ],
    [
      'Show ./mlruns',
      {
        kind: 'show-server',
        serverId: null,
        uri: 'file:///mlruns',
        label: './mlruns'
      }
    ],
    [
      'Log to team-mlflow',
      { kind: 'use-panel-server', serverId: 'team', name: 'team-mlflow' }
    ]
  ])('should be “%s”', (label, remedy) => {
    expect(remedyLabel(remedy, nullTranslator.load(''))).toBe(label);
  });
});
