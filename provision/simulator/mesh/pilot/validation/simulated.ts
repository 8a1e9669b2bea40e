/** What istiod would accept and this mesh does not do, said before a learner relies on it. */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';

const LOCAL_RATE_LIMIT = 'envoy.filters.http.local_ratelimit';
const WAYPOINT_KINDS = new Set(['Service', 'ServiceEntry', 'GatewayClass']);

/** Refuses what istiod takes but nothing here would do, rather than let a learner wonder. */
export function sayWhatIsNotSimulated(found: Findings, kind: string, spec: JsonObject): void {
  if (kind === 'AuthorizationPolicy' && spec['action'] === 'CUSTOM') {
    // Accepted, it would seem to protect: nobody asks its provider.
    found.error(
      'Regatta: AuthorizationPolicy with action CUSTOM is not simulated, use ALLOW or DENY',
    );
  }
  const isWasm = kind === 'TrafficExtension' && spec['wasm'] !== undefined;
  found.warningIf(
    kind === 'WasmPlugin' || isWasm,
    'Regatta: WebAssembly is not simulated, the object is kept and has no effect',
  );
  const patches = kind === 'EnvoyFilter' ? objectsAt(spec, 'configPatches') : [];
  found.warningIf(
    patches.some((patch) => !isRateLimit(patch)),
    `Regatta: of EnvoyFilter only ${LOCAL_RATE_LIMIT} is simulated, other patches have no effect`,
  );
  const references = [spec['targetRef'] ?? null, ...objectsAt(spec, 'targetRefs')];
  found.warningIf(
    references.some((reference) => WAYPOINT_KINDS.has(stringAt(reference, 'kind'))),
    'Regatta: waypoints are not simulated, a policy for one has no effect',
  );
}

function isRateLimit(patch: JsonObject): boolean {
  const value = objectAt(patch, 'patch', 'value');
  if (patch['applyTo'] === 'HTTP_FILTER') return stringAt(value, 'name') === LOCAL_RATE_LIMIT;
  const perRoute = objectAt(value['typed_per_filter_config'] ?? value['typedPerFilterConfig']);
  return perRoute[LOCAL_RATE_LIMIT] !== undefined;
}
