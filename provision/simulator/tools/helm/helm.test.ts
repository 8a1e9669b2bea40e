import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { objectAt, stringAt } from '../../kinds/json.ts';
import { FakeApi, readyAtOnce } from '../istioctl/testing/fake-api.ts';
import { type Machine, run } from './testing/run-helm.ts';

const ADD = 'helm repo add istio https://istio-release.storage.googleapis.com/charts';

async function machineWithRepo(): Promise<Machine> {
  const machine: Machine = { api: new FakeApi({ controller: readyAtOnce }) };
  await run(machine, ADD);
  return machine;
}

function said(stdout: string) {
  return { status: 0, stdout, stderr: '' };
}

function refused(message: string) {
  return { status: 1, stdout: '', stderr: `Error: ${message}\n` };
}

test('helm keeps repositories, and refuses in one sentence what is not Istio’s', async () => {
  const machine: Machine = { api: new FakeApi() };
  assert.deepEqual(await run(machine, 'helm repo list'), refused('no repositories to show'));
  assert.deepEqual(await run(machine, ADD), said('"istio" has been added to your repositories\n'));
  assert.deepEqual(
    await run(machine, ADD),
    said('"istio" already exists with the same configuration, skipping\n'),
  );
  assert.deepEqual(
    await run(machine, 'helm repo update'),
    said(
      'Hang tight while we grab the latest from your chart repositories...\n...Successfully got an update from the "istio" chart repository\nUpdate Complete. ⎈Happy Helming!⎈\n',
    ),
  );
  assert.deepEqual(
    await run(machine, 'helm search repo istiod'),
    said(
      'NAME        \tCHART VERSION\tAPP VERSION\tDESCRIPTION                       \n' +
        'istio/istiod\t1.30.3       \t1.30.3     \tHelm chart for istio control plane\n',
    ),
  );
  assert.deepEqual(
    await run(machine, 'helm repo add bitnami https://charts.bitnami.com/bitnami'),
    refused(
      'looks like "https://charts.bitnami.com/bitnami" is not a valid chart repository or cannot be reached: this helm knows https://istio-release.storage.googleapis.com/charts only',
    ),
  );
  assert.deepEqual(
    await run(machine, 'helm install z istio/ztunnel'),
    refused('INSTALLATION FAILED: chart ztunnel is not simulated: it needs ambient mode'),
  );
});

test('helm install tells of the release, stores it as helm does, and uninstall leaves the definitions', async () => {
  const machine = await machineWithRepo();
  assert.deepEqual(
    await run(machine, 'helm install istio-base istio/base -n istio-system'),
    said(`NAME: istio-base
LAST DEPLOYED: Thu Jan  1 00:00:00 2026
NAMESPACE: istio-system
STATUS: deployed
REVISION: 1
TEST SUITE: None
NOTES:
Istio base successfully installed!

To learn more about the release, try:
  $ helm status istio-base -n istio-system
  $ helm get all istio-base -n istio-system
`),
  );
  const secret = machine.api.objects.get(
    '/api/v1/namespaces/istio-system/secrets/sh.helm.release.v1.istio-base.v1',
  );
  assert.partialDeepStrictEqual(secret, {
    metadata: { labels: { name: 'istio-base', owner: 'helm', status: 'deployed', version: '1' } },
    type: 'helm.sh/release.v1',
  });
  const once = Buffer.from(stringAt(secret, 'data', 'release'), 'base64').toString();
  const record: unknown = JSON.parse(gunzipSync(Buffer.from(once, 'base64')).toString());
  assert.deepEqual(objectAt(record, 'info'), {
    first_deployed: '2026-01-01T00:00:00.000Z',
    last_deployed: '2026-01-01T00:00:00.000Z',
    deleted: '',
    description: 'Install complete',
    status: 'deployed',
    notes: stringAt(record, 'info', 'notes'),
  });
  assert.deepEqual(
    await run(machine, 'helm ls -n istio-system'),
    said(
      'NAME      \tNAMESPACE   \tREVISION\tUPDATED                      \tSTATUS  \tCHART      \tAPP VERSION\n' +
        'istio-base\tistio-system\t1       \t2026-01-01 00:00:00 +0000 UTC\tdeployed\tbase-1.30.3\t1.30.3     \n',
    ),
  );
  const crd =
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.networking.istio.io';
  assert.partialDeepStrictEqual(machine.api.objects.get(crd), {
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        'meta.helm.sh/release-name': 'istio-base',
        'meta.helm.sh/release-namespace': 'istio-system',
      },
    },
  });
  assert.deepEqual(
    await run(machine, 'helm uninstall istio-base -n istio-system'),
    said(
      'These resources were kept due to the resource policy:\n[CustomResourceDefinition] gateways.networking.istio.io\n\nrelease "istio-base" uninstalled\n',
    ),
  );
  assert.deepEqual([...machine.api.objects.keys()], [crd]);
});

