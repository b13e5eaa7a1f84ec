export { mlflowRequirements } from './findings/remedies';
export { CommandsPane } from './remedies/commands-pane';
export {
  creationCommands,
  type NewEnvironment,
  type UvCommand
} from './remedies/creation';
export { activateLine, commandsOf } from './remedies/shell';
export { type Commands } from './remedies/shell-words';
export { packageText } from './remedies/words';
export type { Remedy } from './tokens';
