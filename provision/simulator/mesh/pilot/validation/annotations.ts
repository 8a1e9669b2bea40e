import { stringAt } from '../../../kinds/json.ts';
import { quote } from './names.ts';
import type { Subject } from './subject.ts';

const DRY_RUN = 'istio.io/dry-run';
const ALWAYS_REJECT = 'internal.istio.io/webhook-always-reject';
/** What istiod notes on objects that it makes of the Gateway API. */
const INTERNAL = ['internal.istio.io/parent-namespace', 'internal.istio.io/parents'];
/** What Go's strconv.ParseBool reads. */
const BOOLEANS = new Set('1 t T TRUE true True 0 f F FALSE false False'.split(' '));

/** The annotation for which an object is refused before it is looked at. */
export function annotationProblem(
  kind: string,
  subject: Subject,
  annotations: Readonly<Record<string, string>>,
): string | undefined {
  const dryRun = annotations[DRY_RUN];
  const problem = dryRun === undefined ? undefined : dryRunProblem(kind, subject, dryRun);
  if (problem !== undefined) return problem;
  if (annotations[ALWAYS_REJECT] !== undefined) {
    return `${quote(ALWAYS_REJECT)} annotation found, rejecting`;
  }
  const internal = INTERNAL.find((name) => annotations[name] !== undefined);
  return internal === undefined
    ? undefined
    : `${quote(internal)} annotation found, this may not be set by users`;
}

function dryRunProblem(kind: string, subject: Subject, value: string): string | undefined {
  const object = `${subject.namespace}/${subject.name}`;
  if (kind !== 'AuthorizationPolicy') {
    return `${object} has unsupported annotation ${DRY_RUN}, please remove the annotation`;
  }
  const action = stringAt(subject.spec, 'action') || 'ALLOW';
  if (action !== 'ALLOW' && action !== 'DENY') {
    return `the annotation ${DRY_RUN} currently only supports action ALLOW/DENY, found action ${action} in ${object}`;
  }
  return BOOLEANS.has(value)
    ? undefined
    : `${object} has annotation ${DRY_RUN} with invalid value (${value}): strconv.ParseBool: parsing ${quote(value)}: invalid syntax`;
}
