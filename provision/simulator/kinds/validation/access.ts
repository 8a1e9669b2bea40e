/** What upstream demands of roles and bindings (Kubernetes, pkg/apis/rbac/validation). */
import { isSame, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { invalid, invalids, notSupported, required } from './fields/field-errors.ts';
import { pathSegmentProblems, subdomainProblems } from './fields/names.ts';

export function validateRole(role: JsonObject): readonly FieldError[] {
  const isNamespaced = role['kind'] === 'Role';
  return listAt(role, 'rules').flatMap((rule, i) => [
    ...(listAt(rule, 'verbs').length === 0
      ? [required(`rules[${i}].verbs`, 'verbs must contain at least one value')]
      : []),
    ...(listAt(rule, 'nonResourceURLs').length > 0
      ? pathRuleErrors(rule, `rules[${i}]`, isNamespaced)
      : resourceRuleErrors(rule, `rules[${i}]`)),
  ]);
}

function pathRuleErrors(rule: Json, field: string, isNamespaced: boolean): readonly FieldError[] {
  const urls = listAt(rule, 'nonResourceURLs');
  const isMixed = ['apiGroups', 'resources', 'resourceNames'].some(
    (key) => listAt(rule, key).length > 0,
  );
  const texts = [
    ...(isNamespaced ? ['namespaced rules cannot apply to non-resource URLs'] : []),
    ...(isMixed ? ['rules cannot apply to both regular resources and non-resource URLs'] : []),
  ];
  return texts.map((text) => invalid(`${field}.nonResourceURLs`, urls, text));
}

function resourceRuleErrors(rule: Json, field: string): readonly FieldError[] {
  return [
    ...(listAt(rule, 'apiGroups').length === 0
      ? [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')]
      : []),
    ...(listAt(rule, 'resources').length === 0
      ? [required(`${field}.resources`, 'resource rules must supply at least one resource')]
      : []),
  ];
}

const RBAC = 'rbac.authorization.k8s.io';
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

export function validateBinding(
  binding: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const ref = objectAt(binding, 'roleRef');
  const isNamespaced = binding['kind'] === 'RoleBinding';
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const kind = stringAt(ref, 'kind');
  const group = stringAt(ref, 'apiGroup');
  const name = stringAt(ref, 'name');
  return [
    ...(group === RBAC ? [] : [notSupported('roleRef.apiGroup', group, [RBAC])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === ''
      ? [required('roleRef.name')]
      : invalids('roleRef.name', name, pathSegmentProblems(name))),
    ...listAt(binding, 'subjects').flatMap((subject, i) =>
      subjectErrors(subject, `subjects[${i}]`, isNamespaced),
    ),
    ...(old && !isSame(ref, objectAt(old, 'roleRef'))
      ? [invalid('roleRef', { APIGroup: group, Kind: kind, Name: name }, 'cannot change roleRef')]
      : []),
  ];
}

function subjectErrors(subject: Json, field: string, isNamespaced: boolean): readonly FieldError[] {
  const kind = stringAt(subject, 'kind');
  const name = stringAt(subject, 'name');
  const group = stringAt(subject, 'apiGroup');
  const nameErrors = name === '' ? [required(`${field}.name`)] : [];
  if (kind !== 'ServiceAccount') {
    const isFitting = kind === '' || group === RBAC;
    return [
      ...nameErrors,
      ...(SUBJECT_KINDS.includes(kind)
        ? isFitting
          ? []
          : [notSupported(`${field}.apiGroup`, group, [RBAC])]
        : [notSupported(`${field}.kind`, kind, SUBJECT_KINDS)]),
    ];
  }
  const isHomeless = !isNamespaced && stringAt(subject, 'namespace') === '';
  return [
    ...nameErrors,
    ...(name === '' ? [] : invalids(`${field}.name`, name, subdomainProblems(name))),
    ...(group === '' ? [] : [notSupported(`${field}.apiGroup`, group, [''])]),
    ...(isHomeless ? [required(`${field}.namespace`)] : []),
  ];
}
