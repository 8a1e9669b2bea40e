import { stringsAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';
import { cut, domainProblem, isDnsLabel, quote } from './names.ts';

/** Gateways of a VirtualService or of a match: `namespace/name`, a name alone, or `mesh`. */
export function checkGatewayNames(found: Findings, value: Json | undefined): void {
  for (const text of stringsAt(value)) {
    const [namespace, name] = cut(text, '/');
    if (name === undefined) {
      const [first = '', second] = text.split('.');
      if (second !== undefined) {
        found.warning(
          `using legacy gatewayName format ${quote(text)}; prefer the <namespace>/<name> format: ${quote(`${second}/${first}`)}`,
        );
      }
      found.error(domainProblem(text));
      // istiod looks no further than the first name of this form.
      return;
    }
    found.errorIf(
      namespace === '' || name === '',
      'config namespace and gateway name cannot be empty',
    );
    found.errorIf(!isDnsLabel(namespace), `invalid value for namespace: ${quote(namespace)}`);
    found.errorIf(!isDnsLabel(name), `invalid value for gateway name: ${quote(name)}`);
  }
}
