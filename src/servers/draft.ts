import type { NewServer, ServerChange, TrackingServer } from './tokens';

/** How a server is signed in to. `keep` leaves what was given before, when a server is changed. */
export type SignIn = 'keep' | 'none' | 'basic' | 'token';

/** What a person has typed into the form of a server; kept while the panel is moved or hidden, never stored. */
export interface ServerDraft {
  readonly uri: string;
  readonly name: string;
  readonly signIn: SignIn;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  readonly ca: string;
  readonly workspace: string;
}

export const EMPTY_DRAFT: ServerDraft = Object.freeze({
  uri: '',
  name: '',
  signIn: 'none',
  username: '',
  password: '',
  token: '',
  ca: '',
  workspace: ''
});

/** The form's beginning when a server of the list is changed. */
export function draftOf(server: TrackingServer): ServerDraft {
  return { ...EMPTY_DRAFT, uri: server.uri, name: server.name, signIn: 'keep' };
}

/** Whether the address is one of a server: those alone have credentials, a CA and a workspace. */
export function isAddress(uri: string): boolean {
  const text = uri.trim().toLowerCase();
  return (
    'http://'.startsWith(text) ||
    'https://'.startsWith(text) ||
    /^https?:\/\//.test(text)
  );
}

function authOf(draft: ServerDraft): NewServer['auth'] {
  switch (draft.signIn) {
    case 'basic':
      return {
        kind: 'basic',
        username: draft.username,
        password: draft.password
      };
    case 'token':
      return { kind: 'token', token: draft.token.trim() };
    default:
      return undefined;
  }
}

/** What to send for a new server; fields that were left empty are left out. */
export function toNewServer(draft: ServerDraft): NewServer {
  const name = draft.name.trim();
  const uri = draft.uri.trim();
  const named = { uri, ...(name ? { name } : {}) };
  if (!isAddress(uri)) {
    return named;
  }
  const auth = authOf(draft);
  const ca = draft.ca.trim();
  const workspace = draft.workspace.trim();
  return {
    ...named,
    ...(auth ? { auth } : {}),
    ...(ca ? { ca } : {}),
    ...(workspace ? { workspace } : {})
  };
}

/** What to send to change a server: only what is another. */
export function toChange(
  draft: ServerDraft,
  server: TrackingServer
): ServerChange {
  const name = draft.name.trim();
  const ca = draft.ca.trim();
  return {
    ...(name && name !== server.name ? { name } : {}),
    ...(draft.signIn === 'keep' ? {} : { auth: authOf(draft) ?? null }),
    ...(ca ? { ca } : {})
  };
}

export type DraftField = 'uri' | 'username' | 'token' | 'ca' | 'workspace';

/** What is missing before anything is sent; null when nothing is. */
export function missingField(draft: ServerDraft): DraftField | null {
  if (draft.uri.trim() === '') {
    return 'uri';
  }
  if (isAddress(draft.uri)) {
    if (draft.signIn === 'basic' && draft.username === '') {
      return 'username';
    }
    if (draft.signIn === 'token' && draft.token.trim() === '') {
      return 'token';
    }
  }
  return null;
}

const ADDRESS_CODES: ReadonlyArray<string> = [
  'invalid-uri',
  'unsupported-uri',
  'bad-store',
  'uri-not-allowed',
  'server-exists',
  'local-servers-off'
];

/** The field that a refusal speaks of; null when it is about the whole, or about a field that is not shown. */
export function fieldOfProblem(
  code: string,
  message: string,
  draft: ServerDraft
): DraftField | null {
  if (ADDRESS_CODES.includes(code) || /^(store|folder|not-sqlite)/.test(code)) {
    return 'uri';
  }
  if (!isAddress(draft.uri)) {
    return null;
  }
  if (code === 'ca-missing') {
    return 'ca';
  }
  if (code === 'invalid-auth' && draft.signIn === 'basic') {
    return 'username';
  }
  if (code === 'invalid-auth' && draft.signIn === 'token') {
    return 'token';
  }
  return code === 'invalid-server' && /workspace/i.test(message)
    ? 'workspace'
    : null;
}
