/** Makes the schemas of Istio's and Gateway API's custom resources from their npm packages. */
import { basename, join } from 'node:path';

import { readDescriptions } from './documentation.ts';
import { amendGatewayApi } from './gateway-api-1-5.ts';
import { amendIstio } from './istio-1-30.ts';
import type { CustomSchema, CustomSchemas } from './stored.ts';
import type { Describe, Descriptions, RawSchema } from './validators.ts';
import { readValidator } from './validators.ts';

/** Istio's kinds by group and version, as far as the package has them. */
const ISTIO: Readonly<Record<string, readonly string[]>> = {
  'networking.istio.io/v1': [
    'DestinationRule',
    'Gateway',
    'ServiceEntry',
    'Sidecar',
    'VirtualService',
    'WorkloadEntry',
    'WorkloadGroup',
  ],
  'networking.istio.io/v1alpha3': ['EnvoyFilter'],
  'networking.istio.io/v1beta1': ['ProxyConfig'],
  'security.istio.io/v1': ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'],
  'telemetry.istio.io/v1': ['Telemetry'],
  'extensions.istio.io/v1alpha1': ['WasmPlugin'],
};

/** The versions of a kind of Istio's have one schema; it stands here once, under the newest. */
export function istioSchemas(folder: string): CustomSchemas {
  const describe = remembering((file) => {
    const [, group = '', version = '', kind = ''] =
      /^([A-Z]\w*?)IstioIo(V\w+?)([A-Z]\w*)\.js$/.exec(basename(file)) ?? [];
    return join(folder, `${group.toLowerCase()}.istio.io`, version.toLowerCase(), `${kind}.d.ts`);
  });
  const schemas: Record<string, RawSchema> = {};
  for (const [groupVersion, kinds] of Object.entries(ISTIO)) {
    const prefix = groupVersion.split(/[./]/).map(capitalized).join('');
    for (const kind of kinds) {
      const schema = readValidator(join(folder, '_schemas', `${prefix}${kind}.js`), describe);
      schemas[`${groupVersion}/${kind}`] = withoutTypeFields(schema);
    }
  }
  return amendIstio(schemas);
}

const GATEWAY: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'BackendTLSPolicy',
    'GRPCRoute',
    'Gateway',
    'GatewayClass',
    'HTTPRoute',
    'ListenerSet',
    'ReferenceGrant',
    'TLSRoute',
  ],
  v1alpha2: ['TCPRoute', 'UDPRoute'],
};

/** Gateway API's schemas, without the rules and defaults that the package has lost. */
export function gatewaySchemas(folder: string, apimachinery: string): CustomSchemas {
  const describe = remembering((file) => {
    const name = basename(file, '.js');
    const meta = /^IoK8sApimachineryPkgApisMetaV1(\w+)$/.exec(name)?.[1];
    if (meta !== undefined) return join(apimachinery, 'apis/meta/v1', `${meta}.d.ts`);
    const [, version = '', type = ''] =
      /^IoK8sSigsGatewayApiApis(V\d+[a-z]*\d*)(\w+)$/.exec(name) ?? [];
    return join(folder, 'gateway.networking.k8s.io', version.toLowerCase(), `${type}.d.ts`);
  });
  const schemas: Record<string, CustomSchema> = {};
  for (const [version, kinds] of Object.entries(GATEWAY)) {
    for (const kind of kinds) {
      const name = `IoK8sSigsGatewayApiApis${capitalized(version)}${kind}.js`;
      const schema = withoutTypeFields(readValidator(join(folder, '_schemas', name), describe));
      amendGatewayApi(kind, schema);
      schemas[`gateway.networking.k8s.io/${version}/${kind}`] = schema;
    }
  }
  return schemas;
}

/** Descriptions are looked up for each field; a file is read once. */
function remembering(fileOf: (validator: string) => string): Describe {
  const known = new Map<string, Descriptions>();
  return (validator) => {
    const descriptions = known.get(validator) ?? readDescriptions(fileOf(validator));
    known.set(validator, descriptions);
    return descriptions;
  };
}

/** apiVersion, kind and metadata are every object's and not written down in a CRD. */
function withoutTypeFields({ properties = {}, required = [], ...rest }: RawSchema): RawSchema {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...own } = properties;
  const needed = required.filter((name) => name in own);
  return { ...rest, properties: own, ...(needed.length > 0 && { required: needed }) };
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
