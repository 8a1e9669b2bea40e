/** How a destination is called (https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy). */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { addressProblem, durationProblem, percentProblem, portProblem } from './addresses.ts';
import { checkClientTls } from './client-tls.ts';
import { isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkLoadBalancer } from './load-balancer.ts';
import { domainProblem } from './names.ts';

const PORT_FIELDS = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'];
const FIELDS = [...PORT_FIELDS, 'portLevelSettings', 'tunnel', 'proxyProtocol', 'retryBudget'];

/** The policy of a DestinationRule or a subset, with those of single ports: each has to say something. */
export function checkTrafficPolicy(
  found: Findings,
  value: Json | undefined,
  namespace: string,
): void {
  if (!isSet(value)) return;
  const policy = objectAt(value);
  const { portLevelSettings, tunnel, proxyProtocol } = policy;
  const isEmpty = FIELDS.every((name) => !isSet(policy[name]) || isEmptyList(policy[name]));
  if (isEmpty) {
    found.error('traffic policy must have at least one field');
    return;
  }
  if (isSet(tunnel) && isSet(proxyProtocol)) {
    found.error('tunnel and proxyProtocol must not be set together');
    return;
  }
  checkSettings(found, policy, namespace);
  for (const settings of objectsAt(portLevelSettings)) {
    found.errorIf(!isSet(settings['port']), 'portTrafficPolicy must have valid port');
    if (PORT_FIELDS.every((name) => !isSet(settings[name]))) {
      found.error('port traffic policy must have at least one field');
    } else {
      found.errorsOf((part) => checkSettings(part, settings, namespace));
    }
  }
  if (isSet(tunnel)) checkTunnel(found, objectAt(tunnel));
}

function checkSettings(found: Findings, policy: JsonObject, namespace: string): void {
  checkOutlierDetection(found, policy['outlierDetection']);
  checkConnectionPool(found, policy['connectionPool']);
  checkLoadBalancer(found, policy['loadBalancer'], isSet(policy['outlierDetection']));
  checkClientTls(found, policy['tls'], namespace);
}

function isEmptyList(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

function checkTunnel(found: Findings, tunnel: JsonObject): void {
  const protocol = stringAt(tunnel, 'protocol');
  found.errorIf(
    !['', 'CONNECT', 'POST'].includes(protocol),
    'tunnel protocol must be "CONNECT" or "POST"',
  );
  const host = stringAt(tunnel, 'targetHost');
  const [noName, noAddress] = [domainProblem(host), addressProblem(host)];
  found.errorIf(
    noName !== undefined && noAddress !== undefined,
    `tunnel target host must be valid FQDN or IP address: ${noName}; ${noAddress}`,
  );
  const noPort = portProblem(numberIn(tunnel['targetPort']));
  found.errorIf(noPort !== undefined, `tunnel target port is invalid: ${noPort}`);
}

function checkOutlierDetection(found: Findings, value: Json | undefined): void {
  if (!isSet(value)) return;
  const outlier = objectAt(value);
  found.error(durationProblem(outlier['baseEjectionTime']));
  found.warningIf(
    numberIn(outlier['consecutiveErrors']) !== 0,
    'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
  );
  found.errorIf(
    outlier['splitExternalLocalOriginErrors'] !== true &&
      numberIn(outlier['consecutiveLocalOriginFailures']) > 0,
    'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
  );
  found.error(durationProblem(outlier['interval']));
  found.error(percentProblem(numberIn(outlier['maxEjectionPercent'])));
  found.error(percentProblem(numberIn(outlier['minHealthPercent'])));
}

/** What may not be negative, in istiod's words and order; the protocol upgrade is looked at before the last. */
const HTTP_COUNTS: readonly (readonly [field: string, words: string])[] = [
  ['http1MaxPendingRequests', 'http1 max pending requests'],
  ['http2MaxRequests', 'http2 max requests'],
  ['maxRequestsPerConnection', 'max requests per connection'],
  ['maxRetries', 'max retries'],
];

/** Limits of connections and requests: of one kind at least, and none of them negative. */
export function checkConnectionPool(found: Findings, value: Json | undefined): void {
  if (!isSet(value)) return;
  const { http, tcp } = objectAt(value);
  found.errorIf(!isSet(http) && !isSet(tcp), 'connection pool must have at least one field');
  const requests = objectAt(http);
  for (const [field, words] of HTTP_COUNTS) {
    found.errorIf(numberIn(requests[field]) < 0, `${words} must be non-negative`);
  }
  found.error(durationProblem(requests['idleTimeout']));
  found.errorIf(
    requests['h2UpgradePolicy'] === 'UPGRADE' && requests['useClientProtocol'] === true,
    'use client protocol must not be true when H2UpgradePolicy is UPGRADE',
  );
  found.errorIf(
    numberIn(requests['maxConcurrentStreams']) < 0,
    'max concurrent streams must be non-negative',
  );
  const { maxConnections, connectTimeout, maxConnectionDuration, idleTimeout, tcpKeepalive } =
    objectAt(tcp);
  found.errorIf(numberIn(maxConnections) < 0, 'max connections must be non-negative');
  found.error(durationProblem(connectTimeout));
  found.error(durationProblem(maxConnectionDuration));
  // Below a millisecond the time-out is off.
  const idle = durationProblem(idleTimeout);
  const isOff =
    idle === 'duration must be greater than 1ms' && !stringAt(idleTimeout).startsWith('-');
  found.error(isOff ? undefined : idle);
  found.error(durationProblem(objectAt(tcpKeepalive)['time']));
  found.error(durationProblem(objectAt(tcpKeepalive)['interval']));
}
