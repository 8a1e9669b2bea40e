/** How the files under `groups/` describe kinds: only what is special about each. */
import { withCanonicalQuantities } from './decoding/canonical.ts';
import { asJson, asKubeObject } from './json.ts';
import type { Column, FieldError, Kind } from './kind.ts';
import type { JsonObject, KubeObject } from './object.ts';
import { definition } from './schemas/load.ts';
import { createdAtColumn, nameColumn } from './tables/columns.ts';
import type { NameRule } from './validation/fields/metadata.ts';
import { validateMetadata } from './validation/fields/metadata.ts';

export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  /** Default: the kind in lower case. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Default true. */
  readonly isNamespaced?: boolean;
  /** Default: everything a stored object allows. */
  readonly verbs?: readonly string[];
  readonly hasStatus?: boolean;
  readonly hasScale?: boolean;
  /** Default: Name and Created At. */
  readonly columns?: readonly Column[];
  readonly rowConditions?: Kind['rowConditions'];
  readonly rowOrder?: Kind['rowOrder'];
  readonly selectableFields?: Kind['selectableFields'];
  /** What names of the kind look like. Default: a DNS subdomain. */
  readonly nameRule?: NameRule;
  readonly applyDefaults?: (object: JsonObject) => JsonObject;
  readonly validate?: Validator;
  readonly warnings?: Kind['warnings'];
}

/** What is wrong beyond shape and metadata; `old` is there for updates. */
type Validator = (object: JsonObject, old: JsonObject | undefined) => readonly FieldError[];

/** All verbs of a stored resource, in discovery's order. */
const ALL_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

/** The kinds of one group version; `prefix` is that of its definitions: `io.k8s.api.apps.v1`. */
export function kindsOf(
  groupVersion: string,
  prefix: string,
  kinds: readonly KindDefinition[],
): readonly Kind[] {
  const [version = '', group = ''] = groupVersion.split('/').toReversed();
  // Discovery names resources in the order of their paths; `kubectl get all` prints in that order.
  return kinds
    .toSorted((one, other) => (one.plural < other.plural ? -1 : 1))
    .map((one) => builtinKind(group, version, prefix, one));
}

function builtinKind(group: string, version: string, prefix: string, one: KindDefinition): Kind {
  const { applyDefaults = unchanged, validate = nothing, nameRule = 'subdomain' } = one;
  const isNamespaced = one.isNamespaced ?? true;
  const verbs = one.verbs ?? ALL_VERBS;
  const isStored = verbs.includes('get');
  return {
    group,
    version,
    kind: one.kind,
    plural: one.plural,
    isNamespaced,
    singular: one.singular ?? one.kind.toLowerCase(),
    listKind: `${one.kind}List`,
    shortNames: one.shortNames ?? [],
    categories: one.categories ?? [],
    verbs,
    hasStatus: one.hasStatus ?? false,
    hasScale: one.hasScale ?? false,
    get schema() {
      return definition(`${prefix}.${one.kind}`);
    },
    columns: one.columns ?? [nameColumn, createdAtColumn],
    ...optionalParts(one),
    selectableFields: one.selectableFields ?? {},
    applyDefaults: (object: KubeObject) => {
      const before = asJson(object);
      const schema = definition(`${prefix}.${one.kind}`);
      const after = applyDefaults(withCanonicalQuantities(schema, before));
      return after === before ? object : asKubeObject(after);
    },
    validate: (object: KubeObject, old: KubeObject | undefined) => [
      ...(isStored ? validateMetadata(asJson(object), { isNamespaced, nameRule }) : []),
      ...validate(asJson(object), old && asJson(old)),
    ],
  };
}

function optionalParts({ rowConditions, rowOrder, warnings }: KindDefinition) {
  return {
    ...(rowConditions && { rowConditions }),
    ...(rowOrder && { rowOrder }),
    ...(warnings && { warnings }),
  };
}

function unchanged(object: JsonObject): JsonObject {
  return object;
}

function nothing(): readonly FieldError[] {
  return [];
}
