import assert from 'node:assert/strict';
import { test } from 'node:test';

import { at, listAt } from '../../../../kinds/json.ts';
import { textAt } from '../../../install/tree.ts';
import { FakeApi, readyAtOnce } from '../../testing/fake-api.ts';
import { runIstioctl } from '../../testing/run-istioctl.ts';

/** A cluster with the default revision and another one. */
async function twoRevisions(): Promise<FakeApi> {
  const api = new FakeApi({ controller: readyAtOnce });
  await runIstioctl(['install', '-y', '--set', 'profile=minimal'], { api });
  await runIstioctl(['install', '-y', '--set', 'profile=minimal', '--revision', 'canary'], { api });
  return api;
}

const MUTATING = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const VALIDATING = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

test('istioctl tag set makes webhooks and a Service that no installation takes away', async () => {
  const api = await twoRevisions();
  const ran = await runIstioctl(['tag', 'set', 'prod', '--revision', 'canary'], { api });
  assert.deepEqual(ran, {
    status: 0,
    stdout: `Revision tag "prod" created, referencing control plane revision "canary". To enable injection using this
revision tag, use 'kubectl label namespace <NAMESPACE> istio.io/rev=prod'
`,
    stderr: '',
  });
  const webhook = api.objects.get(`${MUTATING}/istio-revision-tag-prod`);
  const service = api.objects.get(
    '/api/v1/namespaces/istio-system/services/istiod-revision-tag-prod',
  );
  assert.deepEqual(
    {
      webhooks: listAt(webhook, 'webhooks').map((one) => [
        textAt(one, 'name'),
        textAt(one, 'clientConfig', 'service', 'name'),
      ]),
      labels: [webhook, service].map((object) => [
        at(object, 'metadata', 'labels', 'istio.io/rev'),
        at(object, 'metadata', 'labels', 'istio.io/tag'),
        at(object, 'metadata', 'labels', 'operator.istio.io/component'),
      ]),
      selector: at(service, 'spec', 'selector'),
    },
    {
      webhooks: [
        ['rev.namespace.sidecar-injector.istio.io', 'istiod-canary'],
        ['rev.object.sidecar-injector.istio.io', 'istiod-canary'],
      ],
      labels: [
        ['canary', 'prod', undefined],
        ['canary', 'prod', undefined],
      ],
      selector: { app: 'istiod', 'istio.io/rev': 'canary' },
    },
  );
});

test('istioctl tag set default moves the labels without a revision, and validation, to another revision', async () => {
  const api = await twoRevisions();
  const args = ['tag', 'set', 'default', '--revision', 'canary', '--overwrite'];
  assert.equal((await runIstioctl(args, { api })).status, 0);
  assert.deepEqual(
    {
      old: listAt(api.objects.get(`${MUTATING}/istio-sidecar-injector`), 'webhooks').every(
        (webhook) =>
          textAt(webhook, 'namespaceSelector', 'matchLabels', 'istio.io/deactivated') ===
          'never-match',
      ),
      tag: at(
        listAt(api.objects.get(`${MUTATING}/istio-revision-tag-default`), 'webhooks')[2],
        'clientConfig',
        'service',
        'name',
      ),
      validator: at(
        listAt(api.objects.get(`${VALIDATING}/istiod-default-validator`), 'webhooks')[0],
        'clientConfig',
        'service',
        'name',
      ),
    },
    { old: true, tag: 'istiod-canary', validator: 'istiod-canary' },
  );
});

