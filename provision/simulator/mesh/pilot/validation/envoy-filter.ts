/** https://istio.io/latest/docs/reference/config/networking/envoy-filter/ */
import { at, isObject, objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { patternProblem } from '../../../pattern.ts';
import { isSet } from './fields.ts';
import { currentFilterName } from './filter-names.ts';
import type { Findings } from './findings.ts';
import { quote } from './names.ts';
import { checkWorkloadSelector } from './selectors.ts';
import type { Subject } from './subject.ts';

const CAUTION =
  'EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.';
const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
/** What a match has to be of, by what the patch applies to, and istiod's words for both. */
const CLASSES: Readonly<Record<string, readonly [field: string, words: string, match: string]>> = {
  LISTENER: ['listener', 'listener', 'listener'],
  FILTER_CHAIN: ['listener', 'listener', 'listener'],
  NETWORK_FILTER: ['listener', 'listener', 'listener'],
  HTTP_FILTER: ['listener', 'listener', 'listener'],
  ROUTE_CONFIGURATION: ['routeConfiguration', 'http route', 'route configuration'],
  VIRTUAL_HOST: ['routeConfiguration', 'http route', 'route configuration'],
  HTTP_ROUTE: ['routeConfiguration', 'http route', 'route configuration'],
  CLUSTER: ['cluster', 'cluster', 'cluster'],
};
const MATCHED_OBJECTS = ['listener', 'routeConfiguration', 'cluster', 'waypoint'];

/** Values are Envoy's own messages: beyond their types, what stands in them is not looked at. */
export function checkEnvoyFilter(found: Findings, { spec }: Subject): void {
  found.warning(CAUTION);
  const isSelectorRight = checkWorkloadSelector(found, spec['workloadSelector'], 'Envoy filter');
  if (!isSelectorRight) return;
  for (const patch of objectsAt(spec, 'configPatches')) {
    if (at(patch, 'match', 'context') === 'WAYPOINT') continue;
    const problem = patchProblem(patch) ?? filterProblem(found, patch);
    if (problem === undefined) checkValue(found, patch);
    else found.error(`Envoy filter: ${problem}`);
  }
}

function patchProblem(configPatch: JsonObject): string | undefined {
  const applyTo = stringAt(configPatch, 'applyTo');
  const { patch } = configPatch;
  const operation = stringAt(patch, 'operation');
  if (applyTo === '' || applyTo === 'INVALID') return 'missing applyTo';
  if (!isSet(patch)) return 'missing patch';
  if (operation === '' || operation === 'INVALID') return 'missing patch operation';
  if (operation !== 'REMOVE' && !isSet(objectAt(patch)['value'])) {
    return 'missing patch value for non-remove operation';
  }
  const wrong = patternProblem(stringAt(configPatch, 'match', 'proxy', 'proxyVersion'));
  return wrong === undefined ? undefined : `invalid regex for proxy version, [${wrong}]`;
}

/** What is wrong with the match; what is only old in it is warned of. */
function filterProblem(found: Findings, patch: JsonObject): string | undefined {
  const applyTo = stringAt(patch, 'applyTo');
  const [field, words, other] = CLASSES[applyTo] ?? [];
  const match = objectAt(patch, 'match');
  const isOther = MATCHED_OBJECTS.some((name) => isSet(match[name]));
  if (field !== undefined && isOther && !isSet(match[field])) {
    return `applyTo for ${words} class objects cannot have non ${other} match`;
  }
  const filter = at(match, 'listener', 'filterChain', 'filter');
  if (field !== 'listener' || !isSet(filter)) return undefined;
  found.warningIf(
    applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN',
    `Envoy filter: filter match has no effect when used with ${applyTo}`,
  );
  const problem = filterMatchProblem(objectAt(filter), applyTo);
  if (problem !== undefined) return problem;
  for (const name of [stringAt(filter, 'name'), stringAt(filter, 'subFilter', 'name')]) {
    const current = currentFilterName(name);
    if (current === undefined) continue;
    found.warning(`using deprecated filter name ${quote(name)}; use ${quote(current)} instead`);
  }
  return undefined;
}

function filterMatchProblem(filter: JsonObject, applyTo: string): string | undefined {
  const name = stringAt(filter, 'name');
  if (name === '') return 'filter match has no name to match on';
  if (!isSet(filter['subFilter'])) return undefined;
  if (applyTo !== 'HTTP_FILTER') {
    return 'subfilter match can be used with applyTo HTTP_FILTER only';
  }
  if (name !== CONNECTION_MANAGER && name !== 'envoy.http_connection_manager') {
    return `subfilter match requires filter match with ${CONNECTION_MANAGER}`;
  }
  return stringAt(filter, 'subFilter', 'name') === ''
    ? 'subfilter match has no name to match on'
    : undefined;
}

/** A filter without its typed configuration is found by its name alone, which Envoy no longer does. */
function checkValue(found: Findings, patch: JsonObject): void {
  const value = at(patch, 'patch', 'value');
  const isFilter = [
    'HTTP_FILTER',
    'NETWORK_FILTER',
    'LISTENER_FILTER',
    'EXTENSION_CONFIG',
  ].includes(stringAt(patch, 'applyTo'));
  if (!isFilter || !isObject(value)) return;
  const forms = ['typed_config', 'typedConfig', 'config_discovery', 'configDiscovery'];
  found.warningIf(
    !forms.some((form) => isSet(value[form])),
    `using deprecated types by name without typed_config; ${stringAt(value, 'name')}`,
  );
}
