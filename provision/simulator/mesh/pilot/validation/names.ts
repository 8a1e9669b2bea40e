/** Names of hosts, as pkg/config/host and pkg/config/labels of Istio read them. Each check gives Istio's words, or nothing. */
import { isIP } from 'node:net';

import type { Findings } from './findings.ts';

const LABEL_LIMIT_CHARACTERS = 63;
const DOMAIN_LIMIT_CHARACTERS = 255;
const LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const WILDCARD_LABEL = /^(\*|(\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
/** What Go's strconv.Atoi reads as a number. */
const INTEGER = /^[+-]?\d{1,18}$/;
const GENERATED_FORMAT = 'outbound_.<PORT>_._.<HOSTNAME>';

/** One label of a domain (RFC 1123). */
export function isDnsLabel(text: string): boolean {
  return text.length <= LABEL_LIMIT_CHARACTERS && LABEL.test(text);
}

/** What is wrong with a domain without wildcards. */
export function domainProblem(domain: string): string | undefined {
  return lengthProblem(domain) ?? labelsProblem(domain);
}

/** A domain whose first label may be or begin with `*`. */
export function wildcardDomainProblem(domain: string): string | undefined {
  const wrongLength = lengthProblem(domain);
  if (wrongLength !== undefined) return wrongLength;
  const [first, rest] = cut(domain, '.');
  if (first.length > LABEL_LIMIT_CHARACTERS || !WILDCARD_LABEL.test(first)) {
    return `domain name ${quote(domain)} invalid (label ${quote(first)} invalid)`;
  }
  return rest === undefined ? undefined : labelsProblem(rest);
}

/** Gateways also take the names that AUTO_PASSTHROUGH makes for clusters, as hosts of SNI. */
export function gatewayDomainProblem(domain: string, isSni: boolean): string | undefined {
  const wrongLength = lengthProblem(domain);
  if (wrongLength !== undefined) return wrongLength;
  if (!isSni || !domain.startsWith('outbound_')) return wildcardDomainProblem(domain);
  const parts = domain.split('_');
  if (parts.length < 4) {
    return `domain name ${domain} invalid, should follow '${GENERATED_FORMAT}' format`;
  }
  const [, port = '', , host = ''] = parts.map((part) => part.replaceAll(/^\.+|\.+$/g, ''));
  const wrong = /\d/.test(port) ? (/[a-zA-Z]/.test(host) ? undefined : host) : port;
  return wrong === undefined
    ? undefined
    : `domain name ${quote(domain)} invalid (label ${quote(wrong)} invalid). should follow ${GENERATED_FORMAT} format`;
}

/** A `*` may be a whole host or its first label. */
export function partialWildcardProblem(host: string): string | undefined {
  return host.includes('*') && host.length !== 1 && !host.startsWith('*.')
    ? `partial wildcard ${quote(host)} not allowed`
    : undefined;
}

/** `namespace/host` of a Sidecar's egress or of a Gateway, where the namespace may be left out. */
export function checkNamespacedHost(found: Findings, text: string, isGateway: boolean): void {
  const [namespace, host] = cut(text, '/');
  if (host === undefined) {
    if (isGateway) checkLongHost(found, text, true);
    else found.error('host must be of form namespace/dnsName');
    return;
  }
  found.errorIf(
    namespace === '' || host === '',
    'config namespace and dnsName in host entry cannot be empty',
  );
  const words = isGateway ? ['*', '.'] : ['*', '.', '~'];
  found.errorIf(
    !words.includes(namespace) && !isDnsLabel(namespace),
    `invalid namespace value ${quote(namespace)} in ${isGateway ? 'gateway' : 'sidecar'}`,
  );
  checkLongHost(found, host, isGateway);
}

function checkLongHost(found: Findings, host: string, isGateway: boolean): void {
  found.errorIf(host !== '*' && !host.includes('.'), 'short names (non FQDN) are not allowed');
  const problem = wildcardDomainProblem(host);
  if (problem !== undefined) {
    // istiod says it twice of a Sidecar's host that is no address either.
    if (!isGateway) found.error(problem);
    if (isIP(host) === 0) found.error(problem);
  }
  found.error(partialWildcardProblem(host));
}

function lengthProblem(domain: string): string | undefined {
  if (domain === '') return 'empty domain name not allowed';
  return domain.length > DOMAIN_LIMIT_CHARACTERS
    ? `domain name ${quote(domain)} too long (max ${DOMAIN_LIMIT_CHARACTERS})`
    : undefined;
}

function labelsProblem(domain: string): string | undefined {
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  if (INTEGER.test(top)) {
    return `domain name ${quote(domain)} invalid (top level domain ${quote(top)} cannot be all-numeric)`;
  }
  // The last label may be empty, for names that end with a dot.
  const wrong = (top === '' ? labels.slice(0, -1) : labels).find((label) => !isDnsLabel(label));
  return wrong === undefined
    ? undefined
    : `domain name ${quote(domain)} invalid (label ${quote(wrong)} invalid)`;
}

/** The text before the first separator and the one after it, if there is a separator. */
export function cut(text: string, separator: string): readonly [string, string | undefined] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, undefined] : [text.slice(0, place), text.slice(place + 1)];
}

/** A text as Go's `%q` writes it. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** What is wrong with the name of a subset. */
export function subsetProblem(name: string): string | undefined {
  if (name === '') return 'subset name cannot be empty';
  return isDnsLabel(name) ? undefined : `subset name is invalid: ${name}`;
}

/** What is wrong with the name of a port. */
export function portNameProblem(name: string): string | undefined {
  return isDnsLabel(name) ? undefined : `invalid port name: ${name}`;
}

/** Characters below the blank, and the one that deletes. */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text.replaceAll(/[\u{80}-\u{9F}]/gu, ''));
}
