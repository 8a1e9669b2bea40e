import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import type { Browser, Page } from 'playwright';

import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { axeViolations, keepScreenshot, launchBrowser, newLearner } from './browser.ts';
import { LabPage } from './lab-page.ts';

/** For a machine that does other things as well. */
const WAIT_MS = 45_000;

let browser: Browser;
let lab: TestServer;

before(async () => {
  [browser, lab] = await Promise.all([launchBrowser(), startTestServer()]);
});

after(async () => {
  await browser.close();
  await lab[Symbol.asyncDispose]();
});

async function openLab(locale = 'en', options: { readonly width?: number } = {}) {
  const { context, page, errors } = await newLearner(browser, { locale, ...options });
  page.setDefaultTimeout(WAIT_MS);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: lab.server.url });
  const view = new LabPage(page);
  await page.goto(`${lab.server.url}/labs/get-started`);
  // On a phone the lesson comes first.
  if (options.width) await page.getByRole('navigation').getByRole('button').last().click();
  await view.waitForPrompt();
  return { context, page, view, errors };
}

/** The screen without the blanks that a cursor or a program leaves at the ends of lines. */
async function trimmed(view: LabPage): Promise<readonly string[]> {
  return (await view.screen()).map((line) => line.trimEnd());
}

async function shows(view: LabPage, line: string | RegExp): Promise<void> {
  const isThere = (one: string) => (typeof line === 'string' ? one === line : line.test(one));
  await until(
    async () => (await trimmed(view)).some(isThere),
    WAIT_MS,
    () => trimmed(view),
  );
}

async function showsOnly(view: LabPage, lines: readonly string[]): Promise<void> {
  await until(
    async () => isDeepStrictEqual(await trimmed(view), lines),
    WAIT_MS,
    () => trimmed(view),
  );
}

