import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext, type ReactNode } from 'react';
import type { TimeFormat } from './format';
import { UiPreferences } from './preferences';
import { useSignalValue } from './signals';

/** The domain of this extension's translations. */
export const TRANSLATION_DOMAIN = 'jupyter_mlflow';

/** What every view of ours may use; made once by the wiring. */
export interface UiServices {
  readonly translator: ITranslator;
  readonly commands: CommandRegistry;
  /** For Markdown, sanitized by JupyterLab; null where there is none. */
  readonly rendermime: IRenderMimeRegistry | null;
  /** What the person prefers; where absent the defaults hold. */
  readonly preferences?: UiPreferences;
}

const Context = createContext<UiServices | null>(null);
const Visible = createContext(true);
const DEFAULTS = Object.freeze(new UiPreferences());

/** Gives its children the services, and whether the widget they stand in is visible. */
export function UiProvider(props: {
  services: UiServices;
  visible: boolean;
  children?: ReactNode;
}): JSX.Element {
  return (
    <Context.Provider value={props.services}>
      <Visible.Provider value={props.visible}>
        {props.children}
      </Visible.Provider>
    </Context.Provider>
  );
}

/**
 * The services of the surrounding `UiProvider`.
 *
 * @throws Error outside of one: a wiring mistake, not something a person can meet.
 */
export function useUi(): UiServices {
  const services = useContext(Context);
  if (!services) {
    throw new Error('useUi() needs a <UiProvider> around it');
  }
  return services;
}

/** The translation bundle of this extension. */
export function useTrans(): TranslationBundle {
  return useUi().translator.load(TRANSLATION_DOMAIN);
}

/** Whether the widget around this component is visible; hidden ones must ask nothing of any server. */
export function useVisible(): boolean {
  return useContext(Visible);
}

/** How the person wants times to be shown. */
export function useTimeFormat(): TimeFormat {
  const preferences = useUi().preferences ?? DEFAULTS;
  return useSignalValue(preferences.changed, () => preferences.timeFormat);
}
