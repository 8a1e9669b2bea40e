/** One route of HTTP (https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute). */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { durationProblem } from './addresses.ts';
import { checkDestination, checkDestinations } from './destination.ts';
import { isFilled, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { authorityProblem, checkHeaderOperations } from './http-headers.ts';
import { checkHttpMatches } from './http-match.ts';
import {
  checkCors,
  checkDirectResponse,
  checkFault,
  checkRetries,
  redirectProblem,
  rewriteProblem,
} from './http-policies.ts';

/** @param isDelegate whether another VirtualService hands its requests over to this one */
export function checkHttpRoute(found: Findings, route: JsonObject, isDelegate: boolean): void {
  checkConflicts(found, route, isDelegate);
  checkHttpMatches(found, route['match']);
  checkHeaderOperations(found, route['headers']);
  checkCors(found, route['corsPolicy']);
  checkFault(found, route['fault']);
  checkMirrors(found, route);
  found.error(redirectProblem(route['redirect']));
  checkDirectResponse(found, route['directResponse']);
  checkRetries(found, route['retries']);
  found.error(rewriteProblem(route['rewrite']));
  found.error(authorityProblem(route['rewrite'], route['headers']));
  checkDestinations(found, route['route']);
  found.error(durationProblem(route['timeout']));
}

function checkConflicts(found: Findings, route: JsonObject, isDelegate: boolean): void {
  if (!isDelegate && isSet(route['delegate'])) {
    const name = stringAt(route, 'name');
    found.errorIf(isSet(route['redirect']), `root HTTP route ${name} must not specify redirect`);
    found.errorIf(isFilled(route['route']), `root HTTP route ${name} must not specify route`);
    return;
  }
  found.errorIf(
    isDelegate && isSet(route['delegate']),
    'delegate HTTP route cannot contain delegate',
  );
  const { redirect, directResponse, fault, rewrite, mirror, mirrors } = route;
  const answer = isSet(redirect) ? 'redirect' : isSet(directResponse) ? 'direct_response' : '';
  if (answer !== '') {
    found.errorIf(isFilled(route['route']), `HTTP route cannot contain both route and ${answer}`);
    found.errorIf(isSet(fault), `HTTP route cannot contain both fault and ${answer}`);
    found.errorIf(isSet(rewrite), `HTTP route rule cannot contain both rewrite and ${answer}`);
    found.errorIf(
      answer === 'redirect' && isSet(directResponse),
      'HTTP route rule cannot contain both direct_response and redirect',
    );
  } else {
    found.errorIf(!isFilled(route['route']), 'HTTP route, redirect or direct_response is required');
  }
  found.errorIf(
    isSet(mirror) && isFilled(mirrors),
    'HTTP route cannot contain both mirror and mirrors',
  );
}

function checkMirrors(found: Findings, route: JsonObject): void {
  const { mirrorPercent, mirrorPercentage, mirror, mirrors } = route;
  if (isSet(mirrorPercent)) {
    const share = numberIn(mirrorPercent);
    found.errorIf(share > 100, `mirror_percent must have a max value of 100 (it has ${share})`);
    found.warning('using deprecated setting "mirrorPercent", use "mirrorPercentage" instead');
  }
  checkShare(found, mirrorPercentage, 'mirror_percentage');
  checkDestination(found, mirror);
  for (const { destination, percentage } of objectsAt(mirrors)) {
    if (!isSet(destination)) {
      found.error('destination is required for mirrors');
      continue;
    }
    checkDestination(found, destination);
    checkShare(found, percentage, 'mirror percentage');
  }
}

function checkShare(found: Findings, percentage: Json | undefined, words: string): void {
  const share = numberIn(objectAt(percentage)['value']);
  const seen = `(it has ${share.toFixed(6)})`;
  found.errorIf(share > 100, `${words} must have a max value of 100 ${seen}`);
  found.errorIf(share < 0, `${words} must have a min value of 0 ${seen}`);
}
