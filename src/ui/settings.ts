import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/**
 * Calls `apply` with the settings of a plugin once they are read, and whenever they change. Blocks nobody: until then,
 * and where there is no registry, the defaults hold.
 *
 * @param apply - what it is given was checked by nobody but the schema: test each value.
 */
export function followSettings(
  registry: ISettingRegistry | null,
  pluginId: string,
  apply: (values: ReadonlyPartialJSONObject) => void
): void {
  registry
    ?.load(pluginId)
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
