/** What metadata of all objects must hold (apimachinery, api/validation: ValidateObjectMeta). */
import { asText, isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import { ANNOTATIONS_LIMIT_BYTES } from '../../limits.ts';
import type { JsonObject } from '../../object.ts';
import { forbidden, invalid, invalids, required, tooLong } from './field-errors.ts';
import {
  dns1035Problems,
  labelNameProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from './names.ts';

/** What names of a kind look like. */
export type NameRule = keyof typeof NAME_RULES;

const NAME_RULES = {
  subdomain: subdomainProblems,
  label: labelNameProblems,
  dns1035: dns1035Problems,
  pathSegment: pathSegmentProblems,
} as const;

export function validateMetadata(
  object: JsonObject,
  { isNamespaced, nameRule }: { readonly isNamespaced: boolean; readonly nameRule: NameRule },
): readonly FieldError[] {
  const metadata = objectAt(object, 'metadata');
  const namespace = stringAt(metadata, 'namespace');
  return [
    ...nameErrors(metadata, nameRule),
    ...(isNamespaced && namespace === '' ? [required('metadata.namespace')] : []),
    ...(!isNamespaced && namespace !== ''
      ? [forbidden('metadata.namespace', 'not allowed on this type')]
      : []),
    ...labelErrors(metadata['labels'], 'metadata.labels'),
    ...annotationErrors(metadata['annotations'], 'metadata.annotations'),
    ...ownerErrors(metadata),
    ...finalizerErrors(metadata),
  ];
}

/** What is wrong with a map of labels, also in templates. */
export function labelErrors(labels: unknown, field: string): readonly FieldError[] {
  if (!isObject(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => [
    ...invalids(field, key, qualifiedNameProblems(key)),
    ...invalids(field, value, labelValueProblems(asText(value))),
  ]);
}

/** What is wrong with a map of annotations: keys may be in capitals, values are free but together limited. */
export function annotationErrors(annotations: unknown, field: string): readonly FieldError[] {
  if (!isObject(annotations)) return [];
  let sizeBytes = 0;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...invalids(field, key, qualifiedNameProblems(key.toLowerCase())));
    sizeBytes += Buffer.byteLength(key) + Buffer.byteLength(asText(value));
  }
  return sizeBytes > ANNOTATIONS_LIMIT_BYTES
    ? [...errors, tooLong(field, ANNOTATIONS_LIMIT_BYTES)]
    : errors;
}

function nameErrors(metadata: JsonObject, rule: NameRule): readonly FieldError[] {
  const generateName = stringAt(metadata, 'generateName');
  const name = stringAt(metadata, 'name');
  // A base ends where the random suffix begins, so that a hyphen at its end is fine.
  const base = generateName.endsWith('-') ? `${generateName}a` : generateName;
  return [
    ...(generateName === ''
      ? []
      : invalids('metadata.generateName', generateName, NAME_RULES[rule](base))),
    ...(name === ''
      ? [required('metadata.name', 'name or generateName is required')]
      : invalids('metadata.name', name, NAME_RULES[rule](name))),
  ];
}

function ownerErrors(metadata: JsonObject): readonly FieldError[] {
  const owners = listAt(metadata, 'ownerReferences');
  const controllers = owners.filter((owner) => isObject(owner) && owner['controller'] === true);
  const missing = owners.flatMap((owner, i) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((key) => stringAt(owner, key) === '')
      .map((key) =>
        invalid(
          `metadata.ownerReferences[${i}].${key}`,
          '',
          key === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
        ),
      ),
  );
  if (controllers.length < 2) return missing;
  return [
    ...missing,
    invalid(
      'metadata.ownerReferences',
      owners,
      'Only one reference can have Controller set to true. Found "true" in references for ' +
        controllers.map((owner) => stringAt(owner, 'name')).join(' and '),
    ),
  ];
}

function finalizerErrors(metadata: JsonObject): readonly FieldError[] {
  return listAt(metadata, 'finalizers').flatMap((finalizer) =>
    invalids('metadata.finalizers', finalizer, qualifiedNameProblems(asText(finalizer))),
  );
}
