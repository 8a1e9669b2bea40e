import type { Locator, Page } from 'playwright';

import { until } from '../support/until.ts';

const PROMPT = /[$#] $/;

/** The lab page as a learner uses it, by roles and names, in whatever language it is. */
export class LabPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The screen of the terminal in front, line by line without the empty ones at its end. */
  async screen(): Promise<readonly string[]> {
    const rows = await this.page.locator('.xterm-rows:visible > div').allTextContents();
    const lines = rows.map((row) => row.replaceAll('\u00A0', ' '));
    while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
    return lines;
  }

  /** Waits until the shell asks for a command. */
  async waitForPrompt(limitMs = 60_000): Promise<void> {
    await until(
      async () => PROMPT.test(`${(await this.screen()).at(-1)?.trimEnd() ?? ''} `),
      limitMs,
      () => this.screen(),
    );
  }

  /** Runnable buttons of the lesson itself, in order; those of hints are not among them. */
  runButtons(): Locator {
    return this.page.locator('[data-lesson] button.run:visible');
  }

  /** Clicks through a step's commands, each when the shell is free. */
  async runAll(): Promise<void> {
    const count = await this.runButtons().count();
    for (let index = 0; index < count; index++) {
      await this.waitForPrompt();
      const before = (await this.screen()).join('\n');
      await this.runButtons().nth(index).click();
      // Until the shell echoes the command, the old prompt would be taken for the next.
      await until(async () => (await this.screen()).join('\n') !== before, 10_000);
      await this.waitForPrompt();
    }
  }

  /** On to the next page; locked while the step is not done. */
  next(): Locator {
    return this.page.locator('footer button, [class*="footer"] button').last();
  }

  /** Waits for the page of a step, by its place in the address. */
  async waitForStep(step: number): Promise<void> {
    const place = `step=${step}`;
    await until(
      async () => this.page.url().includes(place),
      10_000,
      async () => this.page.url(),
    );
    await this.page.locator('#checks').waitFor();
  }

  /** Whether every check of the step has passed. */
  async isDone(): Promise<boolean> {
    return this.next().isEnabled();
  }

  /** What the checks panel says. */
  async checks(): Promise<string> {
    return this.page.locator('#checks').innerText();
  }

  /** Pixels by which the document is taller than its window; the panes scroll, the document does not. */
  async overflow(): Promise<number> {
    return Number(await this.page.evaluate('document.scrollingElement.scrollHeight - innerHeight'));
  }

  async type(command: string): Promise<void> {
    await this.page.locator('.xterm:visible').click();
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
  }
}
