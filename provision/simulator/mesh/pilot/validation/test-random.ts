import type { Json } from '../../../kinds/object.ts';
import { seededRandom } from '../../testbed/seeded-random.ts';

/** Names that Istio's specs have, so that what is made at random is looked at. */
const NAMES =
  'hosts http tls tcp match route destination host subset port number name headers request response set add remove uri regex prefix exact fault abort delay percentage value httpStatus fixedDelay retries attempts retryOn corsPolicy allowOrigins rewrite uriRegexRewrite redirect mirror mirrors trafficPolicy subsets labels connectionPool outlierDetection loadBalancer localityLbSetting distribute failover from to consistentHash httpCookie maglev tableSize warmup portLevelSettings tunnel servers protocol bind mode credentialName cipherSuites endpoints address addresses ports resolution workloadSelector selector matchLabels targetRef targetRefs ingress egress defaultEndpoint outboundTrafficPolicy egressProxy rules source operation when key values notValues ipBlocks paths principals serviceAccounts jwtRules jwks jwksUri fromHeaders portLevelMtls mtls metrics overrides tagOverrides tracing customTags accessLogging filter expression configPatches applyTo patch listener filterChain subFilter wasm lua inlineCode url vmConfig env template probe httpGet metadata exportTo gateways sniHosts sourceLabels constructor __proto__ 80'.split(
    ' ',
  );
const TEXTS = [
  '',
  '*',
  'web',
  '*.a.com',
  'a/b',
  '10.0.0.0/8',
  '::1',
  'unix://a',
  '1s',
  '-1s',
  '%A(',
  '(',
  '{"keys":[null]}',
  'DNS',
  'STATIC',
  'DENY',
  'CUSTOM',
  'HTTP_FILTER',
  'outbound_.80_._.a',
  '\u{1F600}',
  '\uD800',
];
const NUMBERS = [0, -1, 1, 80, 70_000, 0.00001, 1e300, Number.MAX_SAFE_INTEGER];

/** Makes any JSON, at most so deep; the same again for the same seed. */
export function randomJson(seed: number): (depth: number) => Json {
  const random = seededRandom(seed);
  const below = (end: number) => Math.floor(random() * end);
  const pick = <Item>(items: readonly Item[], otherwise: Item) =>
    items[below(items.length)] ?? otherwise;
  const json = (depth: number): Json => {
    const choice = depth === 0 ? below(4) : below(12);
    if (choice === 0) return pick(NUMBERS, 0);
    if (choice === 1) return pick<Json>([null, true, false], null);
    if (choice < 4) return pick(TEXTS, '');
    if (choice < 7) return Array.from({ length: below(4) }, () => json(depth - 1));
    const names = Array.from({ length: below(7) }, () => pick(NAMES, ''));
    return Object.fromEntries(names.map((name) => [name, json(depth - 1)]));
  };
  return json;
}
