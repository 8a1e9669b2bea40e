/** Who sees an object: its namespace (`.`), named ones, all (`*`) or, for a ServiceEntry, nobody (`~`). */
import { stringsAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';
import { isDnsLabel } from './names.ts';

interface Exporter {
  readonly namespace: string;
  /** A ServiceEntry alone may be for nobody. */
  readonly mayBeForNobody?: boolean;
  /** A DestinationRule for chosen workloads does not reach beyond its namespace. */
  readonly hasSelector?: boolean;
}

/** To which namespaces an object is shown: `.`, `*`, `~` or names, none twice. */
export function checkExportTo(found: Findings, value: Json | undefined, exporter: Exporter): void {
  const { namespace, mayBeForNobody = false, hasSelector = false } = exporter;
  const entries = stringsAt(value);
  const known = new Set<string>();
  for (const entry of entries) {
    const name = entry === '.' ? namespace : entry;
    if (known.has(name)) {
      found.error(
        name === entry
          ? `duplicate entries in exportTo for entry ${entry}`
          : `duplicate entries in exportTo: . and current namespace ${namespace}`,
      );
      continue;
    }
    const problem = mayBeForNobody && entry === '~' ? undefined : visibilityProblem(name);
    if (problem === undefined) known.add(name);
    else found.error(problem);
  }
  if (hasSelector && known.size > 0) {
    if (!known.has(namespace)) {
      found.error(
        'destination rule with workload selector cannot have exportTo beyond current namespace',
      );
    } else if (known.size > 1) {
      found.error(
        'destination rule with workload selector cannot have multiple entries in exportTo',
      );
    }
  }
  if (entries.length < 2) return;
  found.errorIf(
    known.has('*'),
    'cannot have both public (*) and non-public exportTo values for a resource',
  );
  found.errorIf(known.has('~'), 'cannot export service entry to no one (~) and someone');
}

function visibilityProblem(name: string): string | undefined {
  if (name === '*') return undefined;
  if (name === '~') return 'exportTo ~ (none) is not allowed for Istio configuration objects';
  return isDnsLabel(name)
    ? undefined
    : 'only .,*, or a valid DNS 1123 label is allowed as exportTo entry';
}
