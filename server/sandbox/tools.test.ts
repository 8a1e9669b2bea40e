import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { labTools } from '../../provision/index.ts';
import { createSandboxFactory } from './factory.ts';
import type { Sandbox, SandboxFactory } from './sandbox.ts';

/** Commands that show that a tool works; a machine that lacks the tool has nothing to show. */
const USES: Readonly<Record<string, string>> = {
  vim: 'printf "ihello\\033:wq\\r" | vim -u NONE -T dumb --not-a-term /tmp/a >/dev/null 2>&1; cat /tmp/a',
  nano: 'TERM=xterm nano --version | head -c 9; echo; echo hello',
  less: 'echo hello | less -FX',
  jq: 'echo \'{"a":"hello"}\' | jq -r .a',
  curl: 'curl --version >/dev/null && echo hello',
  tree: 'mkdir -p /tmp/t/hello && tree -i --noreport /tmp/t | tail -1',
  watch: 'timeout 2 watch -n 9 echo hello >/tmp/w 2>&1; grep -ao hello /tmp/w | tail -1',
  tmux: 'tmux new-session -d "echo hello > /tmp/x" && while [ ! -s /tmp/x ]; do sleep 0.05; done; cat /tmp/x',
};

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

for (const [name, use] of Object.entries(USES)) {
  const isHere = existsSync(`/usr/bin/${name}`);
  const suffix = isHere ? '' : ' (NOT RUN: this machine has no such tool)';
  test(`${name} works in a box${suffix}`, { skip: !isHere }, async () => {
    const command = ['bash', '-c', use];
    const { stdout, stderr } = await box.run({ command, timeoutMs: 20_000 });
    assert.equal(stdout.trim().split('\n').at(-1), 'hello', stderr);
  });
}
