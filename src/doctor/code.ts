/** What may bring a package that another cell missed. */
export const INSTALLS =
  /\b(?:pip\d*|uv|conda|mamba)\b[^\n]*\b(?:install|add|sync)\b/;

/** Code that concerns MLflow. */
export const USES =
  /^\s*(?:import|from)\s+mlflow\b|\bmlflow\.|^\s*%%?mlflow\b/m;

/** After the last cell of several, a kernel is asked again: it may have imported MLflow, or log somewhere else. */
export const QUIET_MS = 300;
