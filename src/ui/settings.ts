import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/**
 * Calls `apply` with the settings of a plugin once they are read, and whenever they change. Blocks nobody: until then,
 * and where there is no registry, the defaults hold.
 *
 * @param restored - when the application is up. JupyterLab's keyboard shortcuts look at every plugin whose settings are
 * loaded, and fail on one that comes before their own.
 * @param apply - what it is given was checked by nobody but the schema: test each value.
 */
export function followSettings(
  registry: ISettingRegistry | null,
  restored: Promise<unknown>,
  pluginId: string,
  apply: (values: ReadonlyPartialJSONObject) => void
): void {
  if (!registry) {
    return;
  }
  restored
    .then(() => registry.load(pluginId))
    .then(settings => {
      settings.changed.connect(() => {
        apply(settings.composite);
      });
      apply(settings.composite);
    })
    .catch((reason: unknown) => {
      console.warn(
        `The settings ${pluginId} could not be read; the defaults hold.`,
        reason
      );
    });
}
