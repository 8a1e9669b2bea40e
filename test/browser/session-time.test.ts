import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser, Locator, Page } from 'playwright';

import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { axeViolations, keepScreenshot, launchBrowser, newLearner } from './browser.ts';
import { LabPage } from './lab-page.ts';

const HOUR_MS = 3600_000;

let browser: Browser;

before(async () => {
  browser = await launchBrowser();
});

after(async () => browser.close());

/** Screen readers are told of them elsewhere as well. */
function notices(page: Page): Locator {
  return page.getByTestId('session-notices');
}

test('a session in which nobody types warns, sleeps, and goes on where it was', async () => {
  await using lab = await startTestServer({}, { times: { idleMs: 20_000, totalMs: HOUR_MS } });
  const { context, page, errors } = await newLearner(browser, { locale: 'fr' });
  const view = new LabPage(page);
  await page.goto(`${lab.server.url}/labs/get-started`);
  await notices(page).getByText('Aucune activité depuis un moment.').waitFor();
  await keepScreenshot(page, 'fr-idle-warning');
  await view.waitForPrompt();
  await view.type('echo kept > note.txt');
  await view.waitForPrompt();
  await notices(page).getByText('Cette session est en veille').waitFor();
  await keepScreenshot(page, 'fr-asleep');
  assert.deepEqual(await axeViolations(page), []);
  await page.getByRole('button', { name: 'Reprendre' }).click();
  await notices(page).getByText('Cette session est en veille').waitFor({ state: 'hidden' });
  // The old screen stays; the new shell asks below it.
  await until(
    async () =>
      (await view.screen()).filter((line) => line.startsWith('controlplane:~#')).length === 3,
    20_000,
    () => view.screen(),
  );
  await view.type('clear; cat note.txt');
  await until(
    async () => (await view.screen()).includes('kept'),
    10_000,
    () => view.screen(),
  );
  assert.deepEqual(errors, []);
  await context.close();
});

test('the end of the time is put off by a button, within limits', async () => {
  await using lab = await startTestServer({}, { times: { idleMs: HOUR_MS, totalMs: 200_000 } });
  const { context, page } = await newLearner(browser, { locale: 'en', colorScheme: 'dark' });
  await page.goto(`${lab.server.url}/labs/get-started`);
  const warning = notices(page).getByText('The time of this session is over in');
  await warning.waitFor();
  await keepScreenshot(page, 'en-time-warning-dark');
  await page.getByRole('button', { name: 'Keep going 1 h more' }).click();
  await warning.waitFor({ state: 'hidden' });
  await context.close();
});

test('reading is no idleness: a click in the lesson takes the warning back', async () => {
  await using lab = await startTestServer({}, { times: { idleMs: 302_000, totalMs: HOUR_MS } });
  const { context, page } = await newLearner(browser, { locale: 'zh', width: 390 });
  await page.goto(`${lab.server.url}/labs/get-started`);
  const warning = notices(page).getByText('已有一段时间没有任何操作');
  await warning.waitFor();
  await keepScreenshot(page, 'zh-idle-warning-narrow');
  await page.locator('[data-lesson]').click();
  await warning.waitFor({ state: 'hidden' });
  await context.close();
});

test('on a full server a learner waits in line, and comes in by itself', async () => {
  await using lab = await startTestServer({ 'max-sessions': '1' });
  const first = await newLearner(browser, { locale: 'en' });
  await first.page.goto(`${lab.server.url}/labs/get-started`);
  await new LabPage(first.page).waitForPrompt();
  const second = await newLearner(browser, { locale: 'zh', width: 1100 });
  await second.page.goto(`${lab.server.url}/labs/get-started`);
  await second.page.getByText('您在队列中排第 1 位').waitFor();
  await keepScreenshot(second.page, 'zh-full');
  assert.deepEqual(await axeViolations(second.page), []);
  const health: unknown = await (await fetch(`${lab.server.url}/healthz`)).json();
  assert.ok(typeof health === 'object' && health !== null && 'sessions' in health);
  assert.deepEqual(health.sessions, { live: 1, places: 1, waiting: 1 });
  // The first one begins anew: the session that was is forgotten, and its place is free.
  await first.page.evaluate(
    `fetch('/api/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"lab":"get-started"}' })
      .then((answer) => answer.json())
      .then(({ id }) => fetch('/api/sessions/' + id, { method: 'DELETE' }))`,
  );
  await first.context.close();
  await new LabPage(second.page).waitForPrompt();
  await second.context.close();
});
