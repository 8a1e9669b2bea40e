import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { type ClientCluster, startClientCluster } from './support/cluster.ts';

const CHART: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: "1.27"\n',
  'values.yaml': 'replicas: 1\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: "nginx:{{ .Chart.AppVersion }}"}]}
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
`,
  'templates/hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: hook-succeeded}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: hook, image: "busybox:1.36", command: ["true"]}]}}}
`,
  'templates/tests/answers.yaml': `apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}-answers, annotations: {helm.sh/hook: test}}
spec: {restartPolicy: Never, containers: [{name: ask, image: "busybox:1.36", command: [wget, -qO-, "http://{{ .Release.Name }}"]}]}
`,
};

/** Optional on a developer's machine; what it sends is tested without it as well. */
const HELM = 'helm';
const { status } = spawnSync(HELM, ['version', '--short']);
const skip = status === 0 ? false : 'NOT RUN: there is no helm on the PATH of this machine';

let cluster: ClientCluster;
let folder = '';
before(async () => {
  if (skip !== false) return;
  cluster = await startClientCluster();
  folder = await mkdtemp(join(tmpdir(), 'helm-'));
  await mkdir(join(folder, 'chart/templates/tests'), { recursive: true });
  for (const [file, text] of Object.entries(CHART))
    await writeFile(join(folder, 'chart', file), text);
  await writeFile(join(folder, 'config'), cluster.config.exportConfig(), { mode: 0o600 });
});
after(async () => {
  if (skip !== false) return;
  await rm(folder, { recursive: true });
  await cluster[Symbol.asyncDispose]();
});

/** What helm prints; it keeps all it knows in the folder of the test. */
async function helm(...args: readonly string[]): Promise<string> {
  const file = join(folder, 'config');
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: folder, KUBECONFIG: file };
  const options = { env, cwd: folder, timeout: 90_000 };
  return (await promisify(execFile)(HELM, [...args], options)).stdout;
}

/** Revisions of the release and what became of them. */
async function history(): Promise<readonly string[]> {
  const revisions: unknown = JSON.parse(await helm('history', 'web', '-o', 'json'));
  assert.ok(Array.isArray(revisions));
  return revisions.map(
    (one: { readonly revision: number; readonly status: string }) =>
      `${one.revision} ${one.status}`,
  );
}

test(
  'helm installs, upgrades, tests, rolls back and uninstalls a local chart',
  { skip },
  async () => {
    assert.match(await helm('template', 'web', 'chart', '--validate'), /kind: Deployment/);
    assert.match(await helm('install', 'web', 'chart', '--wait'), /STATUS: deployed/);
    assert.match(await helm('list'), /^web\s+default\s+1\s.*\sdeployed\s+web-0\.1\.0\s+1\.27\s*$/m);
    assert.match(await helm('status', 'web'), /STATUS: deployed/);
    assert.match(await helm('test', 'web'), /Phase:\s+Succeeded/);
    await helm('upgrade', 'web', 'chart', '--set', 'replicas=2', '--wait');
    assert.match(await helm('get', 'values', 'web'), /replicas: 2/);
    assert.match(await helm('get', 'manifest', 'web'), /replicas: 2/);
    await helm('rollback', 'web', '1', '--wait');
    assert.deepEqual(await history(), ['1 superseded', '2 superseded', '3 deployed']);
    assert.match(await helm('uninstall', 'web', '--wait'), /release "web" uninstalled/);
    assert.doesNotMatch(await helm('list', '--all'), /web/);
  },
);
