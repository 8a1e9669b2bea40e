import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runIstioctl } from '../testing/run-istioctl.ts';

const GOOD = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web }
spec: { host: web, subsets: [{ name: v1, labels: { version: v1 } }] }
`;
const BAD = GOOD.replace('subsets: [', 'subsets: [{ name: v1, labels: { version: v2 } }, ');
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { ports: [{ name: web, port: 80 }] }
`;

test('istioctl validate says of each file that it is valid, and of standard input that it succeeded', async () => {
  const files = { 'a.yaml': GOOD, '-': GOOD };
  assert.deepEqual(await runIstioctl(['validate', '-f', 'a.yaml'], { files }), {
    status: 0,
    stdout: '',
    stderr: '"a.yaml" is valid\n',
  });
  assert.equal((await runIstioctl(['v', '-f', '-'], { files })).stderr, 'validation succeed\n');
});

test('istioctl validate fails with every error of every file, naming the objects', async () => {
  const files = { 'conf/bad.yaml': BAD, 'conf/service.yaml': SERVICE, 'conf/good.yaml': GOOD };
  const { status, stderr } = await runIstioctl(['validate', '-f', 'conf'], { files });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^Error: 2 errors occurred:\n\t\* DestinationRule\/\/web: .+\n\t\* Service\/default\/web: service "web\/default\/:" port "web" does not follow the Istio naming convention\. See https:\/\/istio\.io\/v1\.30\/docs\/ops\/deployment\/requirements\/\n\n\n$/,
  );
});

test('istioctl validate wants a file that is there', async () => {
  assert.match(
    (await runIstioctl(['validate'])).stderr,
    /^Error: error: you must specify resources by --filename\.\n/,
  );
  assert.equal(
    (await runIstioctl(['validate', '-f', 'none.yaml'])).stderr,
    'Error: 1 error occurred:\n\t* cannot stat file "none.yaml": stat none.yaml: no such file or directory\n\n\n',
  );
});
