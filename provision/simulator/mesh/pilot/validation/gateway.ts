/** https://istio.io/latest/docs/reference/config/networking/gateway/ */
import { objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { addressProblem, isUnix, portProblem, unixProblem } from './addresses.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkNamespacedHost, isDnsLabel, quote } from './names.ts';
import { isHttp, isKnownProtocol, isTls } from './protocols.ts';
import { checkServerTls, isPassThrough } from './server-tls.ts';
import type { Subject } from './subject.ts';

/** A Gateway: its name, and servers whose ports have names of their own. */
export function checkGateway(found: Findings, { name, spec }: Subject): void {
  found.errorIf(!isDnsLabel(name), `invalid gateway name: ${quote(name)}`);
  const servers = objectsAt(spec, 'servers');
  found.errorIf(servers.length === 0, 'gateway must have at least one server');
  for (const server of servers) checkServer(found, server);
  const names = new Set<string>();
  for (const { port, tls } of servers) {
    if (!isSet(port)) continue;
    const portName = stringAt(port, 'name');
    found.errorIf(
      names.has(portName),
      `port names in servers must be unique: duplicate name ${portName}`,
    );
    names.add(portName);
    found.warningIf(
      !isHttp(stringAt(port, 'protocol')) && objectAt(tls)['httpsRedirect'] === true,
      'tls.httpsRedirect should only be used with http servers',
    );
  }
}

function checkServer(found: Findings, server: JsonObject): void {
  const hosts = stringsAt(server, 'hosts');
  found.errorIf(hosts.length === 0, 'server config must contain at least one host');
  for (const host of hosts) checkNamespacedHost(found, host, true);
  const bind = stringAt(server, 'bind');
  const before = found.errors.length;
  checkServerPort(found, server['port'], bind);
  const isPortRight = found.errors.length === before;
  checkBind(found, server['port'], bind);
  checkServerTls(found, server['tls']);
  if (isPortRight)
    found.error(protocolTlsProblem(stringAt(server, 'port', 'protocol'), server['tls']));
}

function protocolTlsProblem(protocol: string, value: Json | undefined): string | undefined {
  if (isTls(protocol)) {
    return isSet(value) ? undefined : 'server must have TLS settings for HTTPS/TLS protocols';
  }
  if (!isSet(value)) return undefined;
  if (!isHttp(protocol)) return 'server cannot have TLS settings for non HTTPS/TLS ports';
  const tls = objectAt(value);
  // httpsRedirect alone leaves the mode at PASSTHROUGH, and brings no certificate.
  const isPlain = !isSet(tls['mode']) || isPassThrough(tls);
  const files = ['caCertificates', 'privateKey', 'serverCertificate'];
  return isPlain && !files.some((file) => isFilled(tls[file]))
    ? undefined
    : 'server cannot have TLS settings for plain text HTTP ports';
}

function checkServerPort(found: Findings, value: Json | undefined, bind: string): void {
  if (!isSet(value)) {
    found.error('port is required');
    return;
  }
  const port = objectAt(value);
  const protocol = stringAt(port, 'protocol');
  const number = numberIn(port['number']);
  found.errorIf(
    !isKnownProtocol(protocol),
    `invalid protocol ${quote(protocol)}, supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`,
  );
  if (number > 0 || !isUnix(bind)) found.error(portProblem(number));
  found.errorIf(numberIn(port['targetPort']) > 0, 'targetPort has no impact on Gateways');
  found.errorIf(stringAt(port, 'name') === '', `port name must be set: ${asGoPort(port)}`);
}

function checkBind(found: Findings, port: Json | undefined, bind: string): void {
  if (bind === '') return;
  if (!isUnix(bind)) {
    found.error(addressProblem(bind));
    return;
  }
  found.error(unixProblem(bind));
  found.errorIf(
    numberIn(objectAt(port)['number']) !== 0,
    `port number must be 0 for unix domain socket: ${asGoPort(objectAt(port))}`,
  );
}

/** A port as Go prints the message: fields that are set, by their numbers. */
function asGoPort(port: JsonObject): string {
  const fields: string[] = [];
  const [number, target] = [numberIn(port['number']), numberIn(port['targetPort'])];
  if (number !== 0) fields.push(`number:${number}`);
  for (const name of ['protocol', 'name'] as const) {
    if (isFilled(port[name])) fields.push(`${name}:${quote(stringAt(port, name))}`);
  }
  if (target !== 0) fields.push(`target_port:${target}`);
  return fields.join(' ');
}
