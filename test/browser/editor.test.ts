import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import type { Browser, Page } from 'playwright';

import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { axeViolations, keepScreenshot, launchBrowser, newLearner } from './browser.ts';
import { LabPage } from './lab-page.ts';

const LAB = {
  title: 'Edit a route',
  description: 'A route in a file.',
  details: {
    intro: { text: 'intro.md' },
    steps: [{ title: 'Edit', text: 'step.md' }],
    finish: { text: 'intro.md' },
  },
  backend: { imageid: 'kubernetes-kubeadm-1node' },
  regatta: { needs: ['istio'] },
};

const ROUTE = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: reviews
  http:
  - rout:
    - destination:
        host: reviews
`;

const LANGUAGES = [
  { locale: 'en', tab: 'Editor', mistake: 'Did you mean “route”?', scheme: 'light', width: 1366 },
  {
    locale: 'fr',
    tab: 'Éditeur',
    mistake: 'Vouliez-vous dire « route » ?',
    scheme: 'dark',
    width: 1366,
  },
  { locale: 'zh', tab: '编辑器', mistake: '您是想写“route”吗？', scheme: 'light', width: 900 },
] as const;

let browser: Browser;
let server: TestServer;
let labs: string;

before(async () => {
  labs = await mkdtemp(path.join(tmpdir(), 'regatta-editor-labs-'));
  await mkdir(path.join(labs, 'edit'));
  await writeFile(
    path.join(labs, 'structure.json'),
    JSON.stringify({ items: [{ path: 'edit', title: 'Edit' }] }),
  );
  await writeFile(path.join(labs, 'edit/index.json'), JSON.stringify(LAB));
  await writeFile(path.join(labs, 'edit/intro.md'), 'Open `routes/new.yaml`{{open}}\n');
  await writeFile(path.join(labs, 'edit/step.md'), 'Nothing.\n');
  [browser, server] = await Promise.all([launchBrowser(), startTestServer({ labs })]);
});

after(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
  await rm(labs, { recursive: true });
});

/** The text in the editor, as the page holds it. */
async function text(page: Page): Promise<string> {
  const lines = await page.locator('.cm-line').allTextContents();
  return lines.join('\n');
}

async function replaceText(page: Page, value: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  // Inserted, not typed: the editor would indent what is indented already.
  await page.keyboard.insertText(value);
}

async function openLab(
  locale: string,
  options: { scheme?: 'light' | 'dark'; width?: number } = {},
) {
  const { scheme = 'light', width = 1366 } = options;
  const learner = await newLearner(browser, { locale, colorScheme: scheme, width });
  await learner.page.goto(`${server.server.url}/labs/edit`);
  const view = new LabPage(learner.page);
  await view.waitForPrompt();
  return { ...learner, view };
}

for (const { locale, tab, mistake, scheme, width } of LANGUAGES) {
  test(`a lesson opens a file, mistakes in it are marked, and the shell sees what is saved (${locale})`, async () => {
    const { context, page, errors, view } = await openLab(locale, { scheme, width });
    await page.locator('[data-lesson] button[data-action]').first().click();
    await page.getByRole('tab', { name: tab, selected: true }).waitFor();
    await page.locator('.cm-content').waitFor();
    await until(
      async () =>
        Boolean(await page.evaluate("document.activeElement.className.includes('cm-content')")),
      10_000,
    );
    await replaceText(page, ROUTE);
    await until(async () => (await page.locator('.cm-lintRange').count()) >= 2, 20_000);
    await page.getByText('rout', { exact: true }).hover();
    await page.getByText(mistake).waitFor();
    await keepScreenshot(page, `editor-${locale}`);
    assert.deepEqual(await axeViolations(page), []);
    await page.keyboard.press('Control+s');
    await until(async () => (await page.locator('[class*="unsaved"]').count()) === 0, 10_000);
    await page.getByRole('tab', { name: /1/ }).first().click();
    await view.type('clear; head -2 routes/new.yaml; wc -c < routes/new.yaml');
    await until(
      async () => (await view.screen()).includes(String(ROUTE.length)),
      10_000,
      () => view.screen(),
    );
    assert.deepEqual(errors, []);
    await context.close();
  });
}

test('a change by the shell is followed, unless there is unsaved text, which outlives a reload', async () => {
  const { context, page, errors, view } = await openLab('en');
  await view.type('echo one > a.txt');
  await view.waitForPrompt();
  await page.getByRole('tab', { name: 'Editor' }).click();
  await page.getByRole('button', { name: 'a.txt', exact: true }).click();
  await until(async () => (await text(page)).startsWith('one'), 10_000);
  const shell = async (command: string) => {
    await page.getByRole('tab', { name: 'Terminal 1' }).click();
    await view.type(command);
    await view.waitForPrompt();
    await page.getByRole('tab', { name: 'Editor' }).click();
  };
  await shell('echo two > a.txt');
  await until(async () => (await text(page)).startsWith('two'), 10_000);
  await replaceText(page, 'mine');
  await shell('echo three > a.txt');
  await page.getByRole('alert', { name: /has changed in the sandbox/ }).waitFor();
  assert.equal(await text(page), 'mine');
  await page.reload();
  await view.waitForPrompt();
  await page.getByRole('tab', { name: 'Editor' }).click();
  await until(async () => (await text(page)) === 'mine', 10_000);
  await page.getByRole('button', { name: 'Keep my text' }).click();
  await until(async () => (await page.getByRole('alert').count()) === 0, 10_000);
  await shell('clear; cat a.txt; echo');
  await page.getByRole('tab', { name: 'Terminal 1' }).click();
  assert.equal((await view.screen()).includes('mine'), true);
  assert.deepEqual(errors, []);
  await context.close();
});

test('files are uploaded by button and by dropping, asked about, and downloaded', async () => {
  const { context, page, errors } = await openLab('en');
  await page.getByRole('tab', { name: 'Editor' }).click();
  const choose = page.locator('input[type=file]');
  await choose.setInputFiles({
    name: 'up.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('first'),
  });
  await page.getByRole('button', { name: 'up.txt', exact: true }).waitFor();
  await choose.setInputFiles({
    name: 'up.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('second'),
  });
  await page.getByRole('button', { name: 'Replace', exact: true }).click();
  await page.getByText('Uploaded files: 1.').waitFor();
  await page.getByRole('button', { name: 'up.txt', exact: true }).click();
  await until(async () => (await text(page)) === 'second', 10_000);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'up.txt');
  assert.equal(await readFile(await download.path(), 'utf8'), 'second');

  await page.getByRole('tab', { name: 'Terminal 1' }).click();
  await page.evaluate(`
    const data = new DataTransfer();
    data.items.add(new File(['dropped'], 'drop.txt'));
    document.querySelector('.xterm').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  `);
  await page.getByRole('button', { name: 'drop.txt', exact: true }).waitFor();
  await page.getByRole('button', { name: 'drop.txt', exact: true }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('alert').getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await page.locator('nav').getByText('drop.txt').count()) === 0, 10_000);
  assert.deepEqual(errors, []);
  await context.close();
});

test('fields and values are completed, and explained, from the schemas of the cluster', async () => {
  const { context, page, errors } = await openLab('en');
  await page.locator('[data-lesson] button[data-action]').first().click();
  await page.locator('.cm-content').waitFor();
  await replaceText(
    page,
    'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nspec:\n  trafficPolicy:\n    loadBalancer:\n      ',
  );
  await page.keyboard.type('simp');
  // By pointer: the list is deaf for keys for a moment, so that none that was meant for the text chooses.
  await page.locator('.cm-tooltip-autocomplete').getByText('simple').click();
  await until(async () => /simple:/.test(await text(page)), 10_000);
  await page.keyboard.type('LEAST');
  await page.locator('.cm-tooltip-autocomplete').getByText('LEAST_REQUEST').waitFor();
  await keepScreenshot(page, 'editor-completion');
  await page.keyboard.press('Escape');
  await page.getByText('trafficPolicy', { exact: true }).hover();
  await page.locator('.cm-tooltip-hover').waitFor();
  // Escape, then Tab, leaves the editor.
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  const isLeft = await page.evaluate("!document.activeElement.className.includes('cm-content')");
  assert.equal(isLeft, true);
  assert.deepEqual(errors, []);
  await context.close();
});

test('without the server the text can be read, is kept, and is saved when the server is back', async () => {
  const { context, page } = await openLab('en');
  await page.locator('[data-lesson] button[data-action]').first().click();
  await page.locator('.cm-content').waitFor();
  await replaceText(page, 'kept');
  await server.restart();
  await until(async () => (await page.locator('[class*="unsaved"]').count()) === 1, 5_000);
  await page
    .getByRole('button', { name: 'Save', exact: true })
    .and(page.locator(':enabled'))
    .waitFor();
  assert.equal(await text(page), 'kept');
  const isSaved = async () => {
    await page.keyboard.press('Control+s');
    return (await page.locator('[class*="unsaved"]').count()) === 0;
  };
  await page.locator('.cm-content').click();
  await until(isSaved, 30_000, () => page.locator('[role=alert]').allTextContents());
  await context.close();
});
