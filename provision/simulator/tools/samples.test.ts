import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse, parseAllDocuments } from 'yaml';

import { listAt, objectAt, isObject } from '../kinds/json.ts';
import { PROFILE_NAMES, profileSpec } from './install/index.ts';
import { textAt } from './install/tree.ts';

const FOLDER = fileURLToPath(new URL('./samples/istio-1.30.3/', import.meta.url));

function documentsIn(file: string): readonly unknown[] {
  return parseAllDocuments(readFileSync(path.join(FOLDER, file), 'utf8')).map((document) => {
    assert.deepEqual(document.errors, [], file);
    const value: unknown = document.toJS();
    return value;
  });
}

/** `Kind/name` of each object in a file, Services with their ports, Deployments with their image. */
function summary(file: string): readonly string[] {
  return documentsIn(file).map((object) => {
    assert.ok(isObject(object), file);
    const name = `${textAt(object, 'kind')}/${textAt(object, 'metadata', 'name')}`;
    const ports = listAt(object, 'spec', 'ports').map(
      (port) =>
        `${textAt(port, 'port')}${portTarget(textAt(port, 'targetPort'))} ${textAt(port, 'name')}`,
    );
    const [container] = listAt(object, 'spec', 'template', 'spec', 'containers');
    return [name, ...ports, textAt(container, 'image')].filter((part) => part !== '').join(' ');
  });
}

function portTarget(target: string): string {
  return target === '' ? '' : `→${target}`;
}

test('every YAML file of the samples parses, and each document is an object with a kind and a name', () => {
  const files = globSync('samples/**/*.yaml', { cwd: FOLDER });
  assert.equal(files.length, 56);
  for (const file of files) {
    for (const entry of summary(file)) assert.match(entry, /^[A-Z]\w+\/[a-z0-9-]+/, file);
  }
});

test('Bookinfo has four services on port 9080 and six workloads', () => {
  assert.deepEqual(summary('samples/bookinfo/platform/kube/bookinfo.yaml'), [
    'Service/details 9080 http',
    'ServiceAccount/bookinfo-details',
    'Deployment/details-v1 registry.istio.io/release/examples-bookinfo-details-v1:1.20.3',
    'Service/ratings 9080 http',
    'ServiceAccount/bookinfo-ratings',
    'Deployment/ratings-v1 registry.istio.io/release/examples-bookinfo-ratings-v1:1.20.3',
    'Service/reviews 9080 http',
    'ServiceAccount/bookinfo-reviews',
    'Deployment/reviews-v1 registry.istio.io/release/examples-bookinfo-reviews-v1:1.20.3',
    'Deployment/reviews-v2 registry.istio.io/release/examples-bookinfo-reviews-v2:1.20.3',
    'Deployment/reviews-v3 registry.istio.io/release/examples-bookinfo-reviews-v3:1.20.3',
    'Service/productpage 9080 http',
    'ServiceAccount/bookinfo-productpage',
    'Deployment/productpage-v1 registry.istio.io/release/examples-bookinfo-productpage-v1:1.20.3',
  ]);
});

test('the other samples have the names, ports and images of those of Istio', () => {
  const files = [
    'samples/curl/curl.yaml',
    'samples/httpbin/httpbin.yaml',
    'samples/httpbin/sample-client/fortio-deploy.yaml',
    'samples/tcp-echo/tcp-echo-services.yaml',
    'samples/helloworld/helloworld.yaml',
  ];
  assert.deepEqual(files.map(summary), [
    ['ServiceAccount/curl', 'Service/curl 80 http', 'Deployment/curl curlimages/curl:8.16.0'],
    [
      'ServiceAccount/httpbin',
      'Service/httpbin 8000→8080 http',
      'Deployment/httpbin docker.io/mccutchen/go-httpbin:v2.15.0',
    ],
    ['Service/fortio 8080 http', 'Deployment/fortio-deploy fortio/fortio:latest_release'],
    [
      'Service/tcp-echo 9000 tcp 9001 tcp-other',
      'Deployment/tcp-echo-v1 registry.istio.io/release/tcp-echo-server:1.3',
      'Deployment/tcp-echo-v2 registry.istio.io/release/tcp-echo-server:1.3',
    ],
    [
      'Service/helloworld 5000 http',
      'Deployment/helloworld-v1 registry.istio.io/release/examples-helloworld-v1:1.0',
      'Deployment/helloworld-v2 registry.istio.io/release/examples-helloworld-v2:1.0',
    ],
  ]);
});

test('the Bookinfo gateway listens where the gateway pod does and takes the five paths', () => {
  const [gateway, routes] = documentsIn('samples/bookinfo/networking/bookinfo-gateway.yaml');
  assert.ok(isObject(gateway) && isObject(routes));
  assert.deepEqual(gateway['spec'], {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  });
  assert.deepEqual(routes['spec'], {
    hosts: ['*'],
    gateways: ['bookinfo-gateway'],
    http: [
      {
        match: [
          { uri: { exact: '/productpage' } },
          { uri: { prefix: '/static' } },
          { uri: { exact: '/login' } },
          { uri: { exact: '/logout' } },
          { uri: { prefix: '/api/v1/products' } },
        ],
        route: [{ destination: { host: 'productpage', port: { number: 9080 } } }],
      },
    ],
  });
});

test('the destination rules name every version that the routes speak of', () => {
  const rules = documentsIn('samples/bookinfo/networking/destination-rule-all.yaml');
  assert.deepEqual(
    rules.map((rule) => {
      assert.ok(isObject(rule));
      const subsets = listAt(rule, 'spec', 'subsets').map((subset) => textAt(subset, 'name'));
      return `${textAt(rule, 'spec', 'host')}: ${subsets.join(' ')}`;
    }),
    [
      'productpage: v1',
      'reviews: v1 v2 v3',
      'ratings: v1 v2 v2-mysql v2-mysql-vm',
      'details: v1 v2',
    ],
  );
});

test('the profile files say what istioctl installs', () => {
  for (const name of PROFILE_NAMES) {
    const file: unknown = parse(
      readFileSync(path.join(FOLDER, `manifests/profiles/${name}.yaml`), 'utf8'),
    );
    assert.ok(isObject(file));
    assert.deepEqual(objectAt(file, 'spec'), JSON.parse(JSON.stringify(profileSpec(name))), name);
  }
});
