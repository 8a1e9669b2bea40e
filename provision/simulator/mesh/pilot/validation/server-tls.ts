/** TLS of a server of a Gateway or Sidecar (https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings). */
import { objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { isFilled, isSet } from './fields.ts';
import type { Findings } from './findings.ts';

const CIPHER_SUITES = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);
/** What ISTIO_MUTUAL brings itself, in istiod's words. */
const BROUGHT: Readonly<Record<string, string>> = {
  serverCertificate: 'server certificate',
  privateKey: 'private key',
  caCertificates: 'CA bundle',
  tlsCertificates: 'tlsCertificates',
  credentialName: 'credentialName',
  credentialNames: 'credentialNames',
};

/** Whether the proxy passes TLS on without ending it. */
export function isPassThrough(tls: JsonObject): boolean {
  return tls['mode'] === 'PASSTHROUGH' || tls['mode'] === 'AUTO_PASSTHROUGH';
}

/** The TLS of a Gateway's server: the certificates that its mode needs, from one source. */
export function checkServerTls(found: Findings, settings: Json | undefined): void {
  if (!isSet(settings)) return;
  const tls = objectAt(settings);
  const mode = stringAt(tls, 'mode') || 'PASSTHROUGH';
  warnOfCiphers(found, tls);
  if (mode === 'ISTIO_MUTUAL') {
    for (const [field, words] of Object.entries(BROUGHT)) {
      found.errorIf(isFilled(tls[field]), `ISTIO_MUTUAL TLS cannot have associated ${words}`);
    }
    return;
  }
  if (mode.endsWith('PASSTHROUGH')) {
    found.warningIf(
      [...Object.keys(BROUGHT), 'caCrl'].some((field) => isFilled(tls[field])),
      `${mode} mode does not use certificates, they will be ignored`,
    );
  }
  const sources = [
    isFilled(tls['serverCertificate']) && isFilled(tls['privateKey']),
    isFilled(tls['credentialName']),
    isFilled(tls['credentialNames']),
    isFilled(tls['tlsCertificates']),
  ].filter(Boolean);
  found.errorIf(
    sources.length > 1,
    'only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified',
  );
  checkCertificates(found, tls, mode);
}

function checkCertificates(found: Findings, tls: JsonObject, mode: string): void {
  const isMutual = mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  const hasCredential = isFilled(tls['credentialName']) || isFilled(tls['credentialNames']);
  if (isMutual || mode === 'SIMPLE') {
    if (hasCredential) return;
    const words = isMutual ? 'MUTUAL TLS' : 'SIMPLE TLS';
    const listed = objectsAt(tls, 'tlsCertificates');
    found.errorIf(
      isMutual && !isFilled(tls['caCertificates']),
      `${words} requires a client CA bundle`,
    );
    found.warningIf(listed.length > 2, `${words} can support up to 2 server certificates`);
    for (const certificate of listed.length > 0 ? listed : [tls]) {
      found.errorIf(
        !isFilled(certificate['serverCertificate']),
        `${words} requires a server certificate`,
      );
      found.errorIf(!isFilled(certificate['privateKey']), `${words} requires a private key`);
    }
  }
  if (!isFilled(tls['caCrl'])) return;
  found.errorIf(
    isFilled(tls['credentialName']),
    'CRL is not supported with credentialName. CRL has to be specified in the credential',
  );
  found.errorIf(mode === 'SIMPLE', 'CRL is not supported with SIMPLE TLS');
}

function warnOfCiphers(found: Findings, tls: JsonObject): void {
  const suites = stringsAt(tls, 'cipherSuites');
  const version = tls['minProtocolVersion'];
  found.warningIf(
    (version === 'TLSV1_0' || version === 'TLSV1_1') && suites.length === 0,
    'TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.',
  );
  const known = new Set<string>();
  const [invalid, double] = [new Set<string>(), new Set<string>()];
  for (const suite of suites) {
    if (!isCipher(suite)) invalid.add(suite);
    else if (known.has(suite)) double.add(suite);
    else known.add(suite);
  }
  for (const [word, names] of [
    ['invalid', invalid],
    ['duplicate', double],
  ] as const) {
    const sorted = [...names].toSorted();
    found.warningIf(sorted.length > 0, `ignoring ${word} cipher suites: [${sorted.join(' ')}]`);
  }
}

/** Expressions of suites (`-AES`, `[a|b]`) are taken as they are. */
function isCipher(suite: string): boolean {
  return (
    suite === '' || suite === 'ALL' || !/^[\p{N}\p{L}]/u.test(suite) || CIPHER_SUITES.has(suite)
  );
}
