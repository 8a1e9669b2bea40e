/** https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
import { isObject, objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { overlaps } from '../../hosts.ts';
import { isAddress } from './addresses.ts';
import { checkExportTo } from './export-to.ts';
import { isFilled } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { isClaim } from './http-headers.ts';
import { checkHttpRoute } from './http-route.ts';
import { checkTcpRoute, checkTlsRoutes, matchesSni } from './l4-routes.ts';
import { HOSTS_LIMIT_COMPARISONS, REGEX_LIMIT_STEPS } from './limits.ts';
import { gatewayDomainProblem, wildcardDomainProblem } from './names.ts';
import { stepsOf } from './regexes.ts';
import type { Subject } from './subject.ts';
import { warnUnusedRules } from './unused-rules.ts';

/** A VirtualService: hosts, gateways, and its routes of each kind. */
export function checkVirtualService(found: Findings, { spec, namespace }: Subject): void {
  const http = objectsAt(spec, 'http');
  const tls = objectsAt(spec, 'tls');
  const tcp = objectsAt(spec, 'tcp');
  if (http.reduce((sum, route) => sum + stepsOfRoute(route), 0) > REGEX_LIMIT_STEPS) {
    found.error('Regatta: the regular expressions of one VirtualService together are too large');
    return;
  }
  const hosts = stringsAt(spec, 'hosts');
  const isDelegate = hosts.length === 0;
  if (isDelegate) checkDelegate(found, spec);
  const gateways = stringsAt(spec, 'gateways');
  checkGatewayNames(found, gateways);
  const isOnGatewaysAlone = gateways.length > 0 && !gateways.includes('mesh');
  if (!isOnGatewaysAlone) checkClaims(found, http, gateways);
  checkHosts(found, hosts, { isOnGatewaysAlone, isSni: tls.some(matchesSni) });
  found.errorIf(
    http.length === 0 && tcp.length === 0 && tls.length === 0,
    'http, tcp or tls must be provided in virtual service',
  );
  for (const route of http) checkHttpRoute(found, route, isDelegate);
  checkTlsRoutes(found, tls, { hosts, isOnGatewaysAlone });
  for (const route of tcp) checkTcpRoute(found, route);
  checkExportTo(found, spec['exportTo'], { namespace });
  for (const routes of [http, tcp, tls]) warnUnusedRules(found, routes);
}

function checkDelegate(found: Findings, { gateways, tls, tcp }: JsonObject): void {
  found.errorIf(isFilled(gateways), 'delegate virtual service must have no gateways specified');
  found.errorIf(isFilled(tls), 'delegate virtual service must have no tls route specified');
  found.errorIf(isFilled(tcp), 'delegate virtual service must have no tcp route specified');
}

function checkClaims(
  found: Findings,
  http: readonly JsonObject[],
  gateways: readonly string[],
): void {
  for (const match of http.flatMap((route) => objectsAt(route, 'match'))) {
    const names = ['headers', 'withoutHeaders'].flatMap((name) =>
      Object.keys(objectAt(match, name)),
    );
    for (const name of names.filter(isClaim)) {
      found.error(
        `JWT claim based routing (key: ${name}) is only supported for gateway, found no gateways: [${gateways.join(' ')}]`,
      );
    }
  }
}

function checkHosts(
  found: Findings,
  hosts: readonly string[],
  { isOnGatewaysAlone, isSni }: { readonly isOnGatewaysAlone: boolean; readonly isSni: boolean },
): void {
  const before = found.errors.length;
  for (const host of hosts) {
    const problem = isOnGatewaysAlone
      ? gatewayDomainProblem(host, isSni)
      : wildcardDomainProblem(host);
    if (problem !== undefined && !isAddress(host)) found.error(problem);
    found.errorIf(
      !isOnGatewaysAlone && host === '*',
      'wildcard host * is not allowed for virtual services bound to the mesh gateway',
    );
  }
  if (found.errors.length === before) checkOverlaps(found, hosts);
}

function checkOverlaps(found: Findings, hosts: readonly string[]): void {
  let comparisons = 0;
  const places = placesOf(hosts);
  for (const [index, host] of hosts.entries()) {
    comparisons += hosts.length - index;
    const isCheap = comparisons <= HOSTS_LIMIT_COMPARISONS;
    const later = isCheap
      ? hosts.slice(index + 1).filter((other) => overlaps(host, other))
      : (places.get(host) ?? index) > index
        ? [host]
        : [];
    for (const other of later) {
      found.error(`duplicate hosts in virtual service: ${host} & ${other}`);
    }
  }
}

/** Where each host stands last. */
function placesOf(hosts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(hosts.map((host, index) => [host, index]));
}

/** How large the expressions of a route become: those of its matches, its rewrite and its CORS policy. */
function stepsOfRoute({ match, rewrite, corsPolicy }: JsonObject): number {
  let steps = stepsOf(stringAt(rewrite, 'uriRegexRewrite', 'match'));
  for (const origin of objectsAt(corsPolicy, 'allowOrigins')) steps += stepsIn(origin);
  for (const one of objectsAt(match)) {
    // Headers and parameters of the query have one match each, the others are one.
    for (const part of Object.values(one)) {
      steps += stepsIn(part);
      for (const inner of Object.values(objectAt(part))) steps += stepsIn(inner);
    }
  }
  return steps;
}

function stepsIn(match: Json | undefined): number {
  const regex = isObject(match) ? match['regex'] : undefined;
  return typeof regex === 'string' ? stepsOf(regex) : 0;
}
