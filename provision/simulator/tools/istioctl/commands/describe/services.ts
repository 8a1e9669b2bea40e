import { isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject, Labels } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError } from '../../cli/command.ts';
import { protocolOf } from '../../kube/protocol.ts';
import { failAs, partOf } from '../proxy-config/admin.ts';
import { sayDestinationRule, subsetsOf } from './destination-rule.ts';
import { originIn, ruleNameFor, virtualServiceNameFor } from './origins.ts';
import { RULE, type Subject } from './subject.ts';
import { sayVirtualService } from './virtual-service.ts';

/** A pod and the services in front of it. */
export interface PodOfServices {
  /** Its proxy is asked. */
  readonly pod: JsonObject;
  readonly services: readonly JsonObject[];
  /** Labels of all pods that subsets may match. */
  readonly podLabels: readonly Labels[];
}

/** What a proxy does with the traffic of services, port by port. */
export async function describeServices(
  subject: Subject,
  { pod, services, podLabels }: PodOfServices,
): Promise<void> {
  const dump = await dumpOf(subject, pod);
  if (!dump) return;
  for (const [index, service] of services.entries()) {
    if (index > 0) subject.say(RULE);
    sayService(subject, service, pod);
    const ports = listAt(service, 'spec', 'ports').filter(isObject);
    for (const port of ports) {
      const number = Number(textAt(port, 'port'));
      if (ports.length > 1) subject.say(`${number}:`);
      const level = ports.length > 1 ? 3 : 0;
      await sayRules(subject, { dump, service, port: number, podLabels, level });
      const policies = policiesIn(dump);
      if (policies.length === 0) continue;
      const prefix = ports.length > 1 ? `${number} ` : '';
      subject.say(`${prefix}RBAC policies: ${policies.join(', ')}`);
    }
  }
}

async function dumpOf(subject: Subject, pod: JsonObject): Promise<JsonObject | undefined> {
  try {
    return await subject.dumpOf(pod);
  } catch (error) {
    if (error instanceof CommandError && subject.isUnmeshedIgnored) return undefined;
    return failAs('failed to execute command on sidecar', error);
  }
}

function sayService(subject: Subject, service: JsonObject, pod: JsonObject): void {
  subject.say(`Service: ${subject.nameOf(service)}`);
  for (const port of listAt(service, 'spec', 'ports').filter(isObject)) {
    if ((textAt(port, 'protocol') || 'TCP') !== 'TCP') continue;
    const target = podPort(pod, port);
    subject.say(
      target === undefined
        ? `no suitable port for manifest: ${textAt(pod, 'metadata', 'uid')}`
        : `Port: ${textAt(port, 'name')} ${textAt(port, 'port')}/${protocolName(port)} targets pod port ${target}`,
      3,
    );
  }
}

function protocolName(port: JsonObject): string {
  const isNamed = textAt(port, 'name') !== '' || textAt(port, 'appProtocol') !== '';
  return isNamed ? protocolOf(port) : 'auto-detect';
}

/** The pod's port behind a port of a Service; undefined when it names one that no container has. */
export function podPort(pod: Json, port: JsonObject): number | undefined {
  const target = textAt(port, 'targetPort') || textAt(port, 'port');
  if (/^\d+$/.test(target))
    return Number(target) === 0 ? Number(textAt(port, 'port')) : Number(target);
  const found = ['containers', 'initContainers']
    .flatMap((field) => listAt(pod, 'spec', field))
    .flatMap((container) => listAt(container, 'ports'))
    .find((one) => textAt(one, 'name') === target);
  return found === undefined ? undefined : Number(textAt(found, 'containerPort'));
}

interface PortOfService {
  readonly dump: JsonObject;
  readonly service: JsonObject;
  readonly port: number;
  readonly podLabels: readonly Labels[];
  /** Spaces in front of what is said. */
  readonly level: number;
}

async function sayRules(subject: Subject, about: PortOfService): Promise<void> {
  const { dump, service, port, podLabels, level } = about;
  const ruleName = ruleNameFor(dump, service, port);
  const rule = await originIn(subject, 'destinationrules', ruleName);
  if (rule) sayDestinationRule(subject, rule, { podLabels, level });
  const vsName = virtualServiceNameFor(dump, service, port);
  const virtualService = await originIn(subject, 'virtualservices', vsName);
  if (!virtualService) return;
  sayVirtualService(subject, {
    virtualService,
    service,
    rule,
    subsets: subsetsOf(rule, podLabels),
    level,
  });
}

/** Names of the policies in the first RBAC filter of the first HTTP chain for incoming requests. */
function policiesIn(dump: JsonObject): readonly string[] {
  const inbound = listAt(partOf(dump, 'Listeners'), 'dynamic_listeners')
    .map((entry) => objectAt(entry, 'active_state', 'listener'))
    .find((listener) => textAt(listener, 'name') === 'virtualInbound');
  const manager = listAt(inbound, 'filter_chains')
    .flatMap((chain) => listAt(chain, 'filters'))
    .map((filter) => objectAt(filter, 'typed_config'))
    .find((config) => textAt(config, '@type').endsWith('.HttpConnectionManager'));
  const rbac = listAt(manager, 'http_filters').find(
    (filter) => textAt(filter, 'name') === 'envoy.filters.http.rbac',
  );
  return Object.keys(objectAt(rbac, 'typed_config', 'rules', 'policies'));
}
