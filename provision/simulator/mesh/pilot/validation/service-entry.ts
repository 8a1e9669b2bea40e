/** https://istio.io/latest/docs/reference/config/networking/service-entry/ */
import { objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { portProblem, subnetProblem } from './addresses.ts';
import { checkExportTo } from './export-to.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import {
  domainProblem,
  partialWildcardProblem,
  portNameProblem,
  quote,
  wildcardDomainProblem,
} from './names.ts';
import { isHttp, isStream, isTls, protocolProblem } from './protocols.ts';
import { checkLabels, checkWorkloadSelector } from './selectors.ts';
import type { Subject } from './subject.ts';
import { checkEndpoint, checkEndpointPorts, unnamedProblem } from './workload.ts';

const AUTO_ALLOCATION_LABEL = 'networking.istio.io/enable-autoallocate-ip';
const WAYPOINT_LABEL = 'istio.io/use-waypoint';

/** A ServiceEntry: hosts, addresses, ports, and endpoints that fit its resolution. */
export function checkServiceEntry(found: Findings, subject: Subject): void {
  const { spec, namespace } = subject;
  const { workloadSelector, endpoints } = spec;
  const [hosts, addresses] = [stringsAt(spec, 'hosts'), stringsAt(spec, 'addresses')];
  const resolution = stringAt(spec, 'resolution') || 'NONE';
  if (!checkWorkloadSelector(found, workloadSelector, 'service entry')) return;
  found.errorIf(
    isSet(workloadSelector) && isFilled(endpoints),
    'only one of WorkloadSelector or Endpoints is allowed in Service Entry',
  );
  found.errorIf(hosts.length === 0, 'service entry must have at least one host');
  for (const host of hosts) {
    if (host === '*') {
      found.error(`invalid host ${host}`);
      continue;
    }
    found.error(wildcardDomainProblem(host));
    if (resolution !== 'DYNAMIC_DNS') found.warning(partialWildcardProblem(host));
  }
  for (const address of addresses) found.error(subnetProblem(address));
  found.errorIf(
    addresses.some((address) => address.includes('/')) &&
      resolution !== 'NONE' &&
      resolution !== 'STATIC',
    'CIDR addresses are allowed only for NONE/STATIC resolution types',
  );
  checkPorts(found, subject, resolution);
  checkResolution(found, subject, resolution);
  const ports = objectsAt(spec, 'ports').map((port) => stringAt(port, 'protocol'));
  found.errorIf(
    resolution !== 'NONE' &&
      hosts.length > 1 &&
      ports.some((protocol) => !isHttp(protocol) && !isTls(protocol)),
    'multiple hosts provided with non-HTTP, non-TLS ports',
  );
  checkExportTo(found, spec['exportTo'], { namespace, mayBeForNobody: true });
}

function checkPorts(found: Findings, { spec, labels }: Subject, resolution: string): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  const hasAddress =
    isFilled(spec['addresses']) ||
    (resolution !== 'NONE' && labels[AUTO_ALLOCATION_LABEL]?.toLowerCase() !== 'false');
  for (const port of objectsAt(spec, 'ports')) {
    const [name, protocol] = [stringAt(port, 'name'), stringAt(port, 'protocol')];
    const [number, target] = [numberIn(port['number']), numberIn(port['targetPort'])];
    found.errorIf(names.has(name), `service entry port name ${quote(name)} already defined`);
    found.errorIf(numbers.has(number), `service entry port ${number} already defined`);
    names.add(name);
    numbers.add(number);
    if (target !== 0) found.error(portProblem(target));
    found.warningIf(
      !hasAddress && (protocol === '' || protocol === 'TCP'),
      'addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled',
    );
    found.error(portNameProblem(name));
    found.error(protocolProblem(protocol));
    found.error(portProblem(number));
  }
}

function checkResolution(found: Findings, subject: Subject, resolution: string): void {
  const { spec } = subject;
  const endpoints = objectsAt(spec, 'endpoints');
  const names = new Set(objectsAt(spec, 'ports').map((port) => stringAt(port, 'name')));
  switch (resolution) {
    case 'NONE':
      found.errorIf(
        endpoints.length > 0,
        'no endpoints should be provided for resolution type none',
      );
      found.warningIf(
        isSet(spec['workloadSelector']),
        'workloadSelector should not be set when resolution mode is NONE',
      );
      break;
    case 'STATIC':
      for (const endpoint of endpoints) checkEndpoint(found, endpoint, names);
      break;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      checkDns(found, spec, resolution);
      for (const endpoint of endpoints) {
        found.error(unnamedProblem(stringAt(endpoint, 'address')));
        checkLabels(found, endpoint['labels']);
        checkEndpointPorts(found, endpoint, names);
      }
      warnOfHosts(found, spec);
      break;
    case 'DYNAMIC_DNS':
      checkDynamicDns(found, subject);
      break;
    default:
      found.error(`unsupported resolution type ${resolution}`);
  }
}

function checkDns(found: Findings, spec: JsonObject, resolution: string): void {
  const endpoints = objectsAt(spec, 'endpoints');
  const problem = stringsAt(spec, 'hosts')
    .map((host) => domainProblem(host))
    .find((message) => message !== undefined);
  found.errorIf(
    endpoints.length === 0 && problem !== undefined,
    `hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode ${resolution}, ${problem}`,
  );
  found.errorIf(
    resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1,
    `there must only be 0 or 1 endpoint for resolution mode ${resolution}`,
  );
}

function warnOfHosts(found: Findings, spec: JsonObject): void {
  const hasStream = objectsAt(spec, 'ports').some((port) => isStream(stringAt(port, 'protocol')));
  found.warningIf(
    isFilled(spec['addresses']) && hasStream && stringsAt(spec, 'hosts').length > 1,
    'service entry can not have more than one host specified simultaneously with address and tcp port',
  );
}

function checkDynamicDns(found: Findings, { spec, labels }: Subject): void {
  const resolution = 'DYNAMIC_DNS';
  const hosts = stringsAt(spec, 'hosts');
  found.errorIf(
    hosts.length === 0,
    `at least one wildcard host must be provided for resolution type ${resolution}`,
  );
  for (const host of hosts) {
    found.errorIf(
      !host.startsWith('*'),
      `host must be wildcarded for resolution mode ${resolution}`,
    );
  }
  // Two words run into one another in istiod's sentences.
  found.errorIf(
    isFilled(spec['addresses']),
    `addresses cannot be set for resolution type ${resolution}. HTTP route domains will only be generatedfrom the hosts field values`,
  );
  found.errorIf(
    isFilled(spec['endpoints']),
    `endpoints cannot be set for resolution type ${resolution}. Destination IP address determined from hostsfield values`,
  );
  for (const port of objectsAt(spec, 'ports')) {
    found.errorIf(
      !['http', 'tls', 'grpc', 'http2'].includes(stringAt(port, 'protocol').toLowerCase()),
      `only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type ${resolution}`,
    );
  }
  const waypoint = labels[WAYPOINT_LABEL] ?? '';
  found.errorIf(
    spec['location'] === 'MESH_INTERNAL' && waypoint !== '' && waypoint.toLowerCase() !== 'none',
    `location MESH_INTERNAL with resolution type ${resolution} is not supported when using waypoints`,
  );
}
