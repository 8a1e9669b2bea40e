import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse, parseAllDocuments } from 'yaml';

import { listAt, objectAt, isObject } from '../kinds/json.ts';
import { whyNotSimulated } from '../programs/not-simulated.ts';
import { PROGRAMS } from '../programs/registry.ts';
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
  assert.equal(files.length, 86);
  for (const file of files) {
    for (const entry of summary(file)) {
      // An installation's settings need no name.
      assert.match(entry, /^(?:[A-Z]\w+\/[a-z0-9-]+|IstioOperator\/$)/, file);
    }
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

test('the add-ons have the Services and images of those of Istio', () => {
  const workloads = ['prometheus', 'grafana', 'jaeger', 'kiali', 'loki', 'extras/zipkin'].map(
    (name) =>
      summary(`samples/addons/${name}.yaml`).filter((entry) =>
        /^(Service|Deployment|StatefulSet)\//.test(entry),
      ),
  );
  assert.deepEqual(workloads, [
    [
      'Service/prometheus 9090→9090 http',
      'Deployment/prometheus ghcr.io/prometheus-operator/prometheus-config-reloader:v0.89.0',
    ],
    ['Service/grafana 3000→3000 service', 'Deployment/grafana docker.io/grafana/grafana:12.0.1'],
    [
      'Deployment/jaeger docker.io/jaegertracing/jaeger:2.14.0',
      'Service/tracing 80→16686 http-query 16685→16685 grpc-query',
      'Service/zipkin 9411→9411 http-query',
      'Service/jaeger-collector 14268→14268 jaeger-collector-http 14250→14250 jaeger-collector-grpc 9411→9411 http-zipkin 4317 grpc-otel 4318 http-otel',
    ],
    ['Service/kiali 20001 http 9090 http-metrics', 'Deployment/kiali quay.io/kiali/kiali:v2.26'],
    [
      'Service/loki-memberlist 7946→http-memberlist tcp',
      'Service/loki-headless 3100→http-metrics http-metrics',
      'Service/loki 3100→http-metrics http-metrics 9095→grpc grpc',
      'StatefulSet/loki docker.io/grafana/loki:3.6.5',
    ],
    [
      'Deployment/zipkin docker.io/openzipkin/zipkin-slim:3.4.0',
      'Service/tracing 80→9411 http-query',
      'Service/zipkin 9411→9411 http-query',
    ],
  ]);
});

test('each image of the samples has a program, or a sentence that says why it has none', () => {
  const images = globSync('samples/**/*.yaml', { cwd: FOLDER }).flatMap((file) =>
    documentsIn(file).flatMap((object) =>
      listAt(object, 'spec', 'template', 'spec', 'containers').map((one) => textAt(one, 'image')),
    ),
  );
  const unknown = new Set(
    images.filter(
      (image) =>
        whyNotSimulated(image) === undefined && !PROGRAMS.some((program) => program.matches(image)),
    ),
  );
  assert.deepEqual([...unknown], []);
});

test('the tokens of the samples are signed by the key that goes with them', () => {
  const folder = 'security/tools/jwt/samples';
  const read = (name: string) => readFileSync(path.join(FOLDER, folder, name), 'utf8').trim();
  const keys: unknown = JSON.parse(read('jwks.json'));
  const [jwk] = listAt(keys, 'keys');
  assert.ok(isObject(jwk));
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const claims = ['demo.jwt', 'groups-scope.jwt'].map((name) => {
    const [header = '', payload = '', signature = ''] = read(name).split('.');
    const signed = Buffer.from(`${header}.${payload}`);
    assert.ok(verify('sha256', signed, key, Buffer.from(signature, 'base64url')), name);
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return value;
  });
  const issuer = 'testing@secure.istio.io';
  assert.deepEqual(claims, [
    { exp: 4685989700, foo: 'bar', iat: 1532389700, iss: issuer, sub: issuer },
    {
      exp: 3537391104,
      groups: ['group1', 'group2'],
      iat: 1537391104,
      iss: issuer,
      scope: ['scope1', 'scope2'],
      sub: issuer,
    },
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
