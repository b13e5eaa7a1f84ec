import { Widget } from '@lumino/widgets';
import { DoctorMark } from './mark';

describe('DoctorMark', () => {
  let mark: DoctorMark;

  beforeEach(() => {
    mark = new DoctorMark('MLflow in this kernel');
    Widget.attach(mark, document.body);
  });

  afterEach(() => {
    mark.dispose();
  });

  it('should say in words and for tests from outside what was found', () => {
    mark.draw({
      state: 'attention',
      text: 'MLflow: 2 problems',
      findings: ['wrong-kernel', 'logs-elsewhere']
    });
    const { node } = mark;
    expect(node.textContent).toBe('MLflow: 2 problems');
    expect(node.matches('[data-mlflow-doctor]')).toBe(true);
    expect(node.dataset).toMatchObject({
      state: 'attention',
      findings: 'wrong-kernel logs-elsewhere'
    });
  });

  it('should be hidden where there is nothing to say', () => {
    mark.draw({ state: 'healthy', text: 'MLflow ✓', findings: [] });
    expect(mark.isHidden).toBe(false);
    mark.draw({ state: 'none', text: '', findings: [] });
    expect(mark.isHidden).toBe(true);
    expect(mark.node.dataset.findings).toBe('');
  });

  it('should be asked by a click', () => {
    let asked = 0;
    mark.asked.connect(() => {
      asked++;
    });
    mark.button.click();
    expect(asked).toBe(1);
  });
});
