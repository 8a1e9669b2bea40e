import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { listen, startForTest } from '../provision/simulator/apiserver/fake-surroundings.ts';
import { istioCrds } from '../provision/simulator/kinds/istio/crds.ts';
import { customResourceDefinitions } from '../provision/simulator/kinds/resources.ts';
import { findKubectl } from './support/find-kubectl.ts';

const folder = mkdtempSync(join(tmpdir(), 'kinds-'));
const stack = new AsyncDisposableStack();
const run = promisify(execFile);

before(async () => {
  const { api } = await startForTest();
  stack.use(api);
  const { port } = stack.use(await listen(api));
  const client = api.client('test');
  for (const crd of istioCrds()) await client.create(customResourceDefinitions, crd);
  writeFileSync(join(folder, 'config'), api.kubeconfig(`https://127.0.0.1:${port}`));
});

after(async () => {
  await stack.disposeAsync();
  rmSync(folder, { recursive: true });
});

/** What kubectl prints, on both outputs. */
async function kubectl(...args: readonly string[]): Promise<string> {
  const env = { KUBECONFIG: join(folder, 'config'), KUBECACHEDIR: join(folder, 'cache') };
  try {
    const { stdout, stderr } = await run(findKubectl(), [...args], { env });
    return stdout + stderr;
  } catch (error) {
    assert.ok(error instanceof Error && 'stderr' in error);
    return String(error.stderr);
  }
}

function manifest(object: object): string {
  const file = join(folder, 'manifest.json');
  writeFileSync(file, JSON.stringify(object));
  return file;
}

test('kubectl explain describes a field of a built-in kind', async () => {
  assert.equal(
    await kubectl('explain', 'deployment.spec.replicas'),
    `GROUP:      apps
KIND:       Deployment
VERSION:    v1

FIELD: replicas <integer>


DESCRIPTION:
    Number of desired pods. This is a pointer to distinguish between explicit
    zero and not specified. Defaults to 1.
    

`,
  );
});

test('kubectl explain lists the fields of a custom resource of Istio', async () => {
  assert.equal(
    await kubectl('explain', 'peerauthentication.spec.mtls'),
    `GROUP:      security.istio.io
KIND:       PeerAuthentication
VERSION:    v1

FIELD: mtls <Object>


DESCRIPTION:
    Mutual TLS settings for workload.
    
FIELDS:
  mode	<string>
  enum: UNSET, DISABLE, PERMISSIVE, STRICT
    Defines the mTLS mode used for peer authentication.
    
    Valid Options: DISABLE, PERMISSIVE, STRICT


`,
  );
});

test('kubectl apply tells of a misspelt field before anything is stored', async () => {
  const file = manifest({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replica: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx' }] },
      },
    },
  });
  assert.equal(
    await kubectl('apply', '-f', file),
    `Error from server (BadRequest): error when creating "${file}": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"\n`,
  );
});

test('kubectl apply lists all that is wrong with a VirtualService', async () => {
  const route = [{ destination: { host: 'reviews', subset: 1 }, weight: '50' }];
  const file = manifest({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'reviews' },
    spec: { hosts: ['reviews'], http: [{ route }] },
  });
  assert.equal(
    await kubectl('apply', '-f', file),
    `The VirtualService "reviews" is invalid: 
* spec.http[0].route[0].destination.subset: Invalid value: "integer": spec.http[0].route[0].destination.subset in body must be of type string: "integer"
* spec.http[0].route[0].weight: Invalid value: "string": spec.http[0].route[0].weight in body must be of type integer: "string"
* <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
`,
  );
});
