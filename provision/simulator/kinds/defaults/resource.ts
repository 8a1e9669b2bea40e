/** Defaults of claims of devices (Kubernetes, pkg/apis/resource/v1/defaults.go). */
import { changeField, changeItems, stringAt, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

export function defaultResourceClaim(claim: JsonObject): JsonObject {
  return changeField(claim, 'spec', defaultClaimSpec);
}

export function defaultResourceClaimTemplate(template: JsonObject): JsonObject {
  return changeField(template, 'spec', (spec) => changeField(spec, 'spec', defaultClaimSpec));
}

function defaultClaimSpec(spec: JsonObject): JsonObject {
  return changeField(spec, 'devices', (devices) =>
    changeItems(devices, 'requests', (request) =>
      changeItems(
        changeField(request, 'exactly', defaultRequest),
        'firstAvailable',
        defaultRequest,
      ),
    ),
  );
}

function defaultRequest(request: JsonObject): JsonObject {
  const mode = stringAt(request, 'allocationMode') || 'ExactCount';
  const complete = withDefaults(request, {
    allocationMode: mode,
    ...(mode === 'ExactCount' && { count: 1 }),
  });
  return changeItems(complete, 'tolerations', (toleration) =>
    withDefaults(toleration, { operator: 'Equal' }),
  );
}
