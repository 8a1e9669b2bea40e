/** TLS towards a service (https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings). */
import { objectAt, stringAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import { isFilled, isSet } from './fields.ts';
import type { Findings } from './findings.ts';
import { quote } from './names.ts';

const CONFIG_MAP_PREFIX = 'configmap://';

/** @param namespace that of the rule, where a ConfigMap has to be */
export function checkClientTls(found: Findings, settings: Json | undefined, namespace: string) {
  if (!isSet(settings)) return;
  const tls = objectAt(settings);
  const credential = stringAt(tls, 'credentialName');
  const mode = stringAt(tls, 'mode') || 'DISABLE';
  found.error(configMapProblem(credential, namespace));
  const hasAuthority = isFilled(tls['caCertificates']) || isFilled(tls['subjectAltNames']);
  if (tls['insecureSkipVerify'] === true) {
    found.errorIf(
      mode === 'SIMPLE' && (hasAuthority || credential !== ''),
      'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
    );
    found.errorIf(
      mode === 'MUTUAL' && hasAuthority,
      'cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true',
    );
  }
  const files = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'];
  if (credential !== '' && (mode === 'SIMPLE' || mode === 'MUTUAL')) {
    found.errorIf(
      files.some((name) => isFilled(tls[name])),
      'cannot specify client certificates or CA certificate or CA CRL If credentialName is set',
    );
    return;
  }
  if (mode !== 'MUTUAL') return;
  found.errorIf(!isFilled(tls['clientCertificate']), 'client certificate required for mutual tls');
  found.errorIf(!isFilled(tls['privateKey']), 'private key required for mutual tls');
}

function configMapProblem(credential: string, namespace: string): string | undefined {
  if (!credential.startsWith(CONFIG_MAP_PREFIX)) return undefined;
  const [place = '', name] = credential.slice(CONFIG_MAP_PREFIX.length).split('/');
  const missing =
    name === undefined ? 'namespace and name' : place === '' ? 'namespace' : name === '' && 'name';
  if (missing !== false) {
    return `invalid configmap:// credentialName: invalid resource name ${quote(credential)}. Expected ${missing}`;
  }
  return place === namespace
    ? undefined
    : `invalid configmap:// credentialName: namespace must match the configuration namespace ${quote(namespace)}`;
}
