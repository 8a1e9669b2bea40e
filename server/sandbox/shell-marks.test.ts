import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readShellMark, type ShellMark } from '#protocol';

import { labTools } from '../../provision/index.ts';
import { createSandboxFactory } from './factory.ts';
import type { Sandbox, SandboxFactory, TerminalProcess } from './sandbox.ts';

const NONCE = 'f00d';
const [ESCAPE, BELL] = ['\u001B', '\u0007'];
const MARK = new RegExp(String.raw`${ESCAPE}\]633;([^${BELL}]*)${BELL}`, 'g');
const WAIT_MS = 15_000;

let factory: SandboxFactory;
let box: Sandbox;

before(async () => {
  factory = await createSandboxFactory({ mode: 'auto', ...(await labTools()) });
  box = await factory.create({ kubeconfig: '', locale: 'en' });
});

after(async () => {
  await box[Symbol.asyncDispose]();
  await factory[Symbol.asyncDispose]();
});

/** A terminal's shell, what it prints and what its marks say. */
class MarkedShell implements AsyncDisposable {
  readonly #process: TerminalProcess = box.open({ columns: 200, rows: 50 }, { nonce: NONCE });
  #output = '';
  #onOutput: () => void = () => undefined;

  constructor() {
    this.#process.onData((data) => {
      this.#output += data.toString('utf8');
      this.#onOutput();
    });
  }

  /** Types, and settles with what was printed when it matches. */
  async type(text: string, pattern: RegExp): Promise<string> {
    this.#output = '';
    this.#process.write(text);
    return this.until(pattern);
  }

  async until(pattern: RegExp): Promise<string> {
    const found = Promise.withResolvers<void>();
    this.#onOutput = () => {
      if (pattern.test(this.#output)) found.resolve();
    };
    const timer = setTimeout(() => found.reject(new Error(this.#output)), WAIT_MS);
    this.#onOutput();
    await found.promise.finally(() => clearTimeout(timer));
    return this.#output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }
}

function marksIn(output: string): readonly ShellMark[] {
  const marks = [...output.matchAll(MARK)].map(([, text]) => readShellMark(text ?? '', NONCE));
  return marks.filter((mark) => mark !== undefined);
}

/** The end of a command and the prompt after it. */
const PROMPT = new RegExp(String.raw`633;D;.*633;B;${NONCE}\u0007`, 's');

test('a shell marks command, start, status, folder and prompt', async () => {
  await using shell = new MarkedShell();
  assert.deepEqual(marksIn(await shell.until(PROMPT)), [
    { type: 'ended', exitStatus: 0 },
    { type: 'folder', folder: '/root' },
    { type: 'ready' },
  ]);
  await shell.type("mkdir '/tmp/日本;x'\r", PROMPT);
  assert.deepEqual(marksIn(await shell.type("cd '/tmp/日本;x'; (exit 7)\r", PROMPT)), [
    { type: 'command', line: "cd '/tmp/日本;x'; (exit 7)" },
    { type: 'started' },
    { type: 'ended', exitStatus: 7 },
    { type: 'folder', folder: '/tmp/日本;x' },
    { type: 'ready' },
  ]);
});

test('an unfinished command is marked as such, and Ctrl+C brings a prompt', async () => {
  await using shell = new MarkedShell();
  await shell.until(PROMPT);
  assert.deepEqual(marksIn(await shell.type('for x in 1 2; do\r', /633;F;/)), [{ type: 'more' }]);
  assert.deepEqual(marksIn(await shell.type('\u0003', PROMPT)).at(0), {
    type: 'ended',
    exitStatus: 130,
  });
});

test('a here-document of 200 lines with tabs, exclamation marks and Chinese arrives whole', async () => {
  await using shell = new MarkedShell();
  await shell.until(PROMPT);
  const lines = Array.from({ length: 200 }, (_, index) => `\tname: ${index}! $HOME \`x\` 中文`);
  const block = ["cat > whole.yaml <<'EOF'", ...lines, 'EOF', 'wc -l whole.yaml'].join('\r');
  const paste = `\u001B[200~${block}\u001B[201~\r`;
  await shell.type(paste, /200 whole\.yaml\r\n[^]*633;B;/);
  const { stdout } = await box.run({ command: ['cat', '/root/whole.yaml'], timeoutMs: WAIT_MS });
  assert.equal(stdout, lines.map((line) => `${line}\n`).join(''));
});

test('the marks stay whatever the learner does to prompts and start-up files', async () => {
  const odd = 'PROMPT_COMMAND=true; PS1="> "; PS0=; PS2="... "; set -u; false\n';
  const command = ['sh', '-c', 'cat >> ~/.bashrc'];
  await box.run({ command, stdin: odd, timeoutMs: WAIT_MS });
  await using shell = new MarkedShell();
  await shell.until(PROMPT);
  const output = await shell.type('PROMPT_COMMAND=:; PS1="$ "; false\r', PROMPT);
  assert.deepEqual(
    marksIn(output).map(({ type }) => type),
    ['command', 'started', 'ended', 'folder', 'ready'],
  );
  const again = await shell.type('true\r', PROMPT);
  assert.equal(marksIn(again).filter(({ type }) => type === 'ready').length, 1);
});

test('the nonce is in no argument, environment or descriptor, and a shell within a shell does not know it', async () => {
  await using shell = new MarkedShell();
  await shell.until(PROMPT);
  const looking = 'cat /proc/$$/environ /proc/$$/cmdline /proc/1/environ /proc/1/cmdline';
  const output = await shell.type(
    `${looking} | grep -c ${NONCE}; ls /proc/$$/fd | wc -l\r`,
    PROMPT,
  );
  // Descriptors 0, 1, 2 and bash's own 255.
  assert.match(output, /\b0\r\n4\r\n/);
  const inner = await shell.type('bash --norc\r', /bash-[\d.]+# $/);
  assert.equal(marksIn(inner).filter(({ type }) => type === 'ready').length, 0);
});

test('a learner who traces commands sees none of ours', async () => {
  await using shell = new MarkedShell();
  await shell.until(PROMPT);
  await shell.type('set -x\r', PROMPT);
  const output = await shell.type('(exit 3)\r', PROMPT);
  assert.deepEqual(
    marksIn(output).find(({ type }) => type === 'ended'),
    { type: 'ended', exitStatus: 3 },
  );
  assert.match(output, /\+ exit 3/);
  assert.doesNotMatch(output, /__regatta/);
});
