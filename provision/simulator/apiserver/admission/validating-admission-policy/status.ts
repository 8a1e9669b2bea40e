import { typeWarnings } from '../../../kinds/admission-policies/index.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { asJson, numberAt, objectAt } from '../../objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from '../../rest/context.ts';
import { updateObject } from '../../rest/update.ts';

const POLICIES = { group: 'admissionregistration.k8s.io', plural: 'validatingadmissionpolicies' };

/** Notes in the status of policies which generation has been looked at and what types say of it, as upstream's controller does; disposing of the result stops that. */
export function policyStatus(core: Core): Disposable {
  return core.store.watch(`${POLICIES.group}/${POLICIES.plural}`, ({ type, object }) => {
    if (type === 'DELETED' || isCurrent(object)) return;
    void note(core, object);
  });
}

function isCurrent(policy: KubeObject): boolean {
  return numberAt(policy, 'status', 'observedGeneration') === policy.metadata.generation;
}

async function note(core: Core, policy: KubeObject): Promise<void> {
  const kind = core.kinds.find(POLICIES.group, 'v1', POLICIES.plural);
  if (!kind) return;
  const { name } = policy.metadata;
  const target = { namespace: '', name };
  const call = internalCall(API_SERVER_USER);
  try {
    const change = (current: KubeObject) => observed(core, current);
    await updateObject(core, { kind, target, subresource: 'status', change, call });
  } catch {
    // It is gone, or others keep changing it: the next change is looked at again.
  }
}

function observed({ kinds }: Core, policy: KubeObject): JsonObject {
  const object = asJson(policy);
  const warnings = typeWarnings(objectAt(object, 'spec'), (group, version, plural) =>
    kinds.find(group, version, plural),
  );
  return {
    ...object,
    status: {
      ...objectAt(object, 'status'),
      observedGeneration: policy.metadata.generation ?? 1,
      typeChecking: warnings.length > 0 ? { expressionWarnings: warnings } : {},
    },
  };
}