test('a second revision with a tag stands beside the first; upgrades keep values and can be taken back', async () => {
  const machine = await machineWithRepo();
  await run(
    machine,
    'helm install istiod istio/istiod -n istio-system --set meshConfig.accessLogFile=/dev/stdout',
  );
  await run(
    machine,
    'helm install istiod-canary istio/istiod -n istio-system --set revision=canary --set revisionTags={prod}',
  );
  const names = [...machine.api.objects.keys()]
    .filter((path) => /mutating|deployments|services\//.test(path))
    .map((path) => path.slice(path.lastIndexOf('/') + 1));
  assert.deepEqual(names, [
    'istiod',
    'istiod',
    'istio-sidecar-injector',
    'istiod-canary',
    'istiod-revision-tag-prod',
    'istiod-canary',
    'istio-sidecar-injector-canary',
    'istio-revision-tag-prod',
  ]);
  const upgraded = await run(
    machine,
    'helm upgrade istiod istio/istiod -n istio-system --reuse-values --set pilot.traceSampling=50',
  );
  assert.equal(
    upgraded.stdout.split('\n')[0],
    'Release "istiod" has been upgraded. Happy Helming!',
  );
  assert.deepEqual(
    await run(machine, 'helm get values istiod -n istio-system'),
    said(
      'USER-SUPPLIED VALUES:\nmeshConfig:\n  accessLogFile: /dev/stdout\npilot:\n  traceSampling: 50\n',
    ),
  );
  assert.deepEqual(
    await run(machine, 'helm rollback istiod 1 -n istio-system'),
    said('Rollback was a success! Happy Helming!\n'),
  );
  const day = 'Thu Jan  1 00:00:00 2026';
  assert.deepEqual(
    await run(machine, 'helm history istiod -n istio-system'),
    said(
      'REVISION\tUPDATED                 \tSTATUS    \tCHART        \tAPP VERSION\tDESCRIPTION     \n' +
        `1       \t${day}\tsuperseded\tistiod-1.30.3\t1.30.3     \tInstall complete\n` +
        `2       \t${day}\tsuperseded\tistiod-1.30.3\t1.30.3     \tUpgrade complete\n` +
        `3       \t${day}\tdeployed  \tistiod-1.30.3\t1.30.3     \tRollback to 1   \n`,
    ),
  );
});

test('helm says what stands in the way: names in use, wrong values, missing releases, objects of others', async () => {
  const machine = await machineWithRepo();
  const install = 'helm install gw istio/gateway -n gateways';
  await run(machine, install);
  assert.deepEqual(
    [
      await run(machine, install),
      await run(machine, `${install} --set foo=1`.replace('gw', 'two')),
      await run(machine, 'helm upgrade none istio/gateway'),
      await run(machine, 'helm uninstall none'),
      await run(machine, 'helm install x other/chart'),
      await run(machine, 'helm install x istio/nothing'),
      await run(machine, 'helm install x istio/base --version 1.2.3'),
      await run(machine, 'helm status'),
    ].map(({ stderr }) => stderr),
    [
      'Error: INSTALLATION FAILED: cannot reuse a name that is still in use\n',
      "Error: INSTALLATION FAILED: values don't meet the specifications of the schema(s) in the following chart(s):\ngateway:\n- (root): Additional property foo is not allowed\n\n",
      'Error: UPGRADE FAILED: "none" has no deployed releases\n',
      'Error: uninstall: Release not loaded: none: release: not found\n',
      'Error: INSTALLATION FAILED: repo other not found\n',
      'Error: INSTALLATION FAILED: chart "nothing" matching  not found in istio index. (try \'helm repo update\'): no chart name found\n',
      'Error: INSTALLATION FAILED: chart "base" matching 1.2.3 not found in istio index. (try \'helm repo update\'): no chart version found for base-1.2.3\n',
      'Error: "helm status" requires 1 argument\n\nUsage:  helm status --help\n',
    ],
  );
  const foreign = await run(machine, 'helm install three istio/gateway -n gateways --set name=gw');
  assert.equal(
    foreign.stderr,
    'Error: INSTALLATION FAILED: ServiceAccount "gw" in namespace "gateways" exists and cannot be imported into the current release: invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "three": current value is "gw"\n',
  );
});

test('helm --atomic takes back what does not become ready: the revision before, or nothing', async () => {
  const machine = { ...(await machineWithRepo()), api: new FakeApi({ isQuiet: true }) };
  const failed = await run(
    machine,
    'helm install istiod istio/istiod -n istio-system --atomic --timeout 0s',
  );
  assert.deepEqual(
    { failed, left: [...machine.api.objects.keys()] },
    {
      failed: {
        status: 1,
        stdout: '',
        stderr:
          'Error: INSTALLATION FAILED: release istiod failed, and has been uninstalled due to atomic being set: context deadline exceeded\n',
      },
      left: [],
    },
  );
  await run(machine, 'helm upgrade --install istiod istio/istiod -n istio-system');
  const upgraded = await run(
    machine,
    'helm upgrade istiod istio/istiod -n istio-system --set replicaCount=3 --set autoscaleEnabled=false --atomic --timeout 0s',
  );
  assert.equal(
    upgraded.stderr,
    'Error: UPGRADE FAILED: release istiod failed, and has been rolled back due to atomic being set: context deadline exceeded\n',
  );
  const { stdout } = await run(machine, 'helm history istiod -n istio-system');
  assert.deepEqual(
    stdout.split('\n').map((line) => line.split('\t').map((cell) => cell.trim())),
    [
      ['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION', 'DESCRIPTION'],
      ...[
        ['1', 'superseded', 'Install complete'],
        ['2', 'failed', 'Upgrade "istiod" failed: context deadline exceeded'],
        ['3', 'deployed', 'Rollback to 1'],
      ].map(([revision, status, description]) => [
        revision,
        'Thu Jan  1 00:00:00 2026',
        status,
        'istiod-1.30.3',
        '1.30.3',
        description,
      ]),
      [''],
    ],
  );
  assert.deepEqual(
    [...machine.api.objects.keys()].filter((path) => path.includes('horizontalpodautoscalers')),
    ['/apis/autoscaling/v2/namespaces/istio-system/horizontalpodautoscalers/istiod'],
  );
});

test('helm completes commands and flags for bash', async () => {
  const machine = await machineWithRepo();
  const completed = async (words: string) =>
    (await run(machine, `helm __complete -- ${words}`)).stdout;
  assert.deepEqual(
    [await completed('up'), await completed('repo '), await completed('upgrade --at')],
    ['upgrade\n', 'add\nlist\nremove\nupdate\n', '--atomic\n'],
  );
  assert.match((await run(machine, 'helm completion bash')).stdout, /^complete .* helm$/m);
});
