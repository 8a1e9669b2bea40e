/** Machines outside the cluster (https://istio.io/latest/docs/reference/config/networking/workload-entry/, workload-group/). */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { isAddress, isUnix, portProblem, unixProblem } from './addresses.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import { Findings } from './findings.ts';
import { probeHeaderProblem } from './http-headers.ts';
import { domainProblem, portNameProblem, quote } from './names.ts';
import { checkLabels } from './selectors.ts';
import type { Subject } from './subject.ts';

/** A WorkloadEntry: one machine's address, ports and labels. */
export function checkWorkloadEntry(found: Findings, { spec }: Subject): void {
  checkEndpoint(found, spec);
}

/**
 * A WorkloadEntry, or an endpoint of a ServiceEntry.
 * @param servicePorts names of that ServiceEntry's ports, which then takes addresses alone
 */
export function checkEndpoint(
  found: Findings,
  entry: JsonObject,
  servicePorts?: ReadonlySet<string>,
): void {
  const [address, network] = [stringAt(entry, 'address'), stringAt(entry, 'network')];
  const isSocket = isUnix(address);
  if (address === '') {
    if (network === '') {
      found.error('address is required');
      return;
    }
    found.warning(`address is unset with network ${quote(network)}`);
  } else if (isSocket) {
    found.error(unixProblem(address));
    found.errorIf(isFilled(entry['ports']), `unix endpoint ${address} must not include ports`);
  } else if (!isAddress(address)) {
    if (servicePorts !== undefined) {
      found.error(`endpoint address ${quote(address)} is not a valid IP address`);
    } else {
      found.error(unnamedProblem(address));
    }
  }
  checkEndpointPorts(found, entry, servicePorts);
  checkLabels(found, entry['labels']);
  found.errorIf(
    isSocket && servicePorts !== undefined && servicePorts.size !== 1,
    'exactly 1 service port required for unix endpoints',
  );
}

/** An address that is neither one nor a name. */
export function unnamedProblem(address: string): string | undefined {
  return isAddress(address) || domainProblem(address) === undefined
    ? undefined
    : `endpoint address ${quote(address)} is not a valid FQDN or an IP address`;
}

/** Ports of an endpoint, by names that the ServiceEntry knows. */
export function checkEndpointPorts(
  found: Findings,
  entry: JsonObject,
  servicePorts?: ReadonlySet<string>,
): void {
  for (const [name, value] of Object.entries(objectAt(entry, 'ports'))) {
    const port = numberIn(value);
    found.errorIf(
      servicePorts?.has(name) === false,
      `endpoint port ${port} is not defined by the service entry`,
    );
    found.error(portNameProblem(name));
    found.error(portProblem(port));
  }
}

/** A WorkloadGroup: a template for its entries, and a probe of their health. */
export function checkWorkloadGroup(found: Findings, { spec }: Subject): void {
  const { metadata, template, probe } = spec;
  if (!isSet(template)) {
    found.error('template is required');
    return;
  }
  const labels = new Findings();
  checkLabels(labels, objectAt(metadata)['labels']);
  if (labels.errors.length > 0) found.error(`invalid labels: ${labels.text}`);
  else if (isSet(probe)) checkProbe(found, objectAt(probe));
}

const PROBE_NUMBERS = [
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
];

function checkProbe(found: Findings, probe: JsonObject): void {
  for (const name of PROBE_NUMBERS) {
    found.errorIf(numberIn(probe[name]) < 0, `${name} must be non-negative`);
  }
  const { httpGet, tcpSocket, exec, grpc } = probe;
  if (isSet(httpGet)) checkHttpProbe(found, objectAt(httpGet));
  else if (isSet(tcpSocket)) found.error(portOf(tcpSocket));
  else if (isSet(exec)) {
    found.errorIf(!isFilled(objectAt(exec)['command']), 'exec.command is required');
  } else {
    // The words are Go's, with the type in which istiod holds a probe.
    const type = isSet(grpc) ? '*v1alpha3.ReadinessProbe_Grpc' : '<nil>';
    found.error(`unknown health check method ${type}`);
  }
}

function checkHttpProbe(found: Findings, probe: JsonObject): void {
  found.error(portOf(probe));
  found.errorIf(
    !['', 'HTTP', 'HTTPS'].includes(stringAt(probe, 'scheme')),
    'httpGet.scheme must be one of "HTTPS", "HTTP"',
  );
  for (const { name } of objectsAt(probe, 'httpHeaders')) {
    found.error(probeHeaderProblem(stringAt(name)));
  }
}

function portOf(probe: Json | undefined): string | undefined {
  return portProblem(numberIn(objectAt(probe)['port']));
}
