import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeApi } from '../testing/fake-api.ts';
import { runIstioctl } from '../testing/run-istioctl.ts';

const REVIEWS = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

test('istioctl x precheck asks for every right that an installation needs, and for the age of Kubernetes', async () => {
  const refused = new FakeApi({
    answers: {
      'GET /version': { minor: '31', gitVersion: 'v1.31.0' },
      [REVIEWS]: { status: { allowed: false } },
    },
  });
  const resources = [
    'clusterrolebindings',
    'clusterroles',
    'configmaps',
    'customresourcedefinitions',
    'deployments',
    'mutatingwebhookconfigurations',
    'namespaces',
    'roles',
    'serviceaccounts',
    'services',
    'validatingwebhookconfigurations',
  ];
  assert.deepEqual(await runIstioctl(['x', 'precheck'], { api: refused }), {
    status: 1,
    stdout: [
      ...resources.map(
        (resource) =>
          `Error [IST0141] (Cluster) Missing required permission to create resource ${resource} (permission denied)\n`,
      ),
      'Error [IST0142] (Cluster) The Kubernetes Version "v1.31.0" is lower than the minimum version: 1.32\n',
    ].join(''),
    stderr:
      'Error: Issues found when checking the cluster. Istio may not be safe to install or upgrade.\nSee https://istio.io/v1.30/docs/reference/config/analysis for more information about causes and resolutions.\n',
  });
  const allowed = new FakeApi({
    answers: { 'GET /version': { minor: '34' }, [REVIEWS]: { status: { allowed: true } } },
  });
  const fine = {
    status: 0,
    stdout: '',
    stderr:
      '✔ No issues found when checking the cluster. Istio is safe to install or upgrade!\n  To get started, check out https://istio.io/latest/docs/setup/getting-started/.\n',
  };
  assert.deepEqual(
    [
      await runIstioctl(['x', 'precheck', '--from-version', '1.29'], { api: allowed }),
      await runIstioctl(['x', 'precheck', '--skip-controlplane'], { api: refused }),
    ],
    [fine, fine],
  );
});

test('istioctl x precheck reads --from-version strictly', async () => {
  const errors = await Promise.all(
    ['2', '2.1', '1.x'].map(
      async (version) => (await runIstioctl(['x', 'precheck', '--from-version', version])).stderr,
    ),
  );
  assert.deepEqual(errors, [
    "Error: invalid version 2, expected format like '1.0'\n",
    'Error: expected major version 1, got 2.1\n',
    'Error: minor version is not a number: x\n',
  ]);
});
