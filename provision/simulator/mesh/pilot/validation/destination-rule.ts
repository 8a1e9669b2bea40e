/** https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
import { objectsAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { checkExportTo } from './export-to.ts';
import { isSet } from './fields.ts';
import type { Findings } from './findings.ts';
import { subsetProblem, wildcardDomainProblem } from './names.ts';
import { checkLabels, checkSelector } from './selectors.ts';
import type { Subject } from './subject.ts';
import { checkTrafficPolicy } from './traffic-policy.ts';

/** A DestinationRule: its host, its policy, its subsets. */
export function checkDestinationRule(found: Findings, { spec, namespace }: Subject): void {
  found.error(wildcardDomainProblem(stringAt(spec, 'host')));
  checkTrafficPolicy(found, spec['trafficPolicy'], namespace);
  const names = new Set<string>();
  for (const subset of objectsAt(spec, 'subsets')) {
    const name = stringAt(subset, 'name');
    found.errorIf(names.has(name), `duplicate subset names: ${name}`);
    names.add(name);
    found.errorsOf((part) => checkSubset(part, subset, namespace));
  }
  checkExportTo(found, spec['exportTo'], {
    namespace,
    hasSelector: isSet(spec['workloadSelector']),
  });
  checkSelector(found, spec['workloadSelector']);
}

function checkSubset(found: Findings, subset: JsonObject, namespace: string): void {
  found.error(subsetProblem(stringAt(subset, 'name')));
  checkLabels(found, subset['labels']);
  checkTrafficPolicy(found, subset['trafficPolicy'], namespace);
}
