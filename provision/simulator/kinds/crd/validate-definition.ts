/** What upstream demands of CustomResourceDefinitions (apiextensions-apiserver, pkg/apis/apiextensions/validation). */
import { at, isObject, isSame, isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import {
  forbidden,
  immutable,
  invalid,
  oneOf,
  required,
} from '../validation/fields/field-errors.ts';
import { dns1035Problems, subdomainProblems } from '../validation/fields/names.ts';
import { nameErrors } from './definition-names.ts';
import { columnErrors, selectableFieldErrors, subresourceErrors } from './definition-parts.ts';
import { definitionSchemaErrors } from './definition-schema.ts';
import { isTrustedSchema } from './trusted-schemas.ts';

const SCOPES = ['Cluster', 'Namespaced'];

export function validateCustomResourceDefinition(
  crd: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(crd, 'spec');
  return [
    ...ownNameErrors(crd, spec),
    ...groupErrors(stringAt(spec, 'group')),
    ...oneOf('spec.scope', stringAt(spec, 'scope'), SCOPES),
    ...versionsErrors(listAt(spec, 'versions'), listAt(old, 'spec', 'versions')),
    ...nameErrors(objectAt(spec, 'names')),
    ...hoistedErrors(listAt(spec, 'versions'), listAt(old, 'spec', 'versions')),
    ...(isObject(spec['conversion']) ? conversionErrors(spec['conversion']) : []),
    ...(old ? changeErrors(spec, objectAt(old, 'spec')) : []),
    ...storedVersionErrors(crd),
    ...approvalErrors(crd),
    ...(spec['preserveUnknownFields'] === true
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ];
}

function ownNameErrors(crd: JsonObject, spec: JsonObject): readonly FieldError[] {
  const name = stringAt(crd, 'metadata', 'name');
  const expected = `${stringAt(spec, 'names', 'plural')}.${stringAt(spec, 'group')}`;
  return name === expected
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function groupErrors(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const problems = subdomainProblems(group);
  if (problems.length > 0) return [invalid('spec.group', group, problems.join(','))];
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

type Versions = readonly Json[];

/** Parts of versions that, when all have the same, upstream's internal form has once for all. */
const HOISTED = {
  schema: (version: Json) => objectAt(version)['schema'],
  subresources: (version: Json) => objectAt(version)['subresources'],
  columns: (version: Json) => objectAt(version)['additionalPrinterColumns'],
  fields: (version: Json) => objectAt(version)['selectableFields'],
} as const;

function isShared(versions: Versions, part: keyof typeof HOISTED): boolean {
  const values = versions.map(HOISTED[part]);
  return values.every((value) => isSame(value ?? null, values[0] ?? null));
}

function versionsErrors(versions: Versions, before: Versions): readonly FieldError[] {
  const names = versions.map((version) => stringAt(version, 'name'));
  const stored = versions.filter((version) => objectAt(version)['storage'] === true);
  return [
    ...versions.flatMap((version, i) =>
      isObject(schemaOf(version)) ? [] : [required(`spec.versions[${i}].schema.openAPIV3Schema`)],
    ),
    ...versions.flatMap((version, i) => [
      ...versionErrors(version, `spec.versions[${i}]`),
      ...ownPartErrors(versions, i, before),
    ]),
    ...(new Set(names).size < names.length
      ? [invalid('spec.versions', versions.map(shownVersion), 'must contain unique version names')]
      : []),
    ...(stored.length === 1
      ? []
      : [
          invalid(
            'spec.versions',
            versions.map(shownVersion),
            'must have exactly one version marked as storage version',
          ),
        ]),
  ];
}

/** A version in Go's names, as upstream shows it; what is the same in all versions stands elsewhere. */
function shownVersion(version: Json): JsonObject {
  const { name, served, storage, deprecated, deprecationWarning } = objectAt(version);
  return {
    Name: name ?? '',
    Served: served === true,
    Storage: storage === true,
    Deprecated: deprecated === true,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

function versionErrors(version: Json, field: string): readonly FieldError[] {
  const name = stringAt(version, 'name');
  const problems = dns1035Problems(name);
  const { deprecated, deprecationWarning: warning } = objectAt(version);
  const isVain = deprecated !== true && !isUnset(warning);
  const isEmpty = deprecated === true && warning === '';
  const why = isVain
    ? 'can only be set for deprecated versions'
    : isEmpty
      ? 'must not be an empty string'
      : '';
  return [
    ...(problems.length > 0 ? [invalid(`${field}.name`, name, problems.join(','))] : []),
    ...(why === '' ? [] : [invalid(`${field}.deprecationWarning`, warning, why)]),
  ];
}

/** Errors of what a version has for itself alone. */
function ownPartErrors(versions: Versions, i: number, before: Versions): readonly FieldError[] {
  const version = versions[i] ?? null;
  const field = `spec.versions[${i}]`;
  return [
    ...(isShared(versions, 'schema') ? [] : schemaErrors(version, `${field}.schema`, before)),
    ...(isShared(versions, 'subresources')
      ? []
      : subresourceErrors(objectAt(version, 'subresources'), `${field}.subresources`)),
    ...(isShared(versions, 'columns')
      ? []
      : columnErrors(version, `${field}.additionalPrinterColumns`)),
    ...(isShared(versions, 'fields')
      ? []
      : selectableFieldErrors(version, `${field}.selectableFields`)),
  ];
}

/** Errors of what all versions have in common, under the name it has in upstream's internal form. */
function hoistedErrors(versions: Versions, before: Versions): readonly FieldError[] {
  const [first] = versions;
  if (first === undefined) return [];
  return [
    ...(isShared(versions, 'schema') ? schemaErrors(first, 'spec.validation', before) : []),
    ...(isShared(versions, 'subresources')
      ? subresourceErrors(objectAt(first, 'subresources'), 'spec.subresources')
      : []),
    ...(isShared(versions, 'columns') ? columnErrors(first, 'spec.additionalPrinterColumns') : []),
    ...(isShared(versions, 'fields') ? selectableFieldErrors(first, 'spec.selectableFields') : []),
  ];
}

function schemaErrors(version: Json, place: string, before: Versions): readonly FieldError[] {
  const schema = schemaOf(version);
  if (!isObject(schema) || isTrustedSchema(schema)) return [];
  // A schema that was accepted before stays accepted, whatever has become stricter since.
  if (before.some((old) => isSame(schemaOf(old), schema))) return [];
  const hasStatus = isObject(objectAt(version, 'subresources')['status']);
  return definitionSchemaErrors(schema, `${place}.openAPIV3Schema`, hasStatus);
}

function schemaOf(version: Json | undefined): Json | undefined {
  return objectAt(version, 'schema')['openAPIV3Schema'];
}

const STRATEGIES = ['None', 'Webhook'];

function conversionErrors(conversion: JsonObject): readonly FieldError[] {
  const strategy = stringAt(conversion, 'strategy');
  const field = 'spec.conversion';
  if (strategy === 'Webhook') {
    const why =
      'this cluster is simulated and calls no conversion webhooks: use None, which changes nothing but the apiVersion';
    return [invalid(`${field}.strategy`, strategy, why)];
  }
  return [
    ...oneOf(`${field}.strategy`, strategy, STRATEGIES),
    ...(isUnset(conversion['webhook'])
      ? []
      : [
          forbidden(
            `${field}.webhookClientConfig`,
            'should not be set when strategy is not set to Webhook',
          ),
        ]),
  ];
}

function changeErrors(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  return [['scope'], ['names', 'kind'], ['group'], ['names', 'plural']].flatMap((path) => {
    const value = stringAt(spec, ...path);
    return immutable(`spec.${path.join('.')}`, value, value !== stringAt(before, ...path));
  });
}

function storedVersionErrors(crd: JsonObject): readonly FieldError[] {
  const names = new Set(listAt(crd, 'spec', 'versions').map((one) => stringAt(one, 'name')));
  const stored = listAt(crd, 'status', 'storedVersions');
  // The version that is stored now is one of them before anything is checked.
  const isStoring = listAt(crd, 'spec', 'versions').some((one) => at(one, 'storage') === true);
  if (stored.length === 0 && !isStoring)
    return [invalid('status.storedVersions', null, 'must have at least one stored version')];
  return stored.flatMap((version, i) =>
    typeof version !== 'string' || names.has(version)
      ? []
      : [
          invalid(
            `status.storedVersions[${i}]`,
            version,
            `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`,
          ),
        ],
  );
}

const APPROVAL = 'api-approved.kubernetes.io';

/** Groups of the Kubernetes project are for what it has looked at. */
function approvalErrors(crd: JsonObject): readonly FieldError[] {
  const group = stringAt(crd, 'spec', 'group');
  const isProtected = /(^|\.)(k8s|kubernetes)\.io$/.test(group);
  const approval = stringAt(crd, 'metadata', 'annotations', APPROVAL);
  const field = `metadata.annotations[${APPROVAL}]`;
  const help = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (!isProtected) return [];
  if (approval === '') {
    return [
      required(field, `protected groups must have approval annotation "${APPROVAL}", ${help}`),
    ];
  }
  return /^(unapproved|https?:\/\/.+)/.test(approval)
    ? []
    : [
        invalid(
          field,
          approval,
          `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${help}`,
        ),
      ];
}
