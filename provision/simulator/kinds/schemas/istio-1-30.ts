/** What Istio 1.30 has beyond the release that its package was made from. */
import type { RawSchema } from './validators.ts';

/** The schemas with 1.30's fields and its new kind. */
export function amendIstio(
  schemas: Readonly<Record<string, RawSchema>>,
): Readonly<Record<string, RawSchema>> {
  const policy = schemas['security.istio.io/v1/AuthorizationPolicy'];
  const telemetry = schemas['telemetry.istio.io/v1/Telemetry'];
  const wasm = schemas['extensions.istio.io/v1alpha1/WasmPlugin'];
  const source = below(policy, 'spec', 'rules', 'from', 'source');
  const tracing = below(telemetry, 'spec', 'tracing');
  const domains = { type: 'array', items: { type: 'string' } };
  Object.assign(source, {
    trustDomains: { ...domains, description: 'Trust domains of the peer, from its certificate.' },
    notTrustDomains: { ...domains, description: 'Trust domains that the peer must not be of.' },
  });
  Object.assign(tracing, {
    disableContextPropagation: {
      type: 'boolean',
      description: 'Whether proxies leave trace headers out of the requests they send on.',
    },
  });
  return { ...schemas, 'extensions.istio.io/v1alpha1/TrafficExtension': trafficExtension(wasm) };
}

/** The properties at `path`, through lists. */
function below(
  schema: RawSchema | undefined,
  ...path: readonly string[]
): Record<string, RawSchema> {
  let here = schema;
  for (const name of path) {
    const next = here?.properties?.[name];
    here = next?.items ?? next;
  }
  return here?.properties ?? {};
}

/** What a Wasm module needs and where it runs is as in WasmPlugin; a script in Lua is the alternative. */
function trafficExtension(wasmPlugin: RawSchema | undefined): RawSchema {
  const spec = wasmPlugin?.properties?.['spec'];
  const { match, phase, priority, selector, targetRefs, ...wasm } = spec?.properties ?? {};
  const { targetRef: _targetRef, ...module } = wasm;
  const shared = { match, phase, priority, selector, targetRefs };
  const properties: Record<string, RawSchema> = {
    wasm: {
      type: 'object',
      description: 'A WebAssembly module.',
      properties: module,
      required: ['url'],
    },
    lua: {
      type: 'object',
      description: 'A script in Lua.',
      properties: { inlineCode: { type: 'string', description: 'The script.' } },
    },
  };
  for (const [name, schema] of Object.entries(shared)) {
    if (schema) properties[name] = schema;
  }
  const status = wasmPlugin?.properties?.['status'];
  return {
    type: 'object',
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        description: "Extends a proxy's handling of traffic by Wasm or Lua.",
        properties,
      },
      ...(status && { status }),
    },
  };
}
