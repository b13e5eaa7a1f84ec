import type { CommandRegistry } from '@lumino/commands';

/** What is used of a terminal of JupyterLab; another one may have none of it. */
interface TerminalWidget {
  readonly content?: {
    readonly session?: {
      send(message: { type: 'stdin'; content: string[] }): void;
    };
  };
}

/**
 * Opens a terminal and types a line into it.
 *
 * @returns false where there are no terminals, such as where an administrator turned them off.
 */
export async function typeIntoTerminal(
  commands: CommandRegistry,
  line: string
): Promise<boolean> {
  if (!commands.hasCommand('terminal:create-new')) {
    return false;
  }
  const widget = (await commands.execute(
    'terminal:create-new'
  )) as TerminalWidget | null;
  const session = widget?.content?.session;
  session?.send({ type: 'stdin', content: [`${line}\r`] });
  return session !== undefined;
}
