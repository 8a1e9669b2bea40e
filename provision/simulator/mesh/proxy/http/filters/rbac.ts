import {
  deniedDetails,
  judgeRequest,
  statisticsOf,
  type Verdicts,
} from '../../security/rbac/engine.ts';
import { type AccessFacts, factsOf } from '../../security/rbac/facts.ts';
import { local, type ProxyAnswer } from '../answers.ts';
import type { FilterContext, MakeFilter } from '../filter.ts';
import type { HttpStream } from '../stream.ts';
import { statPrefixOf } from './stat-prefix.ts';

/**
 * Envoy's RBAC filter (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter): lets requests on or
 * answers 403, by the AuthorizationPolicies of one action. Its logger tells at debug what it looks at and what comes of it.
 */
export const makeRbacFilter: MakeFilter<'rbac'> = (config, context) => ({
  onRequest: (stream): ProxyAnswer | undefined => {
    const facts = factsOf(stream);
    const verdicts = judgeRequest(config, facts);
    const prefix = `${statPrefixOf(stream)}rbac.`;
    for (const statistic of statisticsOf(config, verdicts)) context.count(`${prefix}${statistic}`);
    if (context.writes?.('rbac', 'debug')) {
      log([`checking request: ${described(stream, facts)}`, ...inWords(verdicts)], context);
    }
    const { enforced } = verdicts;
    if (!enforced || enforced.isAllowed) return undefined;
    return local(403, 'RBAC: access denied', '-', deniedDetails(enforced));
  },
});

function log(messages: readonly string[], { log: write, clock }: FilterContext): void {
  const time = new Date(clock.now()).toISOString();
  for (const message of messages) {
    for (const line of `${time}\tdebug\tenvoy rbac\t${message}`.split('\n')) write(line);
  }
}

/** Each header stands on a line of its own. */
function described(
  { peer, destination, isSecure, request }: HttpStream,
  { remoteIp, principal = '' }: AccessFacts,
): string {
  const source = `${peer.ip}:${peer.port}`;
  // Nobody knows the port of a client that only a header tells of.
  const remote = remoteIp === peer.ip ? source : `${remoteIp}:0`;
  const certificate = `uriSanPeerCertificate: ${principal}, dnsSanPeerCertificate: , subjectPeerCertificate: `;
  const headers = [
    [':authority', request.authority],
    [':path', request.path],
    [':method', request.method],
    [':scheme', request.headers.get('x-forwarded-proto') ?? 'http'],
    ...request.headers,
  ];
  return (
    `requestedServerName: ${peer.serverName ?? ''}, sourceIP: ${source}, directRemoteIP: ${source}, remoteIP: ${remote},` +
    `localAddress: ${destination.ip}:${destination.port}, ssl: ${isSecure ? certificate : 'none'}, ` +
    `headers: ${headers.map(([name, value]) => `'${name}', '${value}'\n`).join('')}, dynamicMetadata: `
  );
}

function* inWords({ enforced, shadow }: Verdicts): Iterable<string> {
  for (const [kind, verdict] of [
    ['shadow', shadow],
    ['enforced', enforced],
  ] as const) {
    if (!verdict) continue;
    yield `${kind} ${verdict.isAllowed ? 'allowed' : 'denied'}, matched policy ${verdict.policy}`;
  }
}
