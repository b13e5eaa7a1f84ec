import type { Locator, Page } from '@playwright/test';
import { expect, test as base } from './fixtures';
import { Gate } from './gate';

/** `gate`: a way to the newest MLflow that can be closed. */
const test = base.extend<{ gate: Gate }>({
  gate: async ({ mlflow }, use) => {
    const gate = await Gate.before(mlflow.url);
    await use(gate);
    await gate.close();
  }
});

test.afterEach(async ({ page }) => {
  // What a test added must not stand in the list of the next.
  await page.evaluate(async () => {
    const cookie = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
    const list = (await (await fetch('/jupyter-mlflow/servers')).json()) as {
      servers: { id: string; removable: boolean }[];
    };
    for (const { id } of list.servers.filter(server => server.removable)) {
      await fetch(`/jupyter-mlflow/servers/${id}`, {
        method: 'DELETE',
        headers: { 'X-XSRFToken': cookie }
      });
    }
  });
});

function switcher(root: Locator): Locator {
  return root.locator('[data-mlflow-server]');
}

async function choose(page: Page, root: Locator, item: string): Promise<void> {
  await switcher(root).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Adds a server by the form and its name. */
async function add(
  page: Page,
  root: Locator,
  uri: string,
  name: string
): Promise<void> {
  await choose(page, root, 'Add Tracking Server…');
  await root.getByLabel('Address or store').fill(uri);
  await root.getByLabel('Name', { exact: true }).fill(name);
  await root.getByRole('button', { name: 'Add', exact: true }).click();
}

test.describe('The server switcher', () => {
  test('should change to another server and explain it', async ({
    page,
    panel,
    oldest
  }) => {
    const experiment = await oldest.createExperiment('on the oldest');
    const root = await panel.open();
    await choose(page, root, 'oldest');

    await expect(switcher(root)).toHaveAttribute('data-state', 'connected');
    await expect(root.getByText(/^Connected · MLflow 2\.3\.2/)).toBeVisible();
    await expect(
      root.locator(`[data-mlflow-experiment-id="${experiment.id}"]`)
    ).toBeVisible();

    await root
      .getByRole('button', { name: 'Details of the tracking server' })
      .click();
    const card = root.getByRole('region', {
      name: 'Details of the tracking server'
    });
    await expect(card.getByRole('link', { name: /2\.3\.2/ })).toHaveAttribute(
      'href',
      'https://mlflow.org/docs/2.3.2/'
    );
    await expect(card).toContainText(oldest.url);
    await expect(card).toContainText('Files are kept in');
  });

  test('should work by the keyboard', async ({ page, panel }) => {
    const root = await panel.open();
    await switcher(root).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(switcher(root)).toBeFocused();
  });
});

test.describe('The form of a server', () => {
  test('should say what is refused where it is, and lose nothing', async ({
    page,
    panel
  }) => {
    const root = await panel.open();
    await choose(page, root, 'Add Tracking Server…');
    const address = root.getByLabel('Address or store');
    const submit = root.getByRole('button', { name: 'Add', exact: true });

    await submit.click();
    await expect(root.getByRole('alert')).toContainText('No address was given');
    for (const [uri, reason] of [
      ['databricks://prod', 'Databricks'],
      ['foo://bar', 'not a kind of store'],
      ['http://host with space/', 'not an address']
    ]) {
      await address.fill(uri);
      await submit.click();
      await expect(root.getByRole('alert')).toContainText(reason);
      await expect(address).toHaveAttribute('aria-invalid', 'true');
      await expect(address).toHaveValue(uri);
    }

    await address.fill('https://mlflow.invalid');
    await root
      .getByLabel('Sign in with')
      .selectOption('User name and password');
    await root.getByLabel('User name').fill('ann');
    await root.getByLabel('Password').fill('secret');
    await root.getByText('Certificate and workspace').click();
    await root.getByLabel('CA bundle').fill('/nowhere/ca.pem');
    await submit.click();
    await expect(root.getByRole('alert')).toContainText('/nowhere/ca.pem');
    await expect(root.getByLabel('Password')).toHaveValue('secret');
    await expect(address).toHaveValue('https://mlflow.invalid');

    await root.getByRole('button', { name: 'Cancel' }).click();
    await expect(root).toHaveAttribute('data-state', 'ready');
  });

  test('should lead to the server that is in the list already', async ({
    page,
    panel,
    oldest
  }) => {
    const root = await panel.open();
    await add(page, root, oldest.url, 'again');
    await expect(root.getByRole('alert')).toContainText('in the list already');
    await root.getByRole('button', { name: 'Use the one in the list' }).click();
    await expect(switcher(root)).toContainText('oldest');
  });
});

test.describe('A server on a bad day', () => {
  test('should keep what it showed, say so, and come back by itself', async ({
    page,
    panel,
    mlflow,
    gate
  }) => {
    const experiment = await mlflow.createExperiment('stays visible');
    const root = await panel.open();
    await add(page, root, gate.url, 'gate');
    const row = root.locator(`[data-mlflow-experiment-id="${experiment.id}"]`);
    await expect(row).toBeVisible();

    await gate.close();
    await root
      .getByRole('button', { name: 'Refresh', exact: true })
      .first()
      .click();
    await expect(root).toHaveAttribute('data-state', 'offline');
    await expect(switcher(root)).toHaveAttribute('data-state', 'failed');
    await expect(root.getByRole('alert').first()).toContainText(
      'cannot be reached'
    );
    await expect(
      root.getByText(/Shown is what it answered last/)
    ).toBeVisible();
    await expect(row).toBeVisible();

    await gate.open();
    await expect(root).toHaveAttribute('data-state', 'ready', {
      timeout: 30_000
    });
    await expect(row).toBeVisible();
  });

  test('should ask for a login, and take one', async ({
    page,
    panel,
    gate
  }) => {
    const secret = 'Zq7-given-only-here';
    gate.login = `ann:${secret}`;
    const root = await panel.open();
    await add(page, root, gate.url, 'gate');
    await expect(root).toHaveAttribute('data-state', 'error');
    await expect(root.getByRole('alert')).toContainText('asks for a login');

    await root.getByRole('button', { name: 'Sign in…' }).click();
    await root
      .getByLabel('Sign in with')
      .selectOption('User name and password');
    await root.getByLabel('User name').fill('ann');
    await root.getByLabel('Password').fill('wrong');
    await root.getByRole('button', { name: 'Save' }).click();
    await expect(root.getByRole('alert')).toContainText('refuses the login');
    await root.getByRole('button', { name: 'Sign in…' }).click();
    await root
      .getByLabel('Sign in with')
      .selectOption('User name and password');
    await root.getByLabel('User name').fill('ann');
    await root.getByLabel('Password').fill(secret);
    await root.getByRole('button', { name: 'Save' }).click();
    await expect(root).toHaveAttribute('data-state', 'ready');
    expect((await page.content()).includes(secret)).toBe(false);
  });

  test('should tell what is not MLflow', async ({ page, panel, gate }) => {
    gate.instead = (_, outgoing) => {
      outgoing
        .writeHead(200, { 'Content-Type': 'text/html' })
        .end('<html><script>alert(1)</script>Welcome</html>');
    };
    const root = await panel.open();
    await add(page, root, gate.url, 'gate');
    await expect(root).toHaveAttribute('data-state', 'error');
    await expect(root.getByRole('alert')).toContainText(
      'not an MLflow tracking server'
    );

    gate.instead = null;
    await root.getByRole('button', { name: 'Try again' }).click();
    await expect(root).toHaveAttribute('data-state', 'ready');
  });

  test('should remove it, and go on with another', async ({
    page,
    panel,
    gate
  }) => {
    const root = await panel.open();
    await add(page, root, gate.url, 'short-lived');
    await expect(switcher(root)).toContainText('short-lived');
    await choose(page, root, 'Remove Tracking Server…');
    await expect(page.getByRole('dialog')).toContainText('short-lived');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Remove' })
      .click();
    await expect(switcher(root)).toContainText('newest');
  });
});
