/** Where requests and connections go: the destinations of routes, and their weights. */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import { portProblem } from './addresses.ts';
import { isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkHeaderOperations } from './http-headers.ts';
import { subsetProblem, wildcardDomainProblem } from './names.ts';

/** Nothing is said of a destination that is not there. */
export function checkDestination(found: Findings, destination: Json | undefined): void {
  if (!isSet(destination)) return;
  const { port } = objectAt(destination);
  const [host, subset] = [stringAt(destination, 'host'), stringAt(destination, 'subset')];
  found.error(host === '*' ? `invalid destination host ${host}` : wildcardDomainProblem(host));
  if (subset !== '') found.error(subsetProblem(subset));
  if (isSet(port)) found.error(portProblem(numberIn(objectAt(port)['number'])));
}

/** The weighted destinations of a route. Those of HTTP may change headers as well. */
export function checkDestinations(found: Findings, value: Json | undefined): void {
  const routes = objectsAt(value);
  let total = 0;
  for (const { destination, headers, weight } of routes) {
    found.listedErrorIf(!isSet(destination), 'destination is required');
    checkHeaderOperations(found, headers);
    checkDestination(found, destination);
    const share = numberIn(weight);
    found.errorIf(share < 0, `weight ${share} < 0`);
    total += share;
  }
  found.errorIf(routes.length > 1 && total === 0, 'total destination weight = 0');
}
