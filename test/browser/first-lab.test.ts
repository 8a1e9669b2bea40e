import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser } from 'playwright';

import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { axeViolations, keepScreenshot, launchBrowser, newLearner } from './browser.ts';
import { LabPage } from './lab-page.ts';

const STEPS = 8;
const LANGUAGES = [
  { locale: 'en', title: 'Get started with Istio' },
  { locale: 'fr', title: 'Premiers pas avec Istio' },
  { locale: 'zh', title: 'Istio 入门' },
] as const;

let browser: Browser;
let lab: TestServer;

before(async () => {
  [browser, lab] = await Promise.all([launchBrowser(), startTestServer()]);
});

after(async () => {
  await browser.close();
  await lab[Symbol.asyncDispose]();
});

for (const { locale, title } of LANGUAGES) {
  test(`the first lab can be done in the browser by typing and clicking (${locale})`, async () => {
    const { context, page, errors } = await newLearner(browser, { locale });
    const view = new LabPage(page);
    await page.goto(lab.server.url);
    await page.getByRole('heading', { name: title }).waitFor();
    await keepScreenshot(page, `${locale}-catalogue`);
    assert.match((await page.locator('html').getAttribute('lang')) ?? '', new RegExp(`^${locale}`));
    await page.locator(`a[href^="/labs/get-started"]`).last().click();
    await view.waitForPrompt();
    await keepScreenshot(page, `${locale}-intro`);
    await view.next().click();
    for (let step = 1; step <= STEPS; step++) {
      await view.waitForStep(step);
      assert.equal(
        await view.next().isDisabled(),
        true,
        `step ${step} is locked before it is done`,
      );
      if (step === 1) await view.type('kubectl get namespaces');
      if (step === 2) await view.type(SOLUTION_OF_STEP_2);
      else await view.runAll();
      if (step === 8) await seeBookinfo(view);
      await until(
        () => view.isDone(),
        60_000,
        () => view.checks(),
      );
      assert.equal(await view.overflow(), 0, `step ${step} keeps the document from scrolling`);
      await keepScreenshot(page, `${locale}-step${step}`);
      await view.next().click();
    }
    await until(
      async () => /finish/.test(page.url()),
      10_000,
      async () => page.url(),
    );
    await keepScreenshot(page, `${locale}-finish`);
    assert.equal(await view.overflow(), 0, 'the document does not scroll');
    assert.deepEqual(errors, []);
    await context.close();
  });
}

/** The step that asks for answers instead of giving commands. */
const SOLUTION_OF_STEP_2 =
  'kubectl create -f - <<< \'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"mesh-notes"},"data":{' +
  '"data-plane":"envoy","control-plane":"istiod","pilot":"istiod","citadel":"istiod","galley":"istiod","mixer":"envoy"}}\'';

/** The product page in its tab, with the stars of one of the three versions. */
async function seeBookinfo({ page }: LabPage): Promise<void> {
  await page.getByRole('tab', { name: 'Bookinfo' }).click();
  const frame = page.frameLocator('iframe');
  await frame.getByText('Reviews served by').first().waitFor();
  assert.match(await frame.locator('body').innerText(), /reviews-v[123]-/);
}

test('a reload shows the same screen, and the language changes without losing the place', async () => {
  const { context, page, errors } = await newLearner(browser, { locale: 'en' });
  const view = new LabPage(page);
  await page.goto(`${lab.server.url}/labs/get-started`);
  await view.waitForPrompt();
  await view.type('echo kept-$((40+2))');
  await until(
    async () => (await view.screen()).includes('kept-42'),
    10_000,
    () => view.screen(),
  );
  await view.next().click();
  await view.waitForStep(1);
  const shown = await view.screen();
  await page.reload();
  await until(
    async () => (await view.screen()).includes('kept-42'),
    10_000,
    () => view.screen(),
  );
  await view.waitForStep(1);
  assert.deepEqual(await view.screen(), shown);
  await page.getByRole('button', { name: /Language/ }).click();
  await page
    .getByRole('menuitemradio', { name: 'Français' })
    .or(page.getByRole('menuitem', { name: 'Français' }))
    .click();
  await page.getByRole('heading', { name: 'Le cluster en un coup d’œil' }).waitFor();
  assert.deepEqual(await view.screen(), shown);
  assert.deepEqual(errors, []);
  await context.close();
});

test('an unknown address and an unknown lab show a page of ours with status 404', async () => {
  const { context, page } = await newLearner(browser, { locale: 'zh', colorScheme: 'dark' });
  for (const path of ['/nowhere', '/labs/nowhere']) {
    const answer = await page.goto(`${lab.server.url}${path}`);
    assert.equal(answer?.status(), 404);
    await page.getByRole('main').getByRole('link').first().waitFor();
  }
  await keepScreenshot(page, 'zh-404-dark');
  await context.close();
});

test('work and progress survive a restart of the server', async () => {
  const { context, page } = await newLearner(browser, { locale: 'en' });
  const view = new LabPage(page);
  await page.goto(`${lab.server.url}/labs/get-started`);
  await view.waitForPrompt();
  await view.next().click();
  await view.waitForStep(1);
  await view.runAll();
  await until(
    () => view.isDone(),
    60_000,
    () => view.checks(),
  );
  await lab.restart();
  await page.reload();
  await view.waitForStep(1);
  await view.waitForPrompt();
  await view.type('kubectl get pod hello -o name');
  await until(
    async () => (await view.screen()).includes('pod/hello'),
    20_000,
    () => view.screen(),
  );
  assert.equal(await view.isDone(), true);
  await context.close();
});

const VIEWS = [
  { name: 'wide-light', width: 1440, colorScheme: 'light' },
  { name: 'narrow-dark', width: 390, colorScheme: 'dark' },
] as const;

for (const { name, width, colorScheme } of VIEWS) {
  test(`catalogue and lab have no accessibility errors that axe finds (${name})`, async () => {
    const { context, page } = await newLearner(browser, { locale: 'fr', width, colorScheme });
    const view = new LabPage(page);
    await page.goto(lab.server.url);
    await page.getByRole('heading', { name: 'Premiers pas avec Istio' }).waitFor();
    const catalogue = await axeViolations(page);
    await page.goto(`${lab.server.url}/labs/get-started?step=1`);
    await page.locator('#checks').waitFor();
    if (width > 800) await view.waitForPrompt();
    await keepScreenshot(page, `fr-${name}`);
    assert.deepEqual({ catalogue, lab: await axeViolations(page) }, { catalogue: [], lab: [] });
    await context.close();
  });
}
