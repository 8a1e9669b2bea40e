import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { parseAllDocuments } from 'yaml';

import { HttpHeaders } from '../../../net/http.ts';
import { Tables } from '../../testbed/tables.ts';
import { validate } from '../validation/index.ts';
import { admissionHandler } from './admission.ts';

/** istiod's answer to a review of this object. */
async function review(path: string, object: object, operation = 'CREATE'): Promise<unknown> {
  const tables = new Tables();
  tables.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
    data: { values: JSON.stringify({ global: { hub: 'hub', tag: 'tag' } }) },
  });
  const handle = admissionHandler(tables, 'istio-system');
  const body = Buffer.from(
    JSON.stringify({ request: { uid: '7', namespace: 'shop', operation, object } }),
  );
  const request = { method: 'POST', path, authority: 'istiod', headers: new HttpHeaders(), body };
  const response = await handle(request, { ip: '172.30.1.2', port: 1 });
  const answer: unknown = JSON.parse(Buffer.from(response.body).toString());
  return answer;
}

function refusal(message: string) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: '7',
      allowed: false,
      status: { message: `configuration is invalid: ${message}` },
    },
  };
}

function istioObject(kind: string, spec: object) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name: 'x', namespace: 'shop' },
    spec,
  };
}

const to = (host: string, weight?: number) => ({
  destination: { host },
  ...(weight !== undefined && { weight }),
});

test('/inject patches a pod with its sidecar, and leaves one alone that has it', async () => {
  const pod = {
    metadata: { generateName: 'web-7dcc-', labels: { 'pod-template-hash': '7dcc' } },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  };
  const allowed = await review('/inject?timeout=10s', pod);
  assert.partialDeepStrictEqual(allowed, {
    response: { uid: '7', allowed: true, patchType: 'JSONPatch' },
  });
  const { patch } = Object(allowed).response;
  assert.partialDeepStrictEqual(JSON.parse(Buffer.from(String(patch), 'base64').toString()), [
    { op: 'replace', path: '/metadata' },
    {
      op: 'replace',
      path: '/spec',
      value: {
        initContainers: [{ name: 'istio-init', image: 'hub/proxyv2:tag' }, { name: 'istio-proxy' }],
        containers: [{ name: 'web', image: 'nginx' }],
      },
    },
  ]);
  const injected = { ...pod, metadata: { annotations: { 'sidecar.istio.io/status': '{}' } } };
  assert.deepEqual(await review('/inject', injected), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '7', allowed: true },
  });
});

test('/validate refuses in the words of Istio, one mistake as a sentence, several as a list', async () => {
  const wrong: readonly (readonly [object, string])[] = [
    [
      istioObject('VirtualService', { hosts: ['web'] }),
      'http, tcp or tls must be provided in virtual service',
    ],
    [
      istioObject('VirtualService', {
        hosts: ['web'],
        http: [{ route: [to('web', 0), to('api', 0)] }],
      }),
      'total destination weight = 0',
    ],
    [
      istioObject('VirtualService', {
        hosts: ['*'],
        http: [{ route: [to('web')], fault: { abort: { httpStatus: 10 } } }],
      }),
      '2 errors occurred:\n\t* wildcard host * is not allowed for virtual services bound to the mesh gateway\n\t* HTTP status 10 is not in range 200-599\n\n',
    ],
    [
      istioObject('VirtualService', {
        hosts: ['web'],
        http: [{ route: [to('web')], retries: { attempts: 1, retryOn: '5xx,never' } }],
      }),
      '"never" is not a valid retryOn policy',
    ],
    [
      istioObject('DestinationRule', { host: 'web', subsets: [{ name: 'v1' }, { name: 'v1' }] }),
      'duplicate subset names: v1',
    ],
    [
      istioObject('Gateway', {
        servers: [{ port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: ['*'] }],
      }),
      'server must have TLS settings for HTTPS/TLS protocols',
    ],
    [
      istioObject('AuthorizationPolicy', { action: 'DENY' }),
      'invalid policy x.shop: DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
    ],
  ];
  for (const [object, message] of wrong) {
    assert.deepEqual(await review('/validate', object), refusal(message));
  }
});

test('/validate judges what is new or changed, says nothing of what goes, and knows no other kinds', async () => {
  const wrong = istioObject('VirtualService', { hosts: ['web'] });
  const allowed = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '7', allowed: true },
  };
  assert.deepEqual(
    await review('/validate', wrong, 'UPDATE'),
    refusal('http, tcp or tls must be provided in virtual service'),
  );
  assert.deepEqual(await review('/validate', wrong, 'DELETE'), allowed);
  assert.deepEqual(await review('/validate', istioObject('Mystery', {})), {
    ...allowed,
    response: {
      uid: '7',
      allowed: false,
      status: { message: 'unrecognized type networking.istio.io/v1, Kind=Mystery' },
    },
  });
});

test('/validate lets every Istio object of the samples through', async () => {
  const samples = `${import.meta.dirname}/../../../tools/samples`;
  let accepted = 0;
  for await (const file of glob(`${samples}/**/*.yaml`)) {
    for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
      const object: unknown = document.toJS();
      if (!isIstio(object)) continue;
      assert.deepEqual(validate(object).errors, [], file);
      accepted++;
    }
  }
  assert.ok(accepted > 40, `only ${accepted} objects found`);
});

function isIstio(object: unknown): object is Parameters<typeof validate>[0] {
  return (
    typeof object === 'object' &&
    object !== null &&
    'apiVersion' in object &&
    String(object.apiVersion).includes('istio.io/')
  );
}