test('istioctl tag list shows tags, and revisions that have none', async () => {
  const api = await twoRevisions();
  api.put('/api/v1/namespaces/app', {
    metadata: { name: 'app', labels: { 'istio.io/rev': 'prod' } },
  });
  const listed = async (...args: readonly string[]) =>
    (await runIstioctl(['tag', 'list', ...args], { api })).stdout;
  assert.equal(
    await listed(),
    'TAG     REVISION NAMESPACES\n        canary   \ndefault default  \n',
  );
  await runIstioctl(['tag', 'set', 'prod', '--revision', 'canary'], { api });
  assert.deepEqual(
    [await listed(), await listed('-o', 'json'), await listed('-o', 'yaml')],
    [
      'TAG     REVISION NAMESPACES\nprod    canary   app\ndefault default  \n',
      `[
\t{
\t\t"tag": "prod",
\t\t"revision": "canary",
\t\t"namespaces": [
\t\t\t"app"
\t\t]
\t},
\t{
\t\t"tag": "default",
\t\t"revision": "default",
\t\t"namespaces": []
\t}
]
`,
      `- namespaces:
  - app
  revision: canary
  tag: prod
- namespaces: []
  revision: default
  tag: default

`,
    ],
  );
  const none = await runIstioctl(['tag', 'list'], { api: new FakeApi() });
  assert.equal(none.stdout, 'No Istio revision tags found.\n');
});

test('istioctl tag remove warns of the namespaces that use the tag', async () => {
  const api = await twoRevisions();
  api.put('/api/v1/namespaces/app', {
    metadata: { name: 'app', labels: { 'istio.io/rev': 'prod' } },
  });
  await runIstioctl(['tag', 'set', 'prod', '--revision', 'canary'], { api });
  const question =
    'Caution, found 1 namespace(s) still injected by tag "prod": app\nProceed with operation? [y/N] ';
  const runs = [
    await runIstioctl(['tag', 'remove', 'prod'], { api, typed: ['n'] }),
    await runIstioctl(['tag', 'remove', 'prod'], { api, typed: ['y'] }),
    await runIstioctl(['tag', 'remove', 'prod', '-y'], { api }),
  ];
  assert.deepEqual(runs, [
    { status: 0, stdout: `${question}Aborting operation.\n`, stderr: '' },
    { status: 0, stdout: `${question}Revision tag prod removed\n`, stderr: '' },
    {
      status: 1,
      stdout: '',
      stderr:
        'Error: cannot remove tag "prod": cannot find MutatingWebhookConfiguration or Service for tag\n',
    },
  ]);
  assert.deepEqual(
    [...api.objects.keys()].filter((key) => key.includes('prod')),
    [],
  );
});

test('istioctl tag set says why a tag cannot be made', async () => {
  const api = await twoRevisions();
  await runIstioctl(['tag', 'set', 'prod', '--revision', 'canary'], { api });
  const refusals = await Promise.all(
    [
      ['set', 'prod'],
      ['set', '--revision', 'canary'],
      ['set', 'a', 'b', '--revision', 'canary'],
      ['set', 'canary', '--revision', 'default'],
      ['set', 'new', '--revision', 'gone'],
      ['set', 'prod', '--revision', 'default'],
      ['list', 'all'],
      ['list', '-o', 'xml'],
      ['move'],
    ].map(async (args) => (await runIstioctl(['tag', ...args], { api })).stderr),
  );
  assert.deepEqual(refusals, [
    'Error: required flag(s) "revision" not set\n',
    'Error: must provide a tag for modification\n',
    'Error: must provide a single tag for creation\n',
    'Error: cannot create revision tag "canary": found existing control plane revision with same name\n',
    'Error: cannot modify tag: cannot find MutatingWebhookConfiguration or Service with revision "gone"\n',
    'Error: revision tag "prod" already exists, and --overwrite is false\n',
    'Error: tag list command does not accept arguments\n',
    'Error: unknown format: xml\n',
    'Error: unknown subcommand "move"\n',
  ]);
});

test('istioctl tag generate prints what tag set would send, and sends nothing', async () => {
  const api = await twoRevisions();
  const before = api.objects.size;
  const ran = await runIstioctl(
    ['tag', 'generate', 'prod', '--revision', 'canary', '--webhook-name', 'mine'],
    { api },
  );
  assert.deepEqual(
    {
      documents: ran.stdout
        .split('\n\n---\n')
        .map((document) => [
          /^kind: (.*)$/m.exec(document)?.[1],
          /^ {2}name: (.*)$/m.exec(document)?.[1],
        ]),
      size: api.objects.size,
    },
    {
      documents: [
        ['MutatingWebhookConfiguration', 'mine'],
        ['Service', 'istiod-revision-tag-prod'],
      ],
      size: before,
    },
  );
});
