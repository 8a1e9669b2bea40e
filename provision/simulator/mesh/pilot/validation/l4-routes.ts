/** Routes of connections (https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute, #TCPRoute). */
import { objectsAt, stringsAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { matchesHost } from '../../hosts.ts';
import { isAddress, portProblem, subnetProblem } from './addresses.ts';
import { checkDestinations } from './destination.ts';
import { isFilled, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { SNI_LIMIT_COMPARISONS } from './limits.ts';
import { gatewayDomainProblem, quote, wildcardDomainProblem } from './names.ts';
import { checkLabels } from './selectors.ts';

/** What a VirtualService says for all of its routes. */
export interface RouteHosts {
  readonly hosts: readonly string[];
  readonly isOnGatewaysAlone: boolean;
}

/** One route of connections. */
export function checkTcpRoute(found: Findings, route: JsonObject): void {
  found.errorsOf((part) => {
    for (const match of objectsAt(route, 'match')) checkConnectionMatch(part, match);
    part.errorIf(!isFilled(route['route']), 'TCP route is required');
    checkDestinations(part, route['route']);
  });
}

/** All routes by SNI, whose names have to be among the hosts of the VirtualService. */
export function checkTlsRoutes(
  found: Findings,
  routes: readonly JsonObject[],
  owner: RouteHosts,
): void {
  const exact = new Set(owner.hosts);
  const wildcards = owner.hosts.filter((host) => host.startsWith('*'));
  let comparisons = 0;
  const isOwned = (sni: string) => {
    if (!sni.startsWith('*') && exact.has(sni)) return true;
    comparisons += wildcards.length;
    return comparisons > SNI_LIMIT_COMPARISONS || wildcards.some((host) => matchesHost(host, sni));
  };
  for (const route of routes) {
    const matches = objectsAt(route, 'match');
    found.errorIf(matches.length === 0, 'TLS route must have at least one match condition');
    for (const match of matches) {
      const names = stringsAt(match, 'sniHosts');
      found.errorIf(names.length === 0, 'TLS match must have at least one SNI host');
      for (const sni of names) checkSni(found, sni, { owner, isOwned });
      checkConnectionMatch(found, match);
    }
    found.errorIf(!isFilled(route['route']), 'TLS route is required');
    checkDestinations(found, route['route']);
  }
}

function checkConnectionMatch(found: Findings, match: JsonObject): void {
  for (const subnet of stringsAt(match, 'destinationSubnets')) found.error(subnetProblem(subnet));
  const port = numberIn(match['port']);
  if (port !== 0) found.error(portProblem(port));
  checkLabels(found, match['sourceLabels']);
  checkGatewayNames(found, match['gateways']);
}

interface SniContext {
  readonly owner: RouteHosts;
  readonly isOwned: (sni: string) => boolean;
}

function checkSni(found: Findings, sni: string, { owner, isOwned }: SniContext): void {
  const problem = owner.isOnGatewaysAlone
    ? gatewayDomainProblem(sni, true)
    : wildcardDomainProblem(sni);
  if (problem !== undefined && isAddress(sni)) {
    found.warning(
      `using an IP address (${quote(sni)}) goes against SNI spec and most clients do not support this`,
    );
  } else if (problem !== undefined) {
    found.error(problem);
  } else if (!isOwned(sni)) {
    found.error(
      `SNI host ${quote(sni)} is not a compatible subset of any of the virtual service hosts: [${owner.hosts.join(', ')}]`,
    );
  }
}

/** Whether a route of TLS matches by name at all. */
export function matchesSni(route: JsonObject): boolean {
  return objectsAt(route, 'match').some((match) => isFilled(match['sniHosts']));
}
