/** Defaults of access rules, webhooks, priorities and extensions of the API. */
import { changeField, changeItems, isUnset, stringAt, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

const RBAC = 'rbac.authorization.k8s.io';

export function defaultBinding(binding: JsonObject): JsonObject {
  const referring = changeField(binding, 'roleRef', (ref) =>
    stringAt(ref, 'apiGroup') === '' ? { ...ref, apiGroup: RBAC } : ref,
  );
  return changeItems(referring, 'subjects', (subject) => {
    const isAccount = stringAt(subject, 'kind') === 'ServiceAccount';
    return isAccount || !isUnset(subject['apiGroup']) ? subject : { ...subject, apiGroup: RBAC };
  });
}

/** A role without rules has an empty list of them. */
export function defaultRole(role: JsonObject): JsonObject {
  return withDefaults(role, { rules: [] });
}

export function defaultMutatingWebhooks(configuration: JsonObject): JsonObject {
  return changeItems(configuration, 'webhooks', (webhook) =>
    withDefaults(defaultWebhook(webhook), { reinvocationPolicy: 'Never' }),
  );
}

export function defaultValidatingWebhooks(configuration: JsonObject): JsonObject {
  return changeItems(configuration, 'webhooks', defaultWebhook);
}

function defaultWebhook(webhook: JsonObject): JsonObject {
  const complete = withDefaults(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  });
  const ruled = changeItems(complete, 'rules', (rule) => withDefaults(rule, { scope: '*' }));
  return changeField(ruled, 'clientConfig', defaultPort);
}

function defaultPort(holder: JsonObject): JsonObject {
  return changeField(holder, 'service', (service) => withDefaults(service, { port: 443 }));
}

export function defaultApiService(apiService: JsonObject): JsonObject {
  return changeField(apiService, 'spec', defaultPort);
}

export function defaultAdmissionPolicy(policy: JsonObject): JsonObject {
  return changeField(policy, 'spec', (spec) =>
    changeField(withDefaults(spec, { failurePolicy: 'Fail' }), 'matchConstraints', defaultMatching),
  );
}

export function defaultAdmissionPolicyBinding(binding: JsonObject): JsonObject {
  return changeField(binding, 'spec', (spec) =>
    changeField(spec, 'matchResources', defaultMatching),
  );
}

function defaultMatching(resources: JsonObject): JsonObject {
  const matched = withDefaults(resources, {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  });
  return ['resourceRules', 'excludeResourceRules'].reduce(
    (one, key) => changeItems(one, key, (rule) => withDefaults(rule, { scope: '*' })),
    matched,
  );
}

export function defaultPriorityClass(priorityClass: JsonObject): JsonObject {
  return withDefaults(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' });
}

export function defaultCustomResourceDefinition(crd: JsonObject): JsonObject {
  return changeField(crd, 'spec', (spec) => {
    const converted = withDefaults(spec, { conversion: { strategy: 'None' } });
    const complete = changeField(converted, 'conversion', (conversion) =>
      changeField(conversion, 'webhook', (webhook) =>
        changeField(webhook, 'clientConfig', defaultPort),
      ),
    );
    return changeField(complete, 'names', (names) => {
      const kind = stringAt(names, 'kind');
      return withDefaults(names, { listKind: `${kind}List`, singular: kind.toLowerCase() });
    });
  });
}
