/**
 * Names and values of headers that routes match, set, add and remove
 * (https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers).
 */
import { objectAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import { textEntriesIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { headerFormatProblem } from './header-format.ts';
import { hasControlCharacter, quote } from './names.ts';

const NAME = /^[-!#$%&'*+.^_`|~A-Za-z0-9]+$/;
const STRICT_NAME = /^[-_A-Za-z0-9]+$/;
const PROBE_NAME = /^[-A-Za-z0-9]+$/;
const PSEUDO_HEADERS = new Set([':method', ':scheme', ':authority', ':path', ':status']);
const CLAIM_PREFIX = '@request.auth.claims';

/** Whether a header's name stands for a claim of a token, by which gateways route. */
export function isClaim(name: string): boolean {
  if (!name.toLowerCase().startsWith(CLAIM_PREFIX)) return false;
  const path = name.slice(CLAIM_PREFIX.length);
  return (path.startsWith('.') && path.length > 1) || /^\[.+\]$/s.test(path);
}

/** A header that a route matches. */
export function matchedHeaderProblem(name: string): string | undefined {
  return isClaim(name) || PSEUDO_HEADERS.has(name) ? undefined : nameProblem(name, NAME);
}

/** A header that a CORS policy names. */
export function corsHeaderProblem(name: string): string | undefined {
  return name === '*' ? undefined : nameProblem(name, NAME);
}

/** A header that gets the claim of a token. */
export function claimHeaderProblem(name: string): string | undefined {
  return nameProblem(name, STRICT_NAME);
}

/** A header of a readiness probe. */
export function probeHeaderProblem(name: string): string | undefined {
  return nameProblem(name, PROBE_NAME);
}

function nameProblem(name: string, allowed: RegExp): string | undefined {
  if (name === '') return 'header name cannot be empty';
  return allowed.test(name) ? undefined : `header name ${name} is not a valid header name`;
}

function isAuthority(name: string): boolean {
  return [':authority', 'host'].includes(name.toLowerCase());
}

/** What a route, or one of its destinations, does to headers. */
export function checkHeaderOperations(found: Findings, headers: Json | undefined): void {
  const request = objectAt(headers, 'request');
  const response = objectAt(headers, 'response');
  for (const [name, value] of [
    ...textEntriesIn(request['add']),
    ...textEntriesIn(request['set']),
  ]) {
    // A request may be given another authority, in the two ways to write it.
    found.error(isAuthority(name) ? undefined : operationProblem(name));
    found.error(valueProblem(value));
  }
  for (const name of stringsAt(request, 'remove')) found.error(operationProblem(name));
  for (const [name, value] of [
    ...textEntriesIn(response['add']),
    ...textEntriesIn(response['set']),
  ]) {
    found.error(operationProblem(name));
    found.error(valueProblem(value));
  }
  for (const name of stringsAt(response, 'remove')) found.error(operationProblem(name));
}

/** Who sets the authority more than once: a rewrite, and each header that stands for it. */
export function authorityProblem(rewrite: Json | undefined, headers: Json | undefined) {
  const request = objectAt(headers, 'request');
  let current = stringAt(rewrite, 'authority');
  for (const [name, value] of [
    ...textEntriesIn(request['set']),
    ...textEntriesIn(request['add']),
  ]) {
    if (!isAuthority(name)) continue;
    if (current !== '') {
      return `authority header cannot be set multiple times: have ${quote(current)}, attempting to set ${quote(value)}`;
    }
    current = value;
  }
  return undefined;
}

function operationProblem(name: string): string | undefined {
  if (name === '') return 'header name cannot be empty';
  if (name.toLowerCase() === 'host') return `invalid header ${quote(name)}: cannot set Host header`;
  return name.startsWith(':')
    ? `invalid header ${quote(name)}: header cannot have ":" prefix`
    : undefined;
}

function valueProblem(value: string): string | undefined {
  if (hasControlCharacter(value.replaceAll('\t', '')))
    return `header value configuration ${value} is invalid`;
  const problem = headerFormatProblem(value);
  return problem === undefined ? undefined : `header value configuration: ${problem}`;
}
