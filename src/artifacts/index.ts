export { ArtifactTree } from './tree';
export {
  loggedModelArtifacts,
  runArtifacts,
  type ArtifactSource
} from './source';
