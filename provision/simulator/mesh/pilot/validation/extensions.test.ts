import { test } from 'node:test';

import { assertRows, listed, type Row } from './test-verdicts.ts';

const NO_WASM = 'Regatta: WebAssembly is not simulated, the object is kept and has no effect';
const NO_PATCH =
  'Regatta: of EnvoyFilter only envoy.filters.http.local_ratelimit is simulated, other patches have no effect';
const CAUTION =
  'EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.';

const traced = (tracing: object) => ({ tracing: [tracing] });

const tagged = (override: object) => ({
  metrics: [{ overrides: [{ tagOverrides: { a: override } }] }],
});

const patched = (patch: object) => ({ configPatches: [{ applyTo: 'HTTP_FILTER', ...patch }] });

test('A ProxyConfig is refused for a negative concurrency', () => {
  assertRows('ProxyConfig', [
    [{ concurrency: 2 }, ''],
    [{ concurrency: -1 }, 'concurrency must be greater than or equal to 0'],
    [{ selector: {} }, '', 'workload selector specified without labels'],
  ]);
});

test('A Telemetry is refused for its providers, tags, shares and expressions', () => {
  const rows: readonly Row[] = [
    [{ tracing: [{}, {}] }, '', 'multiple tracing is not currently supported'],
    [
      traced({ providers: [{ name: 'a' }, { name: '' }] }),
      'providers.name may not be empty',
      'multiple providers is not currently supported',
    ],
    [
      traced({ randomSamplingPercentage: 100.1 }),
      'randomSamplingPercentage must be in range [0.0, 100.0]',
    ],
    [
      traced({ customTags: { '': { literal: {} }, a: { header: {} }, b: { environment: {} } } }),
      listed(
        'tag name may not be empty',
        'literal tag value may not be empty',
        'header tag name may not be empty',
        'environment tag name may not be empty',
      ),
    ],
    [tagged({}), 'tagOverrides.value must be set when operation is UPSERT'],
    [
      tagged({ operation: 'REMOVE', value: 'a' }),
      'tagOverrides.value may only be set when operation is UPSERT',
    ],
    [{ metrics: [{ providers: [{}] }] }, 'providers.name may not be empty'],
    [
      { metrics: [{ overrides: [{ match: { customMetric: '' } }] }] },
      'customMetric may not be empty',
    ],
    [{ accessLogging: [{ filter: { expression: 'response.code >= 400' } }] }, ''],
    [
      { accessLogging: [{ filter: { expression: 'response.code >=' } }] },
      "must be a valid CEL expression, ERROR: <input>:1:17: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | response.code >=\n | ................^",
    ],
  ];
  assertRows('Telemetry', rows);
});

test('A WasmPlugin and a TrafficExtension are refused for what they load', () => {
  const url = 'oci://a/b';
  const plugins: readonly Row[] = [
    [{}, 'url field needs to be set', NO_WASM],
    [{ url: 'ftp://a' }, 'url contains unsupported scheme: ftp', NO_WASM],
    [
      { url: 'oci://a:b/c' },
      'failed to parse url: parse "oci://a:b/c": invalid port ":b" after host',
      NO_WASM,
    ],
    [{ url: 'ghcr.io/a/b' }, '', NO_WASM],
    [{ url, sha256: 'a' }, 'sha256 field must be 64 characters long', NO_WASM],
    [{ url, sha256: 'g'.repeat(64) }, 'sha256 field must match [a-f0-9]{64} pattern', NO_WASM],
    [
      { url, imagePullSecret: 'a'.repeat(254), pluginName: 'b'.repeat(257) },
      listed(
        'imagePullSecret field must be less than 253 characters long',
        'pluginName field must be less than 255 characters long',
      ),
      NO_WASM,
    ],
    [
      { url, vmConfig: { env: [{ name: 'a', valueFrom: 'HOST', value: 'b' }] } },
      'value may only be set when valueFrom is INLINE',
      NO_WASM,
    ],
    [{ url, vmConfig: { env: [{ name: 'a' }, { name: 'a' }] } }, 'duplicate env', NO_WASM],
    [
      { url, match: [{}, { ports: [{ number: 0 }] }] },
      'spec.Match[1].Ports[0] is out of range: 0',
      NO_WASM,
    ],
  ];
  const extensions: readonly Row[] = [
    [{}, 'exactly one of wasm or lua must be set'],
    [{ lua: {} }, 'lua.inlineCode cannot be empty'],
    [{ lua: { inlineCode: 'a'.repeat(65_537) } }, 'lua.inlineCode exceeds maximum size of 64KB'],
    [
      { wasm: { url, pluginName: 'b'.repeat(257) } },
      'pluginName field must be less than 256 characters long',
      NO_WASM,
    ],
  ];
  assertRows('WasmPlugin', plugins);
  assertRows('TrafficExtension', extensions);
});

test('An EnvoyFilter is refused for patches that apply to nothing', () => {
  const value = { name: 'a', typed_config: {} };
  const add = { operation: 'ADD', value };
  const matched = (applyTo: string, filter: object) => ({
    configPatches: [{ applyTo, match: { listener: { filterChain: { filter } } }, patch: add }],
  });
  const refused = (spec: object, text: string, ...more: readonly string[]): Row => [
    spec,
    `Envoy filter: ${text}`,
    CAUTION,
    ...more,
    NO_PATCH,
  ];
  const rows: readonly Row[] = [
    [{}, '', CAUTION],
    [
      { workloadSelector: {} },
      '',
      CAUTION,
      'Envoy filter: workload selector specified without labels, will be applied to all services in namespace',
    ],
    refused(patched({ applyTo: 'INVALID' }), 'missing applyTo'),
    refused(patched({}), 'missing patch'),
    refused(patched({ patch: {} }), 'missing patch operation'),
    refused(
      patched({ patch: { operation: 'ADD' } }),
      'missing patch value for non-remove operation',
    ),
    refused(
      patched({ patch: add, match: { proxy: { proxyVersion: '(' } } }),
      'invalid regex for proxy version, [error parsing regexp: missing closing ): `(`]',
    ),
    refused(
      patched({ patch: add, match: { cluster: {} } }),
      'applyTo for listener class objects cannot have non listener match',
    ),
    refused(
      patched({ applyTo: 'VIRTUAL_HOST', patch: add, match: { listener: {} } }),
      'applyTo for http route class objects cannot have non route configuration match',
    ),
    refused(matched('HTTP_FILTER', {}), 'filter match has no name to match on'),
    refused(
      matched('NETWORK_FILTER', { name: 'a', subFilter: {} }),
      'subfilter match can be used with applyTo HTTP_FILTER only',
    ),
    refused(
      matched('HTTP_FILTER', { name: 'a', subFilter: {} }),
      'subfilter match requires filter match with envoy.filters.network.http_connection_manager',
    ),
    refused(
      matched('LISTENER', {}),
      'filter match has no name to match on',
      'Envoy filter: filter match has no effect when used with LISTENER',
    ),
    [
      matched('HTTP_FILTER', { name: 'envoy.http_connection_manager' }),
      '',
      CAUTION,
      'using deprecated filter name "envoy.http_connection_manager"; use "envoy.filters.network.http_connection_manager" instead',
      NO_PATCH,
    ],
    [
      patched({ patch: { operation: 'ADD', value: { name: 'a' } } }),
      '',
      CAUTION,
      'using deprecated types by name without typed_config; a',
      NO_PATCH,
    ],
  ];
  assertRows('EnvoyFilter', rows);
});
