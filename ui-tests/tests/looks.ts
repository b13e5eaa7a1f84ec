import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export const THEMES = ['JupyterLab Light', 'JupyterLab Dark'] as const;

/** Changes the theme as the menu Settings does. */
export async function setTheme(
  page: Page,
  theme: (typeof THEMES)[number]
): Promise<void> {
  await page.evaluate(
    name =>
      window.jupyterapp.commands.execute('apputils:change-theme', {
        theme: name
      }),
    theme
  );
  await expect(page.locator('body')).toHaveAttribute(
    'data-jp-theme-name',
    theme
  );
}

/** Has axe look at what a selector names: it finds nothing. */
export async function expectNoFlaw(page: Page, part: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  expect(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
  ).toEqual([]);
}
