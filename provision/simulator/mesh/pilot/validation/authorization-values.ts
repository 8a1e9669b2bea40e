/** Values in rules and conditions (https://istio.io/latest/docs/reference/config/security/conditions/). */
import { isAddress, prefixProblem } from './addresses.ts';
import { Findings } from './findings.ts';
import { cut, quote } from './names.ts';

const SERVICE_ACCOUNTS_LIMIT = 16;
const SERVICE_ACCOUNT_LIMIT_BYTES = 320;
const PORT_END = 65_536;
const ONE_SEGMENT = '{*}';
const ANY_SEGMENTS = '{**}';
/** What a segment of a path may consist of, after RFC 3986 (pchar). */
const SEGMENT = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/;

/** No value of a list may be empty. */
export function emptyValueProblem(name: string, values: readonly string[]): string | undefined {
  return values.includes('') ? `empty value not allowed, found in ${name}` : undefined;
}

/** Addresses and ranges of them. */
export function checkIpBlocks(found: Findings, blocks: readonly string[]): void {
  for (const block of blocks) {
    if (block.includes('/')) {
      const problem = prefixProblem(block);
      if (problem !== undefined) found.listedError(`bad CIDR range (${block}): ${problem}`);
    } else {
      found.listedErrorIf(!isAddress(block), `bad IP address (${block})`);
    }
  }
}

/** Numbers of ports, written as text. */
export function checkPorts(found: Findings, ports: readonly string[]): void {
  for (const port of ports) {
    if (!/^\d+$/.test(port)) {
      found.listedError(
        `bad port (${port}): strconv.ParseUint: parsing ${quote(port)}: invalid syntax`,
      );
    } else if (Number(port) >= 2 ** 32) {
      found.listedError(
        `bad port (${port}): strconv.ParseUint: parsing ${quote(port)}: value out of range`,
      );
    } else {
      // Go prints the error that there is none of.
      found.listedErrorIf(Number(port) >= PORT_END, `bad port (${port}): <nil>`);
    }
  }
}

function wildcardProblem(name: string, values: readonly string[]): string | undefined {
  const empty = emptyValueProblem(name, values);
  if (empty !== undefined) return empty;
  for (const value of values) {
    const count = value.split('*').length - 1;
    if (count > 1) return `at most one wildcard is allowed, found in ${name}: ${quote(value)}`;
    if (count === 1 && !value.startsWith('*') && !value.endsWith('*')) {
      return `wildcard is only allowed at the start or end, found in ${name}: ${quote(value)}`;
    }
  }
  return undefined;
}

/** Names of trust domains, in which `*` may stand at one end. */
export function trustDomainProblem(name: string, values: readonly string[]): string | undefined {
  const problem = wildcardProblem(name, values);
  const wrong = values.find((value) => value.includes('/'));
  if (problem !== undefined || wrong === undefined) return problem;
  return `trust domain must not contain '/', found in ${name}: ${quote(wrong)}`;
}

/** Service accounts as `name` or `namespace/name`, so many at most. */
export function serviceAccountProblem(name: string, values: readonly string[]) {
  if (values.length > SERVICE_ACCOUNTS_LIMIT) {
    return `may not have more than ${SERVICE_ACCOUNTS_LIMIT} values`;
  }
  return values
    .map((value) => oneServiceAccountProblem(name, value))
    .find((problem) => problem !== undefined);
}

function oneServiceAccountProblem(name: string, value: string): string | undefined {
  const format = `expected format 'serviceAccount' or 'namespace/serviceAccount', found`;
  if (value === '') return `empty value not allowed, found in ${name}`;
  if (value.includes('*')) return `wildcard not allowed, found in ${name}`;
  if (value.split('/').length > 2) return `${format} ${quote(value)} in ${name}`;
  if (Buffer.byteLength(value) > SERVICE_ACCOUNT_LIMIT_BYTES) {
    return `value cannot exceed ${SERVICE_ACCOUNT_LIMIT_BYTES} characters, found ${quote(value)} in ${name}`;
  }
  const [namespace, account] = cut(value, '/');
  if (account === undefined) return undefined;
  if (namespace === '') return `${format} empty namespace ${quote(value)} in ${name}`;
  return account === '' ? `${format} empty serviceAccount ${quote(value)} in ${name}` : undefined;
}

