import type { Finding, Remedy } from '../tokens';

/** What a job does, and a person can do by typing. */
const TYPEABLE: ReadonlySet<Remedy['kind']> = new Set([
  'install',
  'create-environment',
  'register-kernel',
  'repair-kernel'
] as const);

/** The finding with the way to do it by hand, at the end: of the first remedy that a job would do. */
export function withCommands(found: Finding): Finding {
  const { remedies } = found;
  const first = remedies.find(({ kind }) => TYPEABLE.has(kind));
  return first === undefined ||
    remedies.some(({ kind }) => kind === 'show-commands')
    ? found
    : {
        ...found,
        remedies: [...remedies, { kind: 'show-commands', of: first }]
      };
}
