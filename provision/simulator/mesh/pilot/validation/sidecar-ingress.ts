/** https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener */
import { objectAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { addressProblem, isUnix, portProblem, unixProblem } from './addresses.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { portNameProblem, quote } from './names.ts';
import { isHttp, isTls, protocolProblem } from './protocols.ts';
import { checkServerTls } from './server-tls.ts';
import { checkConnectionPool } from './traffic-policy.ts';

const OWN_ADDRESSES = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::']);

/** Listeners for what comes in: ports, and the addresses that they hand on to. */
export function checkIngress(found: Findings, listeners: readonly JsonObject[]): void {
  const numbers = new Set<number>();
  for (const listener of listeners) {
    if (!isSet(listener['port'])) {
      found.error('sidecar: port is required for ingress listeners');
      continue;
    }
    const port = objectAt(listener, 'port');
    const number = numberIn(port['number']);
    checkPort(found, port, stringAt(listener, 'bind'));
    found.errorIf(numbers.has(number), 'sidecar: ports on IP bound listeners must be unique');
    numbers.add(number);
    checkDefaultEndpoint(found, stringAt(listener, 'defaultEndpoint'));
    checkIngressTls(found, listener['tls'], stringAt(port, 'protocol'));
    checkConnectionPool(found, listener['connectionPool']);
    const protocol = stringAt(port, 'protocol');
    found.warningIf(
      isSet(objectAt(listener, 'connectionPool')['http']) && !isHttp(protocol),
      `sidecar: HTTP connection pool settings are configured for port ${number} (${quote(stringAt(port, 'name'))}) but its protocol is not HTTP (${protocol}); only TCP settings will apply`,
    );
  }
}

function checkPort(found: Findings, port: JsonObject, bind: string): void {
  const name = stringAt(port, 'name');
  found.errorIf(numberIn(port['targetPort']) > 0, 'targetPort has no impact on Sidecars');
  if (name !== '') found.error(portNameProblem(name));
  found.error(protocolProblem(stringAt(port, 'protocol')));
  found.error(portProblem(numberIn(port['number'])));
  if (bind !== '') found.error(addressProblem(bind));
}

function checkDefaultEndpoint(found: Findings, endpoint: string): void {
  if (endpoint === '') return;
  if (isUnix(endpoint)) {
    found.error(unixProblem(endpoint));
    return;
  }
  const { host, port, problem } = splitHostPort(endpoint);
  found.error(problem);
  found.errorIf(
    !OWN_ADDRESSES.has(host),
    'sidecar: defaultEndpoint must be of form 127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset',
  );
  if (/^[+-]?\d+$/.test(port)) found.error(portProblem(Number(port)));
  else {
    found.error(
      `sidecar: defaultEndpoint port (${port}) is not a number: strconv.Atoi: parsing ${quote(port)}: invalid syntax`,
    );
  }
}

/** Host and port as Go's net.SplitHostPort gives them, both empty when it cannot. */
function splitHostPort(text: string) {
  const [, address, host, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
  if (port !== undefined) return { host: address ?? host ?? '', port };
  const isBare = text.includes(':') && !text.startsWith('[');
  const problem = `address ${text}: ${isBare ? 'too many colons in address' : 'missing port in address'}`;
  return { host: '', port: '', problem };
}

/** What a Sidecar does not do, by field. */
const REFUSED: readonly (readonly [field: string, message: string])[] = [
  ['subjectAltNames', 'sidecar: subjectAltNames is not supported in ingress tls'],
  ['httpsRedirect', 'sidecar: httpsRedirect is not supported'],
  ['credentialName', 'sidecar: credentialName is not currently supported'],
  ['credentialNames', 'sidecar: credentialNames is not currently supported'],
  ['tlsCertificates', 'sidecar: tls_certificates is not currently supported'],
];

function checkIngressTls(found: Findings, value: Json | undefined, protocol: string): void {
  if (!isSet(value)) return;
  const tls = objectAt(value);
  for (const [field, message] of REFUSED) {
    found.errorIf(isFilled(tls[field]) || tls[field] === true, message);
  }
  const mode = stringAt(tls, 'mode');
  found.errorIf(
    mode === 'ISTIO_MUTUAL' || mode === 'AUTO_PASSTHROUGH',
    `configuration is invalid: cannot set mode to ${mode} in sidecar ingress tls`,
  );
  found.errorIf(!isTls(protocol), 'server cannot have TLS settings for non HTTPS/TLS ports');
  checkServerTls(found, tls);
}