/** Paths with `{*}` for a segment and `{**}` for the rest. */
export function pathTemplateProblem(name: string, paths: readonly string[]): string | undefined {
  return paths.map((path) => onePathProblem(name, path)).find((problem) => problem !== undefined);
}

function onePathProblem(name: string, path: string): string | undefined {
  const isTemplate = path.includes(ONE_SEGMENT) || path.includes(ANY_SEGMENTS);
  const trimmed = withoutSlashesAround(path);
  const invalid = `invalid or unsupported path ${trimmed}, found in ${name}.`;
  let hasRest = false;
  for (const segment of trimmed.split('/')) {
    if (segment === ONE_SEGMENT || segment === ANY_SEGMENTS) {
      if (hasRest) return `${invalid} {**} is not the last operator`;
      hasRest = segment === ANY_SEGMENTS;
    } else if (/[{}]/.test(segment)) {
      return `${invalid} Contains '{' or '}' beyond a supported path template`;
    } else if (isTemplate && !SEGMENT.test(segment)) {
      return `${invalid} Contains segment ${segment} with invalid string literal`;
    }
  }
  return undefined;
}

// An expression that looks for the slashes at the end would try each run of them before.
function withoutSlashesAround(path: string): string {
  let [start, end] = [0, path.length];
  while (start < end && path.charAt(start) === '/') start++;
  while (end > start && path.charAt(end - 1) === '/') end--;
  return path.slice(start, end);
}

type Attribute = (key: string, values: readonly string[]) => string | undefined;

const AS_IT_IS: Attribute = () => undefined;
const ADDRESSES: Attribute = (_, values) => listedText((found) => checkIpBlocks(found, values));
const PORTS: Attribute = (_, values) => listedText((found) => checkPorts(found, values));
const DEPRECATED: Attribute = (key) => `deprecated attribute ${key}: only supported in v1alpha1`;

/** Attributes that conditions name whole. */
const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  'source.ip': ADDRESSES,
  'remote.ip': ADDRESSES,
  'source.namespace': AS_IT_IS,
  'source.serviceAccount': serviceAccountProblem,
  'source.principal': AS_IT_IS,
  'source.trustDomain': wildcardProblem,
  'request.auth.principal': AS_IT_IS,
  'request.auth.audiences': AS_IT_IS,
  'request.auth.presenter': AS_IT_IS,
  'destination.ip': ADDRESSES,
  'destination.port': PORTS,
  'connection.sni': AS_IT_IS,
  'destination.namespace': (key) => `attribute ${key} is replaced by the metadata.namespace`,
  'destination.name': DEPRECATED,
  'destination.user': DEPRECATED,
};

/** Attributes with a part in brackets. */
const MAPS = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

/** What is wrong with the key of a condition, or its values. */
export function attributeProblem(key: string, values: readonly string[]): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  if (MAPS.some((prefix) => key.startsWith(prefix))) {
    return /^[^[]+\[.+\]$/s.test(key) ? undefined : `bad key (${key}): should have format a[b]`;
  }
  if (key.startsWith('destination.labels')) {
    return `attribute ${key} is replaced by the workload selector`;
  }
  const check = Object.hasOwn(ATTRIBUTES, key) ? ATTRIBUTES[key] : undefined;
  return check === undefined ? `unknown attribute: ${key}` : check(key, values);
}

function listedText(check: (found: Findings) => void): string | undefined {
  const found = new Findings();
  check(found);
  return found.errors.length === 0 ? undefined : found.text;
}
