import { nullTranslator } from '@jupyterlab/translation';
import { folderOf, forMany, ruleText } from './rule-words';

const trans = nullTranslator.load('jupyter_mlflow');
const target = { server_id: 's1', experiment: 'train (cells)' };

describe('forMany', () => {
  it('should have each notebook send to an experiment with its own name', () => {
    expect(forMany(target, 'work/train.ipynb')?.experiment).toBe(
      '{notebook} (cells)'
    );
  });

  it.each([
    [{ ...target, experiment: 'all of us' }, 'all of us'],
    [{ ...target, experiment: '{notebook}: train' }, '{notebook}: train'],
    [null, undefined]
  ])('should leave %p as it is', (of, experiment) => {
    expect(forMany(of, 'train.ipynb')?.experiment).toBe(experiment);
  });
});

describe('folderOf', () => {
  it.each([
    ['a/b/c.ipynb', 'a/b'],
    ['c.ipynb', '']
  ])('should say of %s: "%s"', (path, folder) => {
    expect(folderOf(path)).toBe(folder);
  });
});

describe('ruleText', () => {
  it.each([
    [
      { keep: true, send: 'nothing' as const, target: null },
      'Kept on this machine; nothing is sent.'
    ],
    [
      { keep: false, send: 'all' as const, target },
      'Not kept on this machine; sent: Every cell, to “train (cells)” on team.'
    ]
  ])('should say what %p means', (rule, text) => {
    expect(ruleText(rule, 'team', trans)).toBe(text);
  });
});