/** Puts text on the clipboard and presses the keys that paste. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('Control+Shift+V');
}

test('a paste cannot leave its brackets, and 256 KiB arrive whole', async () => {
  const { context, page, view } = await openLab();
  await page.locator('.xterm:visible').click();
  await paste(page, 'echo safe \u001B[201~\recho ran-$((1+1))\r');
  await shows(view, /^echo ran-\$/);
  assert.equal((await view.screen()).includes('ran-2'), false);
  await page.keyboard.press('Control+c');
  await view.type('cat > big.txt');
  const line = `${'日本 kubectl get pods ⛵ '.repeat(6)}\n`;
  const text = line.repeat(Math.ceil((256 * 1024) / Buffer.byteLength(line)));
  await paste(page, text);
  // The terminal is not in bracketed mode while `cat` reads.
  await page.getByRole('button', { name: 'Paste', exact: true }).click();
  await page.keyboard.press('Control+d');
  await view.waitForPrompt();
  await view.type('clear; wc -c < big.txt');
  await shows(view, String(Buffer.byteLength(text)));
  await context.close();
});

test('a shell that has ended says how; the next one begins below, free of what a program had left on', async () => {
  const { context, page, view, errors } = await openLab();
  const isReportingMouse = () => page.locator('.xterm.enable-mouse-events').count();
  const command = 'exec bash -c \'printf "\\e[?1049h\\e[H\\e[?1000hall of it"; exit 3\'';
  await view.type(command);
  await page.getByText('ended with status 3').waitFor();
  await showsOnly(view, ['all of it']);
  assert.equal(await isReportingMouse(), 1);
  await page.getByRole('button', { name: 'Start a new shell' }).click();
  await showsOnly(view, [`controlplane:~# ${command}`, 'controlplane:~#']);
  assert.equal(await isReportingMouse(), 0);
  assert.deepEqual(errors, []);
  await context.close();
});

test('several lines are asked about when each would run at once', async () => {
  const { context, page, view, errors } = await openLab();
  await view.type("bind 'set enable-bracketed-paste off'");
  await view.waitForPrompt();
  await view.type('clear');
  await paste(page, 'echo one-$((1+1))\necho two-$((1+1))\n');
  await page.getByText('You are pasting several lines').waitFor();
  await keepScreenshot(page, 'en-paste-question');
  assert.deepEqual(await axeViolations(page), []);
  await page.getByRole('button', { name: 'Paste as one line' }).click();
  await page.keyboard.press('Enter');
  await shows(view, 'one-2 echo two-2');
  await paste(page, 'echo three-$((1+1))\necho four-$((1+1))\n');
  await page.getByRole('button', { name: 'Paste', exact: true }).click();
  await shows(view, 'four-2');
  assert.deepEqual(errors, []);
  await context.close();
});

test('a program gets text onto the clipboard only when the learner agrees, and is not asked about twice', async () => {
  const { context, page, view } = await openLab();
  const offer = (text: string) => view.type(`printf '\\033]52;c;%s\\a' $(printf ${text} | base64)`);
  await page.evaluate("navigator.clipboard.writeText('mine')");
  await offer('theirs');
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await until(
    async () => (await page.evaluate('navigator.clipboard.readText()')) === 'theirs',
    WAIT_MS,
  );
  await offer('again');
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await offer('once-more');
  await view.type('clear; echo done');
  await shows(view, 'done');
  assert.equal(await page.getByRole('button', { name: 'Do not allow' }).count(), 0);
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), 'theirs');
  await context.close();
});

test('the menu copies, searches and shows all output as text', async () => {
  const { context, page, view, errors } = await openLab();
  await view.type('clear; seq -f needle-%g 200');
  await shows(view, 'needle-200');
  await page.locator('.xterm:visible').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Show as plain text' }).click();
  const text = page.getByRole('document', { name: /plain text/ });
  assert.match(await text.innerText(), /needle-1\n[^]*needle-200\n/);
  await keepScreenshot(page, 'en-plain-text');
  assert.deepEqual(await axeViolations(page), []);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+F');
  await page.keyboard.type('needle-17');
  await page.getByText(/^\d+ of 11$/).waitFor();
  await keepScreenshot(page, 'en-search');
  assert.deepEqual(await axeViolations(page), []);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Terminal menu' }).click();
  await page.getByRole('menuitem', { name: 'Select all' }).click();
  await page.locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
  await page.keyboard.press('Control+Shift+C');
  const copied = async () => String(await page.evaluate('navigator.clipboard.readText()'));
  await until(async () => (await copied()).includes('needle-42\n'), WAIT_MS, copied);
  assert.deepEqual(errors, []);
  await context.close();
});

test('the way to the server is measured on demand', async () => {
  const { context, page } = await openLab('fr', { width: 390 });
  await page.getByRole('button', { name: 'Connexion' }).click();
  await page.getByText(/^Aller-retour\s: \d+ ms$/).waitFor();
  await page.getByText('Cette fenêtre a la main dans le terminal 1.').waitFor();
  await keepScreenshot(page, 'fr-connection-narrow');
  await context.close();
});

test('a second window reads until it takes over', async () => {
  const { context, page, view } = await openLab('zh');
  const other = await context.newPage();
  await other.goto(`${lab.server.url}/labs/get-started`);
  const reading = other.getByText('另一个窗口正在输入');
  await reading.waitFor();
  await keepScreenshot(other, 'zh-reader');
  await other.getByRole('button', { name: '在此输入' }).click();
  await reading.waitFor({ state: 'hidden' });
  await page.getByText('另一个窗口正在输入').waitFor();
  const second = new LabPage(other);
  await second.type('clear; echo from-the-second');
  await shows(second, 'from-the-second');
  await shows(view, 'from-the-second');
  await context.close();
});

test('Chinese is typed by an input method once it is chosen, and not before', async () => {
  const { context, page, view } = await openLab('zh');
  await page.locator('.xterm:visible').click();
  const developer = await context.newCDPSession(page);
  await page.keyboard.type('echo ');
  for (const text of ['n', 'ni', 'nihao']) {
    await developer.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  }
  await developer.send('Input.insertText', { text: '你好' });
  await page.keyboard.press('Enter');
  await shows(view, '你好');
  assert.equal(
    (await view.screen()).some((line) => line.includes('ni')),
    false,
  );
  await context.close();
});

test('a command of the lesson waits for the prompt, and tells in the lesson how it ended', async () => {
  const { context, page, view } = await openLab();
  await view.next().click();
  await view.waitForStep(1);
  await view.type('sleep 1000');
  await shows(view, /sleep 1000$/);
  const button = view.runButtons().first();
  await button.click();
  await page.getByText('A command of the lesson waits until the program ends.').waitFor();
  assert.match(
    (await button.getAttribute('aria-label')) ?? '',
    /\(waiting until the terminal is free\)$/,
  );
  await keepScreenshot(page, 'en-command-waits');
  await page.getByRole('button', { name: 'Stop it (Ctrl+C)' }).click();
  await until(
    async () => (await button.getAttribute('aria-label'))?.endsWith('(done)') === true,
    WAIT_MS,
    () => view.screen(),
  );
  await view.type('kubectl() { return 3; }');
  await view.waitForPrompt();
  await button.click();
  await until(
    async () =>
      (await button.getAttribute('aria-label'))?.endsWith('(failed with status 3)') === true,
    WAIT_MS,
    () => view.screen(),
  );
  await keepScreenshot(page, 'en-command-failed');
  assert.deepEqual(await axeViolations(page), []);
  await context.close();
});
