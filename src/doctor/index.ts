export { mlflowRequirements } from './findings/remedies';
export { CommandsPane } from './remedies/commands-pane';
export { activateLine, type Commands, commandsOf } from './remedies/shell';
export { packageText } from './remedies/words';
export type { Remedy } from './tokens';
