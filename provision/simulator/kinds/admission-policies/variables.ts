/** What expressions of admission may read (Kubernetes documentation, "Validating Admission Policy"). */
import {
  authorizerType,
  dyn,
  PLAIN_NAMES,
  resourceCheckType,
  schemaType,
  type CelType,
  type Declarations,
} from '../cel/index.ts';
import type { JsonObject } from '../object.ts';

const text: JsonObject = { type: 'string' };
const time: JsonObject = { type: 'string', format: 'date-time' };
const whole: JsonObject = { type: 'integer' };
const texts: JsonObject = { type: 'array', items: text };
const textMap: JsonObject = { type: 'object', additionalProperties: text };

function structOf(properties: JsonObject): JsonObject {
  return { type: 'object', properties, [PLAIN_NAMES]: true };
}

const gvk = structOf({ group: text, version: text, kind: text });
const gvr = structOf({ group: text, version: text, resource: text });

/** The fields of the variable `request`. */
export const requestSchema: JsonObject = structOf({
  kind: gvk,
  resource: gvr,
  subResource: text,
  requestKind: gvk,
  requestResource: gvr,
  requestSubResource: text,
  name: text,
  namespace: text,
  operation: text,
  userInfo: structOf({
    username: text,
    uid: text,
    groups: texts,
    extra: { type: 'object', additionalProperties: texts },
  }),
  dryRun: { type: 'boolean' },
  options: { type: 'dyn' },
});

/** The fields of the variable `namespaceObject`. */
export const namespaceSchema: JsonObject = structOf({
  metadata: structOf({
    name: text,
    generateName: text,
    namespace: text,
    labels: textMap,
    annotations: textMap,
    UID: text,
    creationTimestamp: time,
    deletionGracePeriodSeconds: whole,
    deletionTimestamp: time,
    generation: whole,
    resourceVersion: text,
    finalizers: texts,
  }),
  spec: structOf({ finalizers: texts }),
  status: structOf({
    conditions: {
      type: 'array',
      items: structOf({
        status: text,
        type: text,
        lastTransitionTime: time,
        message: text,
        reason: text,
      }),
    },
    phase: text,
  }),
});

export interface AdmissionVariables {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
}

const known = new Map<string, Declarations>();

/** The variables of an expression; the same object for the same options. */
export function admissionVariables(options: AdmissionVariables): Declarations {
  const key = JSON.stringify(options);
  const made = known.get(key) ?? declare(options);
  known.set(key, made);
  return made;
}

function declare({ hasParams, hasAuthorizer }: AdmissionVariables): Declarations {
  const types: Readonly<Record<string, CelType | undefined>> = {
    object: dyn,
    oldObject: dyn,
    request: schemaType(requestSchema, 'kubernetes.AdmissionRequest'),
    namespaceObject: schemaType(namespaceSchema, 'kubernetes.Namespace'),
    ...(hasParams && { params: dyn }),
    ...(hasAuthorizer && {
      authorizer: authorizerType,
      'authorizer.requestResource': resourceCheckType,
    }),
  };
  return { variable: (name) => (Object.hasOwn(types, name) ? types[name] : undefined) };
}

/** The same variables, with objects of a known type. */
export function withObject(base: Declarations, object: CelType): Declarations {
  if (object === dyn) return base;
  return {
    variable: (name) => (name === 'object' || name === 'oldObject' ? object : base.variable(name)),
  };
}

/** The same variables and `variables`, whose fields are `fields`. */
export function withComposed(
  base: Declarations,
  fields: ReadonlyMap<string, CelType>,
): Declarations {
  const composed: CelType = {
    kind: 'object',
    name: 'kubernetes.variables',
    field: (name) => fields.get(name),
  };
  return { variable: (name) => (name === 'variables' ? composed : base.variable(name)) };
}
