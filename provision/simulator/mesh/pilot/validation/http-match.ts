/** Which requests a route takes (https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest). */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import { portProblem } from './addresses.ts';
import { isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { matchedHeaderProblem } from './http-headers.ts';
import { isDnsLabel, quote } from './names.ts';
import { regexProblem } from './regexes.ts';
import { checkLabels } from './selectors.ts';

/** What a route asks of a request: names of headers, and texts or regular expressions to compare with. */
export function checkHttpMatches(found: Findings, value: Json | undefined): void {
  const matches = objectsAt(value);
  for (const match of matches) {
    for (const [name, text] of Object.entries(objectAt(match, 'headers'))) {
      found.error(matchedHeaderProblem(name));
      found.error(matchProblem(text, 'headers'));
    }
    for (const [name, text] of Object.entries(objectAt(match, 'withoutHeaders'))) {
      found.error(matchedHeaderProblem(name));
      // `*` is no expression of RE2, and stands for a header that is there.
      if (objectAt(text)['regex'] !== '*') found.error(matchProblem(text, 'withoutHeaders'));
    }
    // The prefix of a path may be empty, as Envoy has it.
    found.error(regexMatchProblem(match['uri'], 'uri'));
    for (const name of ['scheme', 'method', 'authority']) {
      found.error(matchProblem(match[name], name));
    }
    for (const text of Object.values(objectAt(match, 'queryParams'))) {
      found.error(matchProblem(text, 'queryParams'));
    }
  }
  for (const { port, sourceLabels, gateways, sourceNamespace } of matches) {
    if (numberIn(port) !== 0) found.error(portProblem(numberIn(port)));
    checkLabels(found, sourceLabels);
    found.errorsOf((part) => checkGatewayNames(part, gateways));
    const namespace = stringAt(sourceNamespace);
    found.errorIf(
      namespace !== '' && !isDnsLabel(namespace),
      `sourceNamespace match ${namespace} is invalid`,
    );
  }
}

function matchProblem(match: Json | undefined, where: string): string | undefined {
  return objectAt(match)['prefix'] === ''
    ? `${quote(where)}: prefix string match should not be empty`
    : regexMatchProblem(match, where);
}

/** What is wrong with the expression of a match, if it has one. */
export function regexMatchProblem(match: Json | undefined, where: string): string | undefined {
  const { regex } = objectAt(match);
  if (!isSet(regex)) return undefined;
  return regex === ''
    ? `${quote(where)}: regex string match should not be empty`
    : regexProblem(stringAt(regex), where);
}
