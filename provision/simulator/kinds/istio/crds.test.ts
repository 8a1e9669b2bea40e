import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kindsOfCrd } from '../crd/kinds.ts';
import { unknownFields } from '../decoding/decode.ts';
import { asJson, asKubeObject } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';
import { istioCrds } from './crds.ts';
import { gatewayApiCrds } from './gateway-api.ts';

const crds = [...istioCrds(), ...gatewayApiCrds('experimental')].map((crd) =>
  asKubeObject(asJson(crd)),
);
const kinds = crds.flatMap((crd) => kindsOfCrd(crd));

function kindOf(name: string, group: string): Kind {
  const kind = kinds.find((one) => one.kind === name && one.group === group);
  assert.ok(kind);
  return kind;
}

function named(kind: Kind, spec: JsonObject) {
  const metadata = { name: 'one', namespace: 'default' };
  return asKubeObject({
    apiVersion: `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata,
    spec,
  });
}

/** What is wrong with an object of the kind that has this spec. */
function problems(kind: Kind, spec: JsonObject): readonly string[] {
  const object = kind.applyDefaults(named(kind, spec));
  return [
    ...unknownFields(kind.schema, asJson(object)).map(({ message }) => message),
    ...kind.validate(object, undefined).map(({ field, message }) => `${field}: ${message}`),
  ];
}

test('Istio 1.30 defines its fifteen kinds with the versions, names and columns of its chart', () => {
  const lines = istioCrds().map((crd) => {
    const served = kindsOfCrd(asKubeObject(asJson(crd)));
    const [first] = served;
    const versions = served.map(({ version }) => version).join(',');
    const columns = first?.columns.map(({ name }) => name).join(',');
    return `${crd.metadata.name} ${first?.shortNames.join()} ${versions} ${columns}`;
  });
  assert.deepEqual(lines, [
    'wasmplugins.extensions.istio.io  v1alpha1 Name,Age',
    'trafficextensions.extensions.istio.io  v1alpha1 Name,Age',
    'destinationrules.networking.istio.io dr v1,v1alpha3,v1beta1 Name,Host,Age',
    'envoyfilters.networking.istio.io  v1alpha3 Name,Age',
    'gateways.networking.istio.io gw v1,v1alpha3,v1beta1 Name,Age',
    'proxyconfigs.networking.istio.io  v1beta1 Name,Age',
    'serviceentries.networking.istio.io se v1,v1alpha3,v1beta1 Name,Hosts,Location,Resolution,Age',
    'sidecars.networking.istio.io  v1,v1alpha3,v1beta1 Name,Age',
    'virtualservices.networking.istio.io vs v1,v1alpha3,v1beta1 Name,Gateways,Hosts,Age',
    'workloadentries.networking.istio.io we v1,v1alpha3,v1beta1 Name,Age,Address',
    'workloadgroups.networking.istio.io wg v1,v1alpha3,v1beta1 Name,Age',
    'authorizationpolicies.security.istio.io ap v1,v1beta1 Name,Action,Age',
    'peerauthentications.security.istio.io pa v1,v1beta1 Name,Mode,Age',
    'requestauthentications.security.istio.io ra v1,v1beta1 Name,Age',
    'telemetries.telemetry.istio.io telemetry v1,v1alpha1 Name,Age',
  ]);
});

test('every definition of Istio and Gateway API passes the validation of CustomResourceDefinitions', () => {
  const definition = builtinKinds().find((one) => one.kind === 'CustomResourceDefinition');
  assert.ok(definition);
  // Copies: the definitions themselves are trusted to be good, because this test shows that they are.
  const copies = [...crds, ...gatewayApiCrds('standard')].map((crd) =>
    structuredClone(asJson(crd)),
  );
  assert.deepEqual(
    copies.flatMap((crd) => [
      ...definition.validate(asKubeObject(crd), undefined),
      ...unknownFields(definition.schema, crd),
    ]),
    [],
  );
});

test('a trusted definition that somebody has changed is checked as any other', () => {
  const definition = builtinKinds().find((one) => one.kind === 'CustomResourceDefinition');
  const crd = crds.find(({ metadata }) => metadata.name === 'virtualservices.networking.istio.io');
  assert.ok(definition && crd);
  const schema = '"openAPIV3Schema":{';
  const changed = JSON.stringify(crd).replaceAll(schema, `${schema}"nullable":true,`);
  const errors = definition.validate(asKubeObject(asJson(JSON.parse(changed))), undefined);
  assert.deepEqual(
    errors.map(({ field, type }) => `${field}: ${type}`),
    [
      'spec.validation.openAPIV3Schema: Invalid',
      'spec.validation.openAPIV3Schema.nullable: Forbidden',
    ],
  );
});

test('the routes, subsets and policies of the course are accepted', () => {
  const networking = 'networking.istio.io';
  const route = [
    { destination: { host: 'reviews', subset: 'v1' }, weight: 90 },
    { destination: { host: 'reviews', subset: 'v2', port: { number: 9080 } }, weight: 10 },
  ];
  const fault = {
    delay: { percentage: { value: 100 }, fixedDelay: '7s' },
    abort: { httpStatus: 500 },
  };
  const outlierDetection = { consecutive5xxErrors: 1, interval: '1s', baseEjectionTime: '3m' };
  const cases: readonly (readonly [Kind, JsonObject])[] = [
    [
      kindOf('VirtualService', networking),
      {
        hosts: ['reviews'],
        http: [
          {
            match: [{ headers: { 'end-user': { exact: 'jason' } } }],
            route,
            fault,
            timeout: '0.5s',
            retries: { attempts: 3, perTryTimeout: '2s' },
            mirror: { host: 'b' },
          },
        ],
      },
    ],
    [
      kindOf('DestinationRule', networking),
      {
        host: 'reviews',
        trafficPolicy: {
          connectionPool: {
            tcp: { maxConnections: 1 },
            http: { http1MaxPendingRequests: 1, maxRequestsPerConnection: 1 },
          },
          loadBalancer: { simple: 'RANDOM' },
          outlierDetection,
        },
        subsets: [{ name: 'v1', labels: { version: 'v1' } }],
      },
    ],
    [
      kindOf('AuthorizationPolicy', 'security.istio.io'),
      {
        action: 'ALLOW',
        rules: [
          {
            from: [{ source: { trustDomains: ['cluster.local'] } }],
            to: [{ operation: { methods: ['GET'] } }],
          },
        ],
      },
    ],
    [
      kindOf('HTTPRoute', 'gateway.networking.k8s.io'),
      {
        parentRefs: [{ name: 'gateway' }],
        rules: [{ backendRefs: [{ name: 'reviews', port: 9080 }] }],
      },
    ],
  ];
  assert.deepEqual(
    cases.map(([kind, spec]) => problems(kind, spec)),
    cases.map(() => []),
  );
});

test('a VirtualService with two ways to match, a text for a number and an unknown field is refused', () => {
  const spec = {
    hosts: ['reviews'],
    http: [
      {
        match: [{ uri: { exact: '/a', prefix: '/b' } }],
        route: [{ destination: { subset: 'v1' }, weight: '90' }],
        timeouts: '1s',
      },
    ],
  };
  assert.deepEqual(problems(kindOf('VirtualService', 'networking.istio.io'), spec), [
    'unknown field "spec.http[0].timeouts"',
    '<nil>: Invalid value: "": "spec.http[0].match[0].uri" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    'spec.http[0].route[0].destination.host: Required value',
    'spec.http[0].route[0].weight: Invalid value: "string": spec.http[0].route[0].weight in body must be of type integer: "string"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ]);
});

test('an HTTPRoute gets the defaults of Gateway API', () => {
  const kind = kindOf('HTTPRoute', 'gateway.networking.k8s.io');
  const route = named(kind, {
    parentRefs: [{ name: 'gateway' }],
    rules: [{ backendRefs: [{ name: 'a', port: 80 }] }],
  });
  assert.deepEqual(asJson(kind.applyDefaults(route))['spec'], {
    parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gateway' }],
    rules: [
      {
        backendRefs: [{ group: '', kind: 'Service', name: 'a', port: 80, weight: 1 }],
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      },
    ],
  });
});
