/** Defaults of priority and fairness (Kubernetes, pkg/apis/flowcontrol/v1/defaults.go). */
import { changeField, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

export function defaultFlowSchema(schema: JsonObject): JsonObject {
  return changeField(schema, 'spec', (spec) => withDefaults(spec, { matchingPrecedence: 1000 }));
}

export function defaultPriorityLevel(level: JsonObject): JsonObject {
  return changeField(level, 'spec', (spec) =>
    changeField(changeField(spec, 'exempt', defaultExempt), 'limited', defaultLimited),
  );
}

function defaultExempt(exempt: JsonObject): JsonObject {
  return withDefaults(exempt, { lendablePercent: 0, nominalConcurrencyShares: 0 });
}

function defaultLimited(limited: JsonObject): JsonObject {
  const complete = withDefaults(limited, { lendablePercent: 0, nominalConcurrencyShares: 30 });
  return changeField(complete, 'limitResponse', (response) =>
    changeField(response, 'queuing', (queuing) =>
      withDefaults(queuing, { handSize: 8, queueLengthLimit: 50, queues: 64 }),
    ),
  );
}
