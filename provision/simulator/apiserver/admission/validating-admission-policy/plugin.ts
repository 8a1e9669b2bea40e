import { ApiError } from '../../../client/api-error.ts';
import { compilePolicy } from '../../../kinds/admission-policies/index.ts';
import type { KubeObject } from '../../../kinds/object.ts';
import { forbidden } from '../../errors.ts';
import { at, objectAt, stringAt, stringsAt } from '../../objects/json.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { requestVariables } from '../expressions.ts';
import { denialsOf, type Denial } from './decisions.ts';
import { matchedAs } from './match.ts';
import { collectParams, type ParamSource } from './params.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `${GROUP}/validatingadmissionpolicies`;
const BINDINGS = `${GROUP}/validatingadmissionpolicybindings`;

/** Asks the ValidatingAdmissionPolicies that are bound (Kubernetes documentation, "Validating Admission Policy"). */
export function validatingAdmissionPolicies(source: ParamSource): AdmissionPlugin {
  return {
    validate(request) {
      // Policies are not asked about policies, so that a wrong one can be mended.
      if (request.kind.group === GROUP) return;
      const policies = source.store.list(POLICIES).items;
      if (policies.length === 0) return;
      const bindings = source.store.list(BINDINGS).items;
      const denied = policies.flatMap((policy) =>
        askPolicy(source, policy, bindings.filter(isOf(policy)), request),
      );
      const [first] = denied;
      if (first !== undefined) throw refusal(request, first);
    },
  };
}

function isOf({ metadata }: KubeObject): (binding: KubeObject) => boolean {
  return (binding) => stringAt(binding, 'spec', 'policyName') === metadata.name;
}

function askPolicy(
  source: ParamSource,
  policy: KubeObject,
  bindings: readonly KubeObject[],
  request: AdmissionRequest,
): readonly Denial[] {
  if (bindings.length === 0) return [];
  const spec = objectAt(policy, 'spec');
  const { store } = source;
  const kinds = source.kinds();
  const matched = matchedAs(objectAt(spec, 'matchConstraints'), request, store, kinds);
  if (!matched) return [];
  const variables = requestVariables(request, store, matched);
  const isStrict = at(spec, 'failurePolicy') !== 'Ignore';
  return bindings.flatMap((binding) => {
    if (!matchedAs(at(binding, 'spec', 'matchResources'), request, store, kinds)) return [];
    const name = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
    const denies = (denial: Denial) => ({
      ...denial,
      message: `${name} denied request: ${denial.message}`,
    });
    const reference = at(binding, 'spec', 'paramRef');
    const found = collectParams(source, spec['paramKind'], reference, request.namespace);
    if (found.type === 'problem') {
      const message = `failed to configure binding: ${found.problem}`;
      return isStrict ? [denies({ message, reason: 'Invalid' })] : [];
    }
    const compiled = compilePolicy(spec);
    const denials = found.params.flatMap((one) => denialsOf(compiled, variables, one, isStrict));
    const actions = stringsAt(binding, 'spec', 'validationActions');
    if (actions.includes('Warn')) {
      for (const { message } of denials) {
        request.call.warnings.push(`Validation failed for ${name}: ${message}`);
      }
    }
    return actions.includes('Deny') ? denials.map(denies) : [];
  });
}

const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

function refusal({ kind, name }: AdmissionRequest, { message, reason }: Denial): ApiError {
  const plain = forbidden(kind, name, message);
  return new ApiError(CODES[reason] ?? 422, reason, plain.message, {
    ...plain.details,
    causes: [{ message }],
  });
}
