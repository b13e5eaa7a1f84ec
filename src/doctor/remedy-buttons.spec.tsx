import { fireEvent, screen } from '@testing-library/react';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import { RemedyButtons } from './remedy-buttons';
import { someServices } from './testing/services';
import type { Remedy } from './tokens';

const REMEDIES: ReadonlyArray<Remedy> = [
  { kind: 'open-terminal' },
  { kind: 'restart-kernel' },
  { kind: 'switch-kernel', kernelName: null },
  { kind: 'install', packages: ['mlflow'] },
  { kind: 'create-environment', mlflow: null, packages: [] }
];

function draw(remedies: ReadonlyArray<Remedy>) {
  const { services, ran } = someServices();
  renderView(
    <RemedyButtons
      services={services}
      finding={null}
      remedies={remedies}
      most={3}
    />,
    new FakeServers(new FakeTransport(() => ({ json: {} })))
  );
  return ran;
}

const names = () => screen.getAllByRole('button').map(each => each.textContent);

describe('RemedyButtons', () => {
  it('should show some at first, and lose none', () => {
    const ran = draw(REMEDIES);
    const kinds = REMEDIES.map(({ kind }) => kind);
    expect(names()).toEqual([...kinds.slice(0, 3), 'More…']);
    fireEvent.click(screen.getByRole('button', { name: 'More…' }));
    expect(names()).toEqual([...kinds, 'Fewer']);
    fireEvent.click(screen.getByRole('button', { name: 'create-environment' }));
    expect(ran).toEqual([REMEDIES[4]]);
  });

  it('should not fold away one for a button that shows it', () => {
    draw(REMEDIES.slice(0, 4));
    expect(names()).not.toContain('More…');
    expect(names()).toHaveLength(4);
  });
});
