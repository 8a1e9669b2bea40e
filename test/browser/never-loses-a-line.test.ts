import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { Browser, BrowserContext, Page } from 'playwright';

import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { keepScreenshot, launchBrowser, newLearner } from './browser.ts';
import { LabPage } from './lab-page.ts';

/** As long as the promise says; the server gives up a silent socket meanwhile, and the page too. */
const CUT_MS = 30_000;
const FROZEN_MS = 5_000;
const WAIT_MS = 30_000;
const PADDING = 'the quick brown fox jumps over the lazy dog';
/** Numbered lines, some fifty a second. */
const STREAM = `clear; i=0; while :; do i=$((i+1)); printf '%05d ${PADDING}\\n' $i; sleep 0.02; done`;

let browser: Browser;
let server: ServerProcess;
let network: CuttableProxy;

before(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServerProcess()]);
  network = await startCuttableProxy(Number(new URL(server.url).port));
});

after(async () => {
  await browser.close();
  await network[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('a network that is cut for 30 s and a frozen tab lose no line of a stream', async () => {
  const { context, page, view } = await startStream();
  network.cut();
  await delay(CUT_MS);
  await keepScreenshot(page, 'en-reconnecting');
  const atCut = await lastNumber(view);
  assert.ok(atCut > 0, 'the old screen stays while there is no connection');
  network.mend();
  // The shell went on: what it has printed in the meantime comes as well.
  await atLeast(view, atCut + 500);
  await freeze(page);
  await atLeast(view, atCut + 600);
  await assertUnbroken(view, atCut + 600);
  await context.close();
});

test('a reload under output loses no line of a stream', async () => {
  const { context, page, view } = await startStream();
  await page.reload();
  await atLeast(view, 200);
  await page.reload();
  await atLeast(view, 400);
  await assertUnbroken(view, 400);
  await context.close();
});

test('a server that is killed takes nothing off the screen, and a new shell begins below it', async () => {
  const { context, page, view } = await startStream();
  await server.kill();
  await keepScreenshot(page, 'en-server-killed');
  await server.startAgain();
  await view.waitForPrompt();
  const lines = await wholeOutput(view);
  assert.ok(lines.size >= 50);
  assert.equal(hash(lines), hash(numbered(lines.size)));
  await context.close();
});

async function startStream(): Promise<{
  readonly context: BrowserContext;
  readonly page: Page;
  readonly view: LabPage;
}> {
  const { context, page } = await newLearner(browser, { locale: 'en' });
  const view = new LabPage(page);
  await page.goto(`http://127.0.0.1:${network.port}/labs/get-started`);
  await view.waitForPrompt();
  await view.type(STREAM);
  await atLeast(view, 50);
  return { context, page, view };
}

/** Stops the stream and looks at all of it, which is so many lines or some more. */
async function assertUnbroken(view: LabPage, least: number): Promise<void> {
  await view.page.locator('.xterm:visible').click();
  await view.page.keyboard.press('Control+c');
  await view.waitForPrompt();
  const lines = await wholeOutput(view);
  assert.ok(lines.size >= least);
  assert.equal(hash(lines), hash(numbered(lines.size)));
}

/** Lines of the stream by their number. */
type Lines = ReadonlyMap<number, string>;

function linesOn(screen: readonly string[]): Lines {
  const found = new Map<number, string>();
  for (const line of screen) {
    const number = /^(\d{5}) /.exec(line)?.[1];
    if (number !== undefined) found.set(Number(number), line.trimEnd());
  }
  return found;
}

/** What the terminal keeps: the screen and what has scrolled out of it. The stream must have come to rest. */
async function wholeOutput(view: LabPage): Promise<Lines> {
  const found = new Map<number, string>();
  await view.page.locator('.xterm:visible').click();
  for (let size = -1; size < found.size;) {
    size = found.size;
    for (const [number, line] of linesOn(await view.screen())) found.set(number, line);
    await view.page.keyboard.press('Shift+PageUp');
    await view.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
  }
  await view.page.keyboard.press('Shift+End');
  return found;
}

async function lastNumber(view: LabPage): Promise<number> {
  return Math.max(0, ...linesOn(await view.screen()).keys());
}

async function atLeast(view: LabPage, number: number): Promise<void> {
  await until(
    async () => (await lastNumber(view)) >= number,
    WAIT_MS,
    () => view.screen(),
  );
}

/** As a browser does with a tab in the background: no timer, no message is handled meanwhile. */
async function freeze(page: Page): Promise<void> {
  const developer = await page.context().newCDPSession(page);
  await developer.send('Page.setWebLifecycleState', { state: 'frozen' });
  await delay(FROZEN_MS);
  await developer.send('Page.setWebLifecycleState', { state: 'active' });
}

function numbered(count: number): Lines {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return new Map(
    numbers.map((number) => [number, `${String(number).padStart(5, '0')} ${PADDING}`]),
  );
}

/** Of the lines in the order of their numbers; a missing, torn or doubled one changes it. */
function hash(lines: Lines): string {
  const sorted = [...lines].toSorted(([one], [other]) => one - other);
  const text = sorted.map(([, line]) => line).join('\n');
  return createHash('sha256').update(text).digest('hex');
}
