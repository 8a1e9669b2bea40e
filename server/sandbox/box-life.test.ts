import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { createSandboxFactory } from './factory.ts';
import type { Sandbox, SandboxFactory, TerminalProcess } from './sandbox.ts';

let folder: string;
let factory: SandboxFactory;

const at = (name: string) => path.join(folder, name);
const options = () => ({
  mode: 'auto' as const,
  binFolder: at('bin'),
  libFolder: at('lib'),
  homeFolder: at('home'),
});

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-life-'));
  for (const name of ['bin', 'lib', 'home']) await mkdir(at(name));
  await writeFile(at('bin/istioctl'), ISTIOCTL, { mode: 0o755 });
  await chmod(folder, 0o755);
  factory = await createSandboxFactory(options());
});

after(async () => {
  await factory[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Has a completion script as the command library of Go's tools writes them, and completes one word. */
const ISTIOCTL = String.raw`#!/bin/bash
cat <<'END'
__start_istioctl() {
  local cur prev words cword
  _get_comp_words_by_ref -n =: cur prev words cword
  COMPREPLY=($(compgen -W "proxy-status proxy-config" -- "$cur"))
}
complete -o default -F __start_istioctl istioctl
END
`;

/** Everything that a terminal has shown, and a way to wait for more. */
class Shown {
  text = '';
  #look: () => void = () => undefined;

  constructor(terminal: TerminalProcess) {
    terminal.onData((data) => {
      this.text += data.toString();
      this.#look();
    });
  }

  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const complain = () =>
        reject(new Error(`No ${String(pattern)} in ${JSON.stringify(this.text)}`));
      const timer = setTimeout(complain, 10_000);
      this.#look = () => {
        if (!pattern.test(this.text)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#look();
    });
  }
}

function exitOf(terminal: TerminalProcess): Promise<unknown> {
  return new Promise((resolve) => terminal.onExit(resolve));
}

async function start(box: Sandbox) {
  const terminal = box.open({ columns: 80, rows: 24 });
  const screen = new Shown(terminal);
  await screen.until(/controlplane.*# /s);
  return { terminal, screen };
}

test('a terminal is a shell with job control, ^C, and the size of the page', async () => {
  await using box = await factory.create({ kubeconfig: '', locale: 'fr' });
  const { terminal, screen } = await start(box);
  terminal.write('sh -c "echo one; exec sleep 60"\r');
  await screen.until(/one\r\n$/);
  terminal.write('\u0003');
  await screen.until(/\^C.*633;B/s);
  terminal.resize({ columns: 132, rows: 43 });
  terminal.write('echo rc=$?; stty size; sh -c "echo two; exec sleep 61"\r');
  await screen.until(/rc=130\r\n43 132\r\ntwo/);
  terminal.write('\u001A');
  await screen.until(/Stopped/);
  terminal.write('kill -9 %1; while kill -0 %1; do :; done; echo "$LANG $LAB_LANGUAGE"; exit 7\r');
  assert.deepEqual(await exitOf(terminal), { code: 7 });
  assert.match(screen.text, /C\.UTF-8 fr\r\n/);
});

test('a Tab completes the tools of the lessons, and k as kubectl, with nothing installed for it', async () => {
  await using box = await factory.create({ kubeconfig: '', locale: 'en' });
  const { terminal, screen } = await start(box);
  terminal.write('istioctl proxy-s\t');
  await screen.until(/istioctl proxy-status /);
  terminal.write('\u0015k version --cli\t');
  await screen.until(/k version --cli.?ent/);
  terminal.write('\u0015kubectl api-res\t');
  await screen.until(/kubectl api-resources /);
});

test('disposing of a box ends its terminals and whatever they left in the background', async () => {
  const box = await factory.create({ kubeconfig: '', locale: 'en' });
  const { terminal, screen } = await start(box);
  const exits: unknown[] = [];
  terminal.onExit((exit) => exits.push(exit));
  terminal.write(
    '(nohup setsid sleep 87654 >/dev/null 2>&1 &); trap "" HUP TERM; echo star\'\'ted\r',
  );
  await screen.until(/started/);
  const running = box.run({ command: ['sleep', '87655'], timeoutMs: 60_000 });
  await box[Symbol.asyncDispose]();
  assert.equal((await running).code, 137);
  assert.equal(exits.length, 1);
  assert.deepEqual(processesWith(['87654', '87655']), []);
  assert.throws(() => box.open({ columns: 80, rows: 24 }));
});

test('twenty terminals leave no descriptor behind', async () => {
  await using box = await factory.create({ kubeconfig: '', locale: 'en' });
  for (let index = 0; index < 20; index++) {
    const { terminal } = await start(box);
    await terminal.kill();
  }
  assert.deepEqual(openPtys(), []);
});

test('output that was held back at the end of a program is not lost', async () => {
  await using box = await factory.create({ kubeconfig: '', locale: 'en' });
  const terminal = box.open({ columns: 80, rows: 24 }, { command: ['/usr/bin/seq', '1', '400'] });
  const screen = new Shown(terminal);
  terminal.pause();
  await exitOf(terminal);
  assert.match(screen.text, /^1\r\n2\r\n.*\r\n400\r\n$/s);
});

test('a box ends with its server, even when that is killed', async () => {
  const script = `
    const { createSandboxFactory } = await import(${JSON.stringify(new URL('factory.ts', import.meta.url).href)});
    const factory = await createSandboxFactory(${JSON.stringify(options())});
    const box = await factory.create({ kubeconfig: '', locale: 'en' });
    const terminal = box.open({ columns: 80, rows: 24 });
    terminal.onData((data) => { if (String(data).includes('star' + 'ted')) process.stdout.write('ready'); });
    terminal.write("(nohup setsid sleep 76543 >/dev/null 2>&1 &); echo star''ted; sleep 76544\\r");`;
  const server = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(server.stdout, 'data');
  server.kill('SIGKILL');
  await once(server, 'exit');
  for (let tries = 0; tries < 100 && processesWith(['76543', '76544']).length > 0; tries++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(processesWith(['76543', '76544']), []);
});

test('without a sandbox there is room for one learner, and of the cluster only the API server answers', async () => {
  await using open = await createSandboxFactory({ ...options(), mode: 'none' });
  const kubeconfig = 'clusters:\n- cluster:\n    server: https://172.30.1.2:6443\n';
  await using shell = await open.create({ kubeconfig, locale: 'en' });
  await assert.rejects(
    async () => open.create({ kubeconfig, locale: 'en' }),
    /Cannot take a second learner: without a sandbox there is room for one/,
  );
  const [api, service] = await shell.listen([
    { ip: '172.30.1.2', port: 6443 },
    { ip: '10.96.0.1', port: 443 },
  ]);
  assert.ok(api && 'socket' in api);
  const address = api.socket.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { stdout } = await shell.run({ command: ['cat', '.kube/config'], timeoutMs: 5_000 });
  assert.deepEqual(service, {
    ip: '10.96.0.1',
    port: 443,
    error: 'a shell without a sandbox has no network of its own',
  });
  assert.equal(
    stdout,
    `clusters:\n- cluster:\n    server: https://127.0.0.1:${port}\n    tls-server-name: 172.30.1.2\n`,
  );
});

/** Descriptors of this process that are the near end of a pseudo terminal. */
function openPtys(): readonly string[] {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).endsWith('ptmx');
    } catch {
      return false;
    }
  });
}

/** Pids of living processes of the host whose command line holds one of the words. */
function processesWith(words: readonly string[]): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return line[0] === 'sleep' && words.some((word) => line.includes(word));
    } catch {
      return false;
    }
  });
}
