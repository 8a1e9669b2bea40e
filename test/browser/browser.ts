import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';

import { findChromium } from '../../bin/setup/chromium.ts';

const OUTPUT = fileURLToPath(new URL('../../test-output', import.meta.url));

/** Starts the machine's Chromium. @throws Error that says how to install one */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error('Browser tests need Chromium: apt-get update && apt-get install -y chromium');
  }
  return chromium.launch({
    executablePath,
    args: (
      '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
      '--disable-component-update --disable-sync'
    ).split(' '),
  });
}

/** Keeps what the page looks like under `test-output/`. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  await page.screenshot({ path: path.join(OUTPUT, `${name}.png`) });
}

/** A browser profile of its own that speaks a language. Errors of the page fail the test that collects them. */
export async function newLearner(
  browser: Browser,
  options: {
    readonly locale: string;
    readonly colorScheme?: 'light' | 'dark';
    readonly width?: number;
  },
): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly errors: string[] }> {
  const context = await browser.newContext({
    locale: options.locale,
    colorScheme: options.colorScheme ?? 'light',
    viewport: { width: options.width ?? 1366, height: 768 },
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A 4xx of the API is a state of the page (a tab that is not ready yet), not an error in it.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
      errors.push(message.text());
  });
  return { context, page, errors };
}

/** What axe finds wrong by WCAG 2.2 AA, as `rule: element`. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as a script: the page's policy forbids foreign scripts, as it should.
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
  );
  return Array.isArray(found) ? found.map(String) : ['axe gave no answer'];
}
