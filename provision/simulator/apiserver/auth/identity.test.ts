import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Resource } from '../../client/client.ts';
import { configMaps, pods, serviceAccounts } from '../../kinds/resources.ts';
import { HttpHeaders } from '../../net/http.ts';
import { Caller } from '../fake-caller.ts';
import { listen, startForTest } from '../fake-surroundings.ts';
import { at, stringAt } from '../objects/json.ts';

const webhookConfigurations: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  isNamespaced: false,
};
const clusterRoleBindings: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  isNamespaced: false,
};
const MAPS = '/api/v1/namespaces/default/configmaps';
const ROBOT = 'system:serviceaccount:default:robot';

async function startWithRobot() {
  const surroundings = await startForTest();
  const client = surroundings.api.client('test');
  const metadata = { name: 'robot', namespace: 'default' };
  await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  const pod = await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'nginx' }] },
  });
  await client.create(clusterRoleBindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'robot' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  });
  return { ...surroundings, client, pod: { name: 'robot', uid: pod.metadata.uid } };
}

test("a pod's token lives as long as its pod, and only for the audience it was made for", async () => {
  const { api: started, client, pod } = await startWithRobot();
  await using api = started;
  await using server = await listen(api);
  const subject = { namespace: 'default', name: 'robot', pod };
  const statusOf = async (token: string) =>
    (await new Caller(api, server.port, token).call('GET', MAPS)).status;
  const token = api.serviceAccountToken(subject);
  assert.equal(await statusOf(token), 200);
  assert.equal(await statusOf(api.serviceAccountToken({ ...subject, audience: 'vault' })), 401);
  await client.delete(pods, { name: 'robot', namespace: 'default' }, { gracePeriodSeconds: 0 });
  assert.equal(await statusOf(token), 401);
  assert.equal(
    await statusOf(api.serviceAccountToken({ namespace: 'default', name: 'robot' })),
    200,
  );
});

test('webhooks are told everything that is known of the user, the pod of a token included', async () => {
  const { api: started, client, pod, answer } = await startWithRobot();
  await using api = started;
  await using server = await listen(api);
  let asked: unknown;
  answer(async (_target, request) => {
    const review: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'));
    asked = at(review, 'request', 'userInfo');
    const response = { uid: stringAt(review, 'request', 'uid'), allowed: true };
    const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', response });
    return { status: 200, headers: new HttpHeaders(), body: Buffer.from(body) };
  });
  await client.create(webhookConfigurations, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'hook' },
    webhooks: [
      {
        name: 'hook.example.com',
        clientConfig: { service: { name: 'hook', namespace: 'hooks' } },
        rules: [
          {
            operations: ['CREATE'],
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
          },
        ],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  const token = api.serviceAccountToken({ namespace: 'default', name: 'robot', pod });
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  const { status } = await new Caller(api, server.port, token).call('POST', MAPS, body);
  const extra = at(asked, 'extra');
  assert.deepEqual(
    [
      status,
      at(asked, 'username'),
      at(extra, 'authentication.kubernetes.io/pod-name'),
      at(extra, 'authentication.kubernetes.io/pod-uid'),
    ],
    [201, ROBOT, ['robot'], [pod.uid]],
  );
  assert.equal(client.get(configMaps, 'a', 'default')?.metadata.name, 'a');
});

test('impersonation takes users, groups, uids and extras, and asks for the right to each', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const as = async (headers: object) => {
    const { json } = await new Caller(api, server.port).call('POST', path, review, headers);
    return at(json, 'status', 'userInfo') ?? at(json, 'message');
  };
  assert.deepEqual(
    [
      await as({
        'impersonate-user': 'jane',
        'impersonate-group': 'dev',
        'impersonate-uid': '7',
        'impersonate-extra-scopes%2fread': 'some',
      }),
      await as({ 'impersonate-user': 'system:serviceaccount:default:robot' }),
      await as({ 'impersonate-group': 'dev' }),
    ],
    [
      {
        username: 'jane',
        uid: '7',
        groups: ['dev', 'system:authenticated'],
        extra: { 'scopes/read': ['some'] },
      },
      {
        username: ROBOT,
        groups: [
          'system:serviceaccounts',
          'system:serviceaccounts:default',
          'system:authenticated',
        ],
      },
      `Internal Server Error: "${path}": requested [Group dev] without impersonating a user`,
    ],
  );
});
