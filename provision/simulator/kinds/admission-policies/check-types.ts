/** Checks a policy's expressions against the kinds it is for (Kubernetes documentation, "Type checking"). */
import {
  bytes,
  dyn,
  listOf,
  mapOf,
  string,
  timestamp,
  SIMPLE_TYPES,
  type CelType,
} from '../cel/index.ts';
import { stringsAt, listAt } from '../json.ts';
import type { Kind, Schema } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { compileFor, type Expression } from './compile-policy.ts';

/** One entry of `status.typeChecking.expressionWarnings`. */
export interface ExpressionWarning extends JsonObject {
  readonly fieldRef: string;
  readonly warning: string;
}

/** Kinds that are looked at, as upstream's maxTypesToCheck. */
const KIND_LIMIT = 10;

/** What is wrong with the expressions for objects of the kinds that the policy names; `find` gives a served kind. */
export function typeWarnings(
  spec: JsonObject,
  find: (group: string, version: string, plural: string) => Kind | undefined,
): readonly ExpressionWarning[] {
  const kinds = [...new Set(namedKinds(spec, find))].slice(0, KIND_LIMIT);
  const found = new Map<string, string[]>();
  for (const kind of kinds) {
    const type = schemaType(kind.schema, kind.kind);
    if (!type) continue;
    const name = `${kind.group === '' ? '' : `${kind.group}/`}${kind.version}, Kind=${kind.kind}`;
    for (const [field, expression] of expressionsOf(spec, type)) {
      if (expression.type !== 'broken' || !expression.problem.startsWith(FAILED)) continue;
      const texts = found.get(field) ?? [];
      found.set(field, [...texts, `${name}: ${expression.problem.slice(FAILED.length)}\n`]);
    }
  }
  return [...found].map(([fieldRef, texts]) => ({ fieldRef, warning: texts.join('\n') }));
}

const FAILED = 'compilation failed: ';

function expressionsOf(
  spec: JsonObject,
  type: CelType,
): readonly (readonly [string, Expression])[] {
  return compileFor(spec, type).validations.flatMap(({ test, message }, i) => {
    const field = `spec.validations[${i}]`;
    const own = [`${field}.expression`, test] as const;
    return message ? [own, [`${field}.messageExpression`, message] as const] : [own];
  });
}

/** Rules with wildcards and parts of objects name no kinds. */
function namedKinds(
  spec: JsonObject,
  find: (group: string, version: string, plural: string) => Kind | undefined,
): readonly Kind[] {
  return listAt(spec, 'matchConstraints', 'resourceRules').flatMap((rule) => {
    const groups = stringsAt(rule, 'apiGroups');
    const versions = stringsAt(rule, 'apiVersions');
    if (groups.includes('*') || versions.includes('*')) return [];
    const resources = stringsAt(rule, 'resources').filter((name) => !/[*/]/.test(name));
    return groups.flatMap((group) =>
      versions.flatMap((version) =>
        resources.flatMap((resource) => find(group, version, resource) ?? []),
      ),
    );
  });
}

const types = new WeakMap<Schema, CelType>();

/** The type of a built-in or custom object; undefined for what has no known shape. */
function schemaType(schema: Schema, name: string): CelType | undefined {
  const known = types.get(schema);
  if (known) return known;
  const type = newType(schema, name);
  if (type) types.set(schema, type);
  return type;
}

function newType(schema: Schema, name: string): CelType | undefined {
  if (schema.format === 'int-or-string') return dyn;
  if (schema.type === 'string') return textType(schema.format);
  if (schema.type === 'array') {
    const element = schema.items && schemaType(schema.items, `${name}.@idx`);
    return element && listOf(element);
  }
  if (schema.type !== 'object') return SIMPLE_TYPES[schema.type];
  if (schema.additionalProperties) {
    const value = schemaType(schema.additionalProperties, `${name}.@prop`);
    return value && mapOf(string, value);
  }
  const { properties } = schema;
  if (!properties) return undefined;
  return {
    kind: 'object',
    name,
    field: (field) => {
      const plain = field.replace(/^__(.+)__$/, '$1');
      const property = Object.hasOwn(properties, plain) ? properties[plain] : undefined;
      return property && schemaType(property, `${name}.${plain}`);
    },
  };
}

function textType(format: string | undefined): CelType {
  if (format === 'date-time') return timestamp;
  return format === 'byte' ? bytes : string;
}
