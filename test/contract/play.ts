import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { isMap, isSeq, parseDocument } from 'yaml';

import { type Difference, playSteps, withStatus } from './play-steps.ts';
import { fitsVersion, type Transcript } from './transcript.ts';

/** A client and the cluster it talks to. */
export interface Target {
  /** A cluster administrator's. */
  readonly kubeconfig: string;
  readonly kubectl: { readonly file: string; readonly version: string };
  /** The cluster outlives the transcripts: what they made is deleted. */
  readonly isKept: boolean;
}

const COMMAND_LIMIT_MS = 90_000;
const ACCOUNT_LIMIT_MS = 30_000;
const ACCOUNT_PAUSE_MS = 20;

/**
 * Plays a transcript with a real kubectl, in a namespace and a home folder of its own.
 * @returns the first difference; undefined when every command printed what it must
 */
export async function playTranscript(
  transcript: Transcript,
  target: Target,
): Promise<Difference | undefined> {
  const home = await mkdtemp(join(tmpdir(), 'contract-'));
  const namespace = transcript.name.replaceAll('/', '-');
  const environment = await furnish(home, namespace, target);
  const shell: Shell = { environment, folder: join(home, 'work') };
  try {
    await startNamespace(target.kubeconfig, namespace);
    const steps = transcript.steps.filter(({ versions }) =>
      fitsVersion(versions, target.kubectl.version),
    );
    return await playSteps(steps, { namespace, run: (script) => run(script, shell) });
  } finally {
    if (target.isKept) await run(`kubectl delete namespace ${namespace}`, shell);
    await rm(home, { recursive: true });
  }
}

interface Shell {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** Fills a home folder: the kubeconfig with the namespace as its context's default, and `kubectl` as the only client on the path. */
async function furnish(
  home: string,
  namespace: string,
  { kubeconfig, kubectl }: Target,
): Promise<NodeJS.ProcessEnv> {
  for (const folder of ['.kube', 'bin', 'work']) await mkdir(join(home, folder));
  await symlink(kubectl.file, join(home, 'bin/kubectl'));
  await writeFile(join(home, '.kube/config'), inNamespace(kubeconfig, namespace), { mode: 0o600 });
  return {
    HOME: home,
    KUBECONFIG: join(home, '.kube/config'),
    // No client lives long enough to need its memory back; looking for it takes a tenth of its time.
    GOGC: 'off',
    LANG: 'C.UTF-8',
    NAMESPACE: namespace,
    PATH: [join(home, 'bin'), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    TERM: 'dumb',
    TZ: 'UTC',
  };
}

/** A kubeconfig whose current context has the namespace as its default. */
function inNamespace(kubeconfig: string, namespace: string): string {
  const config = parseDocument(kubeconfig);
  const contexts = config.get('contexts');
  const current = isSeq(contexts)
    ? contexts.items.findIndex(
        (item) => isMap(item) && item.get('name') === config.get('current-context'),
      )
    : -1;
  if (current < 0)
    throw new Error('Cannot play a transcript: the kubeconfig has no current context');
  config.setIn(['contexts', current, 'context', 'namespace'], namespace);
  return String(config);
}

/** Makes the namespace, and waits for its service account: pods need it, and a controller makes it a moment later. */
async function startNamespace(kubeconfig: string, namespace: string): Promise<void> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  await api.createNamespace({ body: { metadata: { name: namespace } } });
  const deadline = Date.now() + ACCOUNT_LIMIT_MS;
  while (!(await hasAccount(api, namespace))) {
    if (Date.now() >= deadline) {
      throw new Error(`Cannot play a transcript: ${namespace} gets no service account`);
    }
    await pause(ACCOUNT_PAUSE_MS);
  }
}

async function hasAccount(api: CoreV1Api, namespace: string): Promise<boolean> {
  try {
    await api.readNamespacedServiceAccount({ namespace, name: 'default' });
    return true;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return false;
    throw error;
  }
}

/** What a command prints on both outputs, and its status when that is not 0. */
function run(script: string, { environment, folder }: Shell): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const timer = setTimeout(() => endGroup(child.pid), COMMAND_LIMIT_MS);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString('utf8');
      resolve(signal ? `${output}\n[ended by ${signal}]` : withStatus(output, code ?? 0));
    });
  });
}

/** The shell and whatever it still runs. */
function endGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
