/** https://istio.io/latest/docs/reference/config/networking/sidecar/ */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { addressProblem, isUnix, portProblem, unixProblem } from './addresses.ts';
import { checkDestination } from './destination.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { domainProblem, portNameProblem } from './names.ts';
import { protocolProblem } from './protocols.ts';
import { checkWorkloadSelector } from './selectors.ts';
import { checkEgressHosts } from './sidecar-hosts.ts';
import { checkIngress } from './sidecar-ingress.ts';
import type { Subject } from './subject.ts';
import { checkConnectionPool } from './traffic-policy.ts';

/** A Sidecar: whom it selects, and its listeners for what goes out and comes in. */
export function checkSidecar(found: Findings, { spec, namespace }: Subject): void {
  if (!checkWorkloadSelector(found, spec['workloadSelector'], 'sidecar')) return;
  const { ingress, egress, outboundTrafficPolicy, inboundConnectionPool } = spec;
  const hasListeners = isFilled(ingress) || isFilled(egress);
  if (!hasListeners && !isSet(outboundTrafficPolicy) && !isSet(inboundConnectionPool)) {
    found.error('sidecar: empty configuration provided');
    return;
  }
  checkIngress(found, objectsAt(ingress));
  checkConnectionPool(found, inboundConnectionPool);
  checkEgress(found, objectsAt(egress), namespace);
  checkOutbound(found, outboundTrafficPolicy);
}

function checkEgress(found: Findings, listeners: readonly JsonObject[], namespace: string): void {
  const numbers = new Set<number>();
  const sockets = new Set<string>();
  let hasCatchAll = false;
  for (const [index, listener] of listeners.entries()) {
    if (isSet(listener['port'])) {
      const port = objectAt(listener, 'port');
      const [number, bind] = [numberIn(port['number']), stringAt(listener, 'bind')];
      found.errorIf(numberIn(port['targetPort']) > 0, 'targetPort has no impact on Sidecars');
      checkEgressPort(found, port, listener);
      if (number === 0) {
        found.errorIf(
          sockets.has(bind),
          'sidecar: unix domain socket values for listeners must be unique',
        );
        sockets.add(bind);
      } else {
        found.errorIf(numbers.has(number), 'sidecar: ports on IP bound listeners must be unique');
        numbers.add(number);
      }
    } else if (hasCatchAll) {
      found.error('sidecar: egress can have only one listener with empty port');
      continue;
    } else if (index === listeners.length - 1) {
      hasCatchAll = true;
    } else {
      found.error(
        'sidecar: the egress listener with empty port should be the last listener in the list',
      );
    }
    checkEgressHosts(found, listener['hosts'], namespace);
  }
}

function checkEgressPort(found: Findings, port: JsonObject, listener: JsonObject): void {
  const [name, bind] = [stringAt(port, 'name'), stringAt(listener, 'bind')];
  const number = numberIn(port['number']);
  if (name !== '') found.error(portNameProblem(name));
  found.error(protocolProblem(stringAt(port, 'protocol')));
  if (number !== 0) {
    found.error(portProblem(number));
    if (bind !== '') found.error(addressProblem(bind));
    return;
  }
  found.error(
    isUnix(bind)
      ? unixProblem(bind)
      : 'sidecar: ports with 0 value must have a unix domain socket bind address',
  );
  found.errorIf(
    listener['captureMode'] === 'IPTABLES',
    'sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners',
  );
}

function checkOutbound(found: Findings, policy: Json | undefined): void {
  const { mode, egressProxy } = objectAt(policy);
  if (!isSet(egressProxy)) return;
  if (mode !== 'ALLOW_ANY') {
    found.error(
      'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode',
    );
    return;
  }
  found.error(domainProblem(stringAt(egressProxy, 'host')));
  if (isSet(objectAt(egressProxy)['port'])) checkDestination(found, egressProxy);
  else found.error('sidecar: egress_proxy port must be non-nil');
}
