import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { parse } from 'yaml';

import { readKubeconfig } from './read-kubeconfig.ts';

const INSIDE = { ip: '172.30.1.2', port: 6443 };
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-kubeconfig-'));
});
after(() => rm(folder, { recursive: true }));

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly top?: object;
}

async function read({ cluster, user, top }: Parts, context?: string) {
  const file = path.join(folder, 'config');
  const config = {
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://cluster.example:8443', ...cluster } }],
    users: [{ name: 'u', user: { token: 'secret', ...user } }],
    ...top,
  };
  await writeFile(file, JSON.stringify(config));
  return readKubeconfig({ file, ...(context !== undefined && { context }) }, INSIDE);
}

/** As it is written for a cluster. */
function written(fields: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'c', user: 'learner', namespace: 'shop' } }],
    clusters: [{ name: 'c', cluster: { ...fields, 'certificate-authority-data': 'Q0E=' } }],
    users: [{ name: 'learner', user: { 'client-key-data': 'a2V5', token: 'from-file' } }],
  };
}

test('a kubeconfig becomes one for the learner, with the address rewritten and all that it names inlined', async () => {
  await writeFile(path.join(folder, 'ca.crt'), 'CA');
  await writeFile(path.join(folder, 'token'), 'from-file\n');
  const real = await read({
    cluster: { 'certificate-authority': 'ca.crt' },
    user: { token: undefined, tokenFile: 'token', 'client-key-data': 'a2V5' },
  });
  assert.deepEqual(
    {
      apiServer: real.apiServer,
      learner: parse(real.learnerKubeconfig),
      server: parse(real.serverKubeconfig),
    },
    {
      apiServer: { host: 'cluster.example', port: 8443 },
      learner: written({
        server: 'https://172.30.1.2:6443',
        'tls-server-name': 'cluster.example',
      }),
      server: written({ server: 'https://cluster.example:8443' }),
    },
  );
});

test('a name that the certificate is known by already stays', async () => {
  const { learnerKubeconfig } = await read({ cluster: { 'tls-server-name': 'kubernetes' } });
  assert.match(learnerKubeconfig, /tls-server-name: kubernetes\n/);
});

test('what a sandbox cannot use is refused in words', async () => {
  const refusals: readonly (readonly [Parts, string, string?])[] = [
    [
      { user: { exec: { command: 'gke-gcloud-auth-plugin' } } },
      'its user signs in by "exec", a program that a sandbox does not have; use a token or a client certificate',
    ],
    [
      { user: { 'auth-provider': { name: 'oidc' } } },
      'its user signs in by "auth-provider", a program that a sandbox does not have; use a token or a client certificate',
    ],
    [
      { cluster: { 'proxy-url': 'http://proxy:3128' } },
      'its API server is reached through a proxy, which a sandbox cannot use',
    ],
    [
      { cluster: { server: 'http://cluster.example' } },
      '"http://cluster.example" is no address of an API server such as https://10.0.0.1:6443',
    ],
    [{ top: { 'current-context': '' } }, 'it has no current context; choose one with --context'],
    [{}, 'it has no context "other"', 'other'],
    [{ top: { clusters: [] } }, 'it has no cluster "c"'],
  ];
  for (const [parts, why, context] of refusals) {
    await assert.rejects(read(parts, context), {
      code: 'kubeconfig-unusable',
      message: `Cannot use the kubeconfig ${path.join(folder, 'config')}: ${why}`,
    });
  }
});
