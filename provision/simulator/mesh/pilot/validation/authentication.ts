/**
 * Who calls: peers by certificate, users by token
 * (https://istio.io/latest/docs/reference/config/security/peer_authentication/, request_authentication/).
 */
import { listAt, objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { durationProblem, portProblem } from './addresses.ts';
import { isFilled, isSet } from './fields.ts';
import type { Findings } from './findings.ts';
import { claimHeaderProblem } from './http-headers.ts';
import { checkJwks } from './jwks.ts';
import { quote } from './names.ts';
import { checkSelector, checkTargets } from './selectors.ts';
import type { Subject } from './subject.ts';
import { urlProblem, urlScheme } from './urls.ts';

/** A PeerAuthentication: its mutual TLS by port, and whom it selects. */
export function checkPeerAuthentication(found: Findings, { spec }: Subject): void {
  const { selector, portLevelMtls } = spec;
  const ports = Object.keys(objectAt(portLevelMtls));
  found.errorIf(
    ports.length > 0 && !isFilled(objectAt(selector, 'matchLabels')),
    'mesh/namespace peer authentication cannot have port level mTLS',
  );
  found.errorIf(
    isSet(portLevelMtls) && ports.length === 0,
    'port level mTLS, if defined, must have at least one element',
  );
  for (const port of ports) {
    found.errorIf(portProblem(Number(port)) !== undefined, 'port must be in range 1..65535');
  }
  checkSelector(found, selector);
}

/** A RequestAuthentication: its issuers, keys and places of tokens. */
export function checkRequestAuthentication(found: Findings, { spec }: Subject): void {
  checkTargets(found, spec);
  for (const rule of objectsAt(spec, 'jwtRules')) checkJwtRule(found, rule);
}

function checkJwtRule(found: Findings, rule: JsonObject): void {
  const [issuer, jwksUri] = [stringAt(rule, 'issuer'), stringAt(rule, 'jwksUri')];
  for (const audience of stringsAt(rule, 'audiences')) {
    found.listedErrorIf(audience === '', 'audience must be non-empty string');
  }
  found.listedErrorIf(
    issuer === '' && jwksUri === '',
    'issuer or jwksUri must be non-empty string',
  );
  if (jwksUri !== '') found.listedError(jwksUriProblem(jwksUri));
  checkJwks(found, stringAt(rule, 'jwks'));
  checkLocations(found, rule);
  for (const { claim, header } of objectsAt(rule, 'outputClaimToHeaders')) {
    found.listedError(
      stringAt(claim) === '' || stringAt(header) === ''
        ? 'outputClaimToHeaders header and claim value must be non-empty string'
        : claimHeaderProblem(stringAt(header)),
    );
  }
  found.listedError(durationProblem(rule['timeout']));
}

/** Where tokens are looked for. */
function checkLocations(found: Findings, rule: JsonObject): void {
  for (const { name } of objectsAt(rule, 'fromHeaders')) {
    found.listedErrorIf(stringAt(name) === '', 'location header name must be non-empty string');
  }
  if (listAt(rule, 'fromParams').includes('')) {
    found.listedError('location query must be non-empty string');
  }
  if (listAt(rule, 'fromCookies').includes('')) {
    found.listedError('cookie name must be non-empty string');
  }
}

function jwksUriProblem(uri: string): string | undefined {
  const problem = urlProblem(uri);
  if (problem !== undefined) return problem;
  const scheme = urlScheme(uri);
  return scheme === 'http' || scheme === 'https'
    ? undefined
    : `URI scheme ${quote(scheme)} is not supported`;
}
