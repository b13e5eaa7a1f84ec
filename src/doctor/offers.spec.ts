import { offersOf } from './offers';
import type { Remedy } from './tokens';

const INSTALL = { kind: 'install', packages: ['mlflow'] } as const;
const CREATE = {
  kind: 'create-environment',
  mlflow: null,
  packages: []
} as const;
const SWITCH = { kind: 'switch-kernel', kernelName: 'other' } as const;

const offers = (
  remedies: ReadonlyArray<Remedy>,
  refused: ReadonlyArray<Remedy['kind']> = []
) =>
  offersOf(remedies, {
    label: ({ kind }) => kind,
    refusal: ({ kind }) => (refused.includes(kind) ? 'off' : null)
  });

describe('offersOf', () => {
  it('should offer all that can be done, in order', () => {
    const commands = { kind: 'show-commands', of: INSTALL } as const;
    const { buttons, why } = offers([SWITCH, INSTALL, CREATE, commands]);
    expect(buttons.map(([, remedy]) => remedy)).toEqual([
      SWITCH,
      INSTALL,
      CREATE,
      commands
    ]);
    expect(why).toEqual([]);
  });

  it('should make one instruction of all that cannot be done, each once and the best first', () => {
    const { buttons, why } = offers(
      [SWITCH, INSTALL, CREATE, { kind: 'show-commands', of: CREATE }],
      ['install', 'create-environment']
    );
    expect(buttons.map(([, remedy]) => remedy)).toEqual([
      SWITCH,
      { kind: 'show-commands', of: INSTALL, others: [CREATE] }
    ]);
    expect(why).toEqual(['off']);
  });
});
