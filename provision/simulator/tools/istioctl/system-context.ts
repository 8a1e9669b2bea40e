import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import type { NewObject } from '../../client/client.ts';
import { CommandError, EXIT } from './cli/command.ts';
import type { ClusterTarget, Context, KubectlResult } from './cli/context.ts';
import { accessOf } from './kube/kubeconfig.ts';
import type { Terminal } from './terminal/terminal.ts';

/** The process istioctl runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Found on PATH; in the sandbox it stands beside istioctl. */
const KUBECTL = 'kubectl';

/** Name of the file with Istio's CRDs, beside the bundle. */
const CRDS_FILE = 'istio-crds.json';

/** The world as it is: files, the network, kubectl on PATH. */
export function systemContext(surroundings: Surroundings): Context {
  const { env } = surroundings;
  return {
    terminal: terminalOf(surroundings),
    now: Date.now,
    readText: (file) => readText(file, surroundings.stdin),
    writeText,
    newFolder: async (prefix) => mkdtempSync(path.join(tmpdir(), prefix)),
    filesUnder,
    freePort,
    crds: readCrds,
    async connect(target) {
      const files = await kubeconfigs(target, env);
      const { httpsApi } = await import('./kube/https-api.ts');
      return httpsApi(accessOf(files, target.context));
    },
    kubectl: (target, args) => kubectl([...targetArguments(target), ...args]),
    kubectlInForeground: (target, args) => inForeground([...targetArguments(target), ...args]),
  };
}

function terminalOf({ stdin, stdout, stderr }: Surroundings): Terminal {
  return {
    stdout: (text) => void stdout.write(text),
    stderr: (text) => void stderr.write(text),
    isInteractive: stderr.isTTY,
    columns: stderr.isTTY ? stderr.columns : 0,
    async readLine() {
      const { createInterface } = await import('node:readline');
      const lines = createInterface({ input: stdin });
      for await (const line of lines) return line;
      return undefined;
    },
  };
}

async function readText(file: string, stdin: NodeJS.ReadStream): Promise<string> {
  if (/^https?:/.test(file)) {
    throw new CommandError(`cannot read ${file}: only files and standard input are read here`);
  }
  if (file !== '-') return readLocal(file);
  stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of stdin) text += String(chunk);
  return text;
}

function readLocal(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = isMissing ? 'no such file or directory' : String(cause);
    throw new CommandError(`open ${file}: ${why}`, EXIT.failed, { cause });
  }
}

async function writeText(
  file: string,
  text: string,
  { isProgram = false }: { readonly isProgram?: boolean } = {},
): Promise<void> {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: isProgram ? 0o755 : 0o644 });
  } catch (cause) {
    throw new CommandError(`write ${file}: ${String(cause)}`, EXIT.failed, { cause });
  }
}

async function freePort(address: string, preferred: number): Promise<number> {
  const { createServer } = await import('node:net');
  const portOf = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, address, () => {
        const bound = server.address();
        server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : port));
      });
    });
  return portOf(preferred).catch(() => portOf(0));
}

async function filesUnder(named: string): Promise<readonly string[]> {
  const found = statSync(named, { throwIfNoEntry: false });
  if (!found) throw new CommandError(`stat ${named}: no such file or directory`);
  if (!found.isDirectory()) return [named];
  return readdirSync(named, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

async function kubeconfigs(target: ClusterTarget, env: Surroundings['env']) {
  const { parse } = await import('yaml');
  const named = target.kubeconfig || env['KUBECONFIG'] || '';
  const files =
    named === '' ? [path.join(env['HOME'] ?? homedir(), '.kube/config')] : named.split(':');
  const present = target.kubeconfig === '' ? files.filter((file) => existsSync(file)) : files;
  return present.map((file) => {
    const config: unknown = parse(readLocal(file));
    const readFile = (name: string) => readLocal(path.resolve(path.dirname(file), name));
    return { config, readFile };
  });
}

async function readCrds(): Promise<readonly NewObject[]> {
  // Built with the bundle from the simulator's own definitions: objects of ours, not input.
  const crds: readonly NewObject[] = JSON.parse(
    readLocal(path.join(import.meta.dirname, CRDS_FILE)),
  );
  return crds;
}

function targetArguments({ kubeconfig, context }: ClusterTarget): readonly string[] {
  return [
    ...(kubeconfig === '' ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === '' ? [] : [`--context=${context}`]),
  ];
}

function kubectl(args: readonly string[]): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(KUBECTL, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (cause) => reject(noKubectl(cause)));
    child.once('close', (code) => resolve({ status: code ?? 1, stdout, stderr }));
  });
}

/** The child gets ^C from the terminal itself; istioctl waits for it and passes a kill on. */
function inForeground(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(KUBECTL, args, { stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
    child.once('error', (cause) => reject(noKubectl(cause)));
    child.once('close', (code, signal) => resolve(signal ? EXIT.done : (code ?? EXIT.failed)));
  });
}

function noKubectl(cause: Error): CommandError {
  return new CommandError(`cannot run kubectl: ${cause.message}`, EXIT.failed, { cause });
}
