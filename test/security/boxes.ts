import { labTools } from '../../provision/index.ts';
import { createSandboxFactory } from '../../server/sandbox/factory.ts';
import type { Sandbox, SandboxFactory } from '../../server/sandbox/sandbox.ts';

export const SIZE = { columns: 80, rows: 24 };
/** No script of these tests takes nearly as long. */
export const WAIT_MS = 30_000;

/** Boxes of two learners, as the server makes them. */
export interface Boxes extends AsyncDisposable {
  readonly factory: SandboxFactory;
  readonly box: Sandbox;
  readonly other: Sandbox;
}

export async function makeBoxes(): Promise<Boxes> {
  const factory = await createSandboxFactory({ mode: 'auto', ...(await labTools()) });
  const request = { kubeconfig: '', locale: 'en' } as const;
  const [box, other] = await Promise.all([factory.create(request), factory.create(request)]);
  return {
    factory,
    box,
    other,
    async [Symbol.asyncDispose]() {
      await Promise.all([box, other].map((one) => one[Symbol.asyncDispose]()));
      await factory[Symbol.asyncDispose]();
    },
  };
}

/** What a script of a learner prints, complaints after the output. */
export async function output(box: Sandbox, script: string): Promise<string> {
  const { stdout, stderr } = await box.run({
    command: ['/bin/bash', '-c', script],
    timeoutMs: WAIT_MS,
  });
  return `${stdout}${stderr}`;
}

/** What a script shows on a terminal, to its end. */
export async function shown(box: Sandbox, script: string): Promise<string> {
  const program = box.open(SIZE, { command: ['/bin/bash', '-c', script] });
  let text = '';
  program.onData((data) => {
    text += data.toString('latin1');
  });
  await new Promise<void>((resolve) => program.onExit(() => resolve()));
  return text.replaceAll('\r\n', '\n');
}
