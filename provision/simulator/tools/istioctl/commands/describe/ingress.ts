import { isObject, listAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { listObjects } from '../../kube/api.ts';
import { protocolOf } from '../../kube/protocol.ts';
import { subsetsOf } from './destination-rule.ts';
import { originIn, ruleNameFor, virtualServiceNameFor } from './origins.ts';
import { podPort } from './services.ts';
import { RULE, type Subject } from './subject.ts';
import { sayVirtualService } from './virtual-service.ts';

/** A Service in front of pods of the ingress gateway. */
interface Ingress {
  readonly service: JsonObject;
  readonly pods: readonly JsonObject[];
}

/** Where services can be reached from outside, and by which VirtualService. */
export async function describeIngress(
  subject: Subject,
  services: readonly JsonObject[],
  podLabels: readonly Labels[],
): Promise<void> {
  const all = await listObjects(subject.api, '/api/v1/pods', 'istio=ingressgateway');
  const pods = all.filter((pod) => textAt(pod, 'status', 'phase') === 'Running');
  if (pods.length === 0) {
    subject.say('Skipping Gateway information (no ingress gateway pods)');
    return;
  }
  const ingresses = await ingressesOf(subject, pods);
  if (ingresses.length === 0) {
    subject.say('Skipping Gateway information (no ingress gateway service)');
  }
  const told = new Set<string>();
  for (const pod of pods) {
    const dump = await subject.dumpOf(pod);
    for (const service of services) {
      for (const port of listAt(service, 'spec', 'ports').filter(isObject)) {
        const number = Number(textAt(port, 'port'));
        await sayExposure(subject, { dump, service, port: number, podLabels, ingresses, told });
      }
    }
  }
}

async function ingressesOf(
  subject: Subject,
  pods: readonly JsonObject[],
): Promise<readonly Ingress[]> {
  const found: Ingress[] = [];
  const namespaces = new Set(pods.map((pod) => textAt(pod, 'metadata', 'namespace')));
  for (const namespace of namespaces) {
    for (const service of await subject.list('services', namespace)) {
      const selector = textsAt(service, 'spec', 'selector');
      const own = pods.filter(
        (pod) =>
          textAt(pod, 'metadata', 'namespace') === namespace &&
          matchesLabels(selector, textsAt(pod, 'metadata', 'labels')),
      );
      if (own.length > 0) found.push({ service, pods: own });
    }
  }
  return found;
}

interface Exposure {
  /** Of the ingress gateway's proxy. */
  readonly dump: JsonObject;
  readonly service: JsonObject;
  readonly port: number;
  readonly podLabels: readonly Labels[];
  readonly ingresses: readonly Ingress[];
  /** Gateways that have been spoken of. */
  readonly told: Set<string>;
}

async function sayExposure(subject: Subject, exposure: Exposure): Promise<void> {
  const { dump, service, port, podLabels, ingresses, told } = exposure;
  const rule = await originIn(subject, 'destinationrules', ruleNameFor(dump, service, port));
  const name = virtualServiceNameFor(dump, service, port);
  const virtualService = await originIn(subject, 'virtualservices', name);
  if (!virtualService) return;
  for (const named of listAt(virtualService, 'spec', 'gateways').map((one) => textAt(one))) {
    if (named === '' || named === 'mesh') continue;
    const slash = named.indexOf('/');
    const own = textAt(virtualService, 'metadata', 'namespace');
    const namespace = slash < 0 ? own : named.slice(0, slash);
    const gatewayName = named.slice(slash + 1);
    const id = `${namespace}/${gatewayName}`;
    if (told.has(id)) continue;
    const gateway = await subject.find('gateways', gatewayName, namespace);
    if (!gateway) {
      subject.say(`WARNING: Proxy is stale; it references to non-existent gateway ${id}`);
      continue;
    }
    told.add(id);
    const open = ingresses.filter((ingress) => isOpenedBy(ingress, gateway)).toSorted(byAddress);
    if (open.length === 0) continue;
    subject.say(RULE);
    for (const ingress of open) sayAddress(subject, ingress);
    sayVirtualService(subject, {
      virtualService,
      service,
      rule,
      subsets: subsetsOf(rule, podLabels),
      level: 0,
    });
  }
}

function isOpenedBy({ pods }: Ingress, gateway: JsonObject): boolean {
  const selector = textsAt(gateway, 'spec', 'selector');
  return pods.some((pod) => matchesLabels(selector, textsAt(pod, 'metadata', 'labels')));
}

function byAddress(one: Ingress, other: Ingress): number {
  return addressOf(one) < addressOf(other) ? -1 : 1;
}

/** The load balancer's address, else the node's. */
function addressOf({ service, pods }: Ingress): string {
  const [first] = listAt(service, 'status', 'loadBalancer', 'ingress');
  if (first !== undefined) return textAt(first, 'ip');
  return textAt(pods[0], 'status', 'hostIP') || 'unknown';
}

function sayAddress(subject: Subject, ingress: Ingress): void {
  const [pod] = ingress.pods;
  for (const port of listAt(ingress.service, 'spec', 'ports').filter(isObject)) {
    const isShown = ['http', 'http2'].includes(textAt(port, 'name'));
    const isTcp = (textAt(port, 'protocol') || 'TCP') === 'TCP';
    if (!isShown || !isTcp || podPort(pod ?? {}, port) === undefined) continue;
    const scheme = /^HTTP2?$/.test(protocolOf(port)) ? 'http' : '';
    const number = textAt(port, 'port');
    const suffix = scheme === 'http' && number === '80' ? '' : `:${number}`;
    subject.say(`Exposed on Ingress Gateway ${scheme}://${addressOf(ingress)}${suffix}`);
  }
}
