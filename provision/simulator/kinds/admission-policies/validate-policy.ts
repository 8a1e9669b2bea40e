/** What upstream demands of ValidatingAdmissionPolicies, their bindings and match conditions (pkg/apis/admissionregistration/validation). */
import { at, isObject, isUnset, listAt, objectAt, stringAt, stringsAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalids,
  notSupported,
  required,
} from '../validation/fields/field-errors.ts';
import { expressionErrors as selectorErrors } from '../validation/fields/label-selectors.ts';
import {
  dns1035Problems,
  pathSegmentProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from '../validation/fields/names.ts';
import { compileConditions, compilePolicy, type Expression } from './compile-policy.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
const MATCH_POLICIES = ['Equivalent', 'Exact'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];
const CONDITION_LIMIT = 64;
const ANNOTATION_LIMIT = 20;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

export function validateAdmissionPolicy(policy: JsonObject): readonly FieldError[] {
  const spec = objectAt(policy, 'spec');
  return [
    ...choiceErrors('spec.failurePolicy', spec['failurePolicy'], FAILURE_POLICIES),
    ...paramKindErrors(spec['paramKind']),
    ...constraintErrors(spec['matchConstraints']),
    ...matchConditionErrors(
      listAt(spec, 'matchConditions'),
      'spec.matchConditions',
      isObject(spec['paramKind']),
    ),
    ...variableErrors(spec),
    ...contentErrors(spec, stringAt(policy, 'metadata', 'name')),
  ];
}

export function validateAdmissionPolicyBinding(binding: JsonObject): readonly FieldError[] {
  const spec = objectAt(binding, 'spec');
  const name = stringAt(spec, 'policyName');
  const resources = spec['matchResources'];
  return [
    ...(name === ''
      ? [required('spec.policyName')]
      : invalids('spec.policyName', name, subdomainProblems(name))),
    ...paramRefErrors(spec['paramRef']),
    // Upstream's own spelling.
    ...(isObject(resources) ? matchingErrors(resources, 'spec.matchResouces') : []),
    ...actionErrors(listAt(spec, 'validationActions')),
  ];
}

/** What is wrong with the matchConditions of a policy or a webhook. */
export function matchConditionErrors(
  conditions: readonly Json[],
  field: string,
  hasParams: boolean,
): readonly FieldError[] {
  const names = new Set<string>();
  const tooMany: FieldError = {
    type: 'Invalid',
    field,
    message: `Too many: ${conditions.length}: must have at most ${CONDITION_LIMIT} items`,
  };
  const compiled = compileConditions(conditions, hasParams);
  return [
    ...(conditions.length > CONDITION_LIMIT ? [tooMany] : []),
    ...compiled.flatMap(({ name, expression }, i) => {
      const here = `${field}[${i}]`;
      const text = stringAt(conditions[i] ?? null, 'expression').trim();
      const isRepeated = name !== '' && names.has(name);
      names.add(name);
      return [
        ...(text === ''
          ? [required(`${here}.expression`)]
          : brokenErrors(`${here}.expression`, expression)),
        ...(name === ''
          ? [required(`${here}.name`)]
          : invalids(`${here}.name`, name, qualifiedNameProblems(name))),
        ...(isRepeated ? [duplicate(`${here}.name`, name)] : []),
      ];
    }),
  ];
}

function brokenErrors(field: string, expression: Expression | undefined): readonly FieldError[] {
  return expression?.type === 'broken' ? [invalid(field, expression.text, expression.problem)] : [];
}

function choiceErrors(
  field: string,
  value: Json | undefined,
  choices: readonly string[],
): readonly FieldError[] {
  if (isUnset(value)) return [required(field)];
  return typeof value === 'string' && choices.includes(value)
    ? []
    : [notSupported(field, value, choices)];
}

function paramKindErrors(kind: Json | undefined): readonly FieldError[] {
  if (!isObject(kind)) return [];
  const field = 'spec.paramKind';
  const apiVersion = stringAt(kind, 'apiVersion');
  const name = stringAt(kind, 'kind');
  const mixed = 'may have mixed case, but should otherwise match: ';
  const nameProblems = dns1035Problems(name.toLowerCase());
  return [
    ...(apiVersion === ''
      ? [required(`${field}.apiVersion`)]
      : versionErrors(`${field}.apiVersion`, apiVersion)),
    ...(name === ''
      ? [required(`${field}.kind`)]
      : nameProblems.length === 0
        ? []
        : [invalid(`${field}.kind`, name, mixed + nameProblems.join(','))]),
  ];
}

function versionErrors(field: string, apiVersion: string): readonly FieldError[] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) {
    return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const version = parts.at(-1) ?? '';
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  const joined = (value: string, problems: readonly string[]) =>
    problems.length === 0 ? [] : [invalid(field, value, problems.join(','))];
  return [
    ...(group === '' ? [] : joined(group, subdomainProblems(group))),
    ...(version === ''
      ? [invalid(field, apiVersion, 'version must be specified')]
      : joined(version, dns1035Problems(version))),
  ];
}

function constraintErrors(constraints: Json | undefined): readonly FieldError[] {
  const field = 'spec.matchConstraints';
  if (!isObject(constraints)) return [required(field)];
  return [
    ...matchingErrors(constraints, field),
    ...(listAt(constraints, 'resourceRules').length === 0
      ? [required(`${field}.resourceRules`)]
      : []),
  ];
}

function matchingErrors(resources: JsonObject, field: string): readonly FieldError[] {
  const rules = (key: string) =>
    listAt(resources, key).flatMap((rule, i) => ruleErrors(rule, `${field}.${key}[${i}]`));
  return [
    ...choiceErrors(`${field}.matchPolicy`, resources['matchPolicy'], MATCH_POLICIES),
    ...selectorErrors(resources['namespaceSelector'], `${field}.namespaceSelector`),
    ...selectorErrors(resources['objectSelector'], `${field}.objectSelector`),
    ...rules('resourceRules'),
    ...rules('excludeResourceRules'),
  ];
}

function ruleErrors(rule: Json, field: string): readonly FieldError[] {
  const operations = stringsAt(rule, 'operations');
  const names = stringsAt(rule, 'resourceNames');
  return [
    ...names.flatMap((name, i) => [
      ...invalids(`${field}.resourceNames[${i}]`, name, pathSegmentProblems(name)),
      ...(names.indexOf(name) < i ? [duplicate(`${field}.resourceNames[${i}]`, name)] : []),
    ]),
    ...(operations.length === 0 ? [required(`${field}.operations`)] : []),
    ...(operations.length > 1 && operations.includes('*')
      ? [
          invalid(
            `${field}.operations`,
            [...operations],
            "if '*' is present, must not specify other operations",
          ),
        ]
      : []),
    ...operations.flatMap((operation, i) =>
      OPERATIONS.includes(operation)
        ? []
        : [notSupported(`${field}.operations[${i}]`, operation, OPERATIONS)],
    ),
    ...partErrors(rule, field, 'apiGroups'),
    ...partErrors(rule, field, 'apiVersions'),
    ...partErrors(rule, field, 'resources'),
    ...(isUnset(at(rule, 'scope'))
      ? []
      : choiceErrors(`${field}.scope`, at(rule, 'scope'), SCOPES)),
  ];
}

function partErrors(rule: Json, field: string, key: string): readonly FieldError[] {
  const values = stringsAt(rule, key);
  if (values.length === 0) return [required(`${field}.${key}`)];
  const isMixed = key !== 'resources' && values.length > 1 && values.includes('*');
  const word = key === 'apiGroups' ? 'API groups' : 'API versions';
  return [
    ...(isMixed
      ? [
          invalid(
            `${field}.${key}`,
            [...values],
            `if '*' is present, must not specify other ${word}`,
          ),
        ]
      : []),
    ...values.flatMap((value, i) =>
      value === '' && key !== 'apiGroups' ? [required(`${field}.${key}[${i}]`)] : [],
    ),
  ];
}

function variableErrors(spec: JsonObject): readonly FieldError[] {
  const { variables } = compilePolicy(spec);
  return listAt(spec, 'variables').flatMap((variable, i) => {
    const field = `spec.variables[${i}]`;
    const name = stringAt(variable, 'name');
    const isName = /^[_a-zA-Z]\w*$/.test(name) && !RESERVED.has(name);
    return [
      ...(name.trim() === ''
        ? [required(`${field}.name`, 'name is not specified')]
        : isName
          ? []
          : [invalid(`${field}.name`, name, 'name is not a valid CEL identifier')]),
      ...(stringAt(variable, 'expression').trim() === ''
        ? [required(`${field}.expression`, 'expression is not specified')]
        : brokenErrors(`${field}.expression`, variables.get(name))),
    ];
  });
}

function contentErrors(spec: JsonObject, name: string): readonly FieldError[] {
  const { validations, auditAnnotations } = compilePolicy(spec);
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    return [required('spec.validations', detail), required('spec.auditAnnotations', detail)];
  }
  return [
    ...validations.flatMap(({ validation, test, message }, i) => {
      const field = `spec.validations[${i}]`;
      return [
        ...(stringAt(validation, 'expression').trim() === ''
          ? [required(`${field}.expression`, 'expression is not specified')]
          : brokenErrors(`${field}.expression`, test)),
        ...messageErrors(validation, field, message),
      ];
    }),
    ...annotationErrors(listAt(spec, 'auditAnnotations'), auditAnnotations, name),
  ];
}

function messageErrors(
  validation: Json,
  field: string,
  expression: Expression | undefined,
): readonly FieldError[] {
  const message = stringAt(validation, 'message');
  const text = stringAt(validation, 'messageExpression');
  const reason = at(validation, 'reason');
  const isBlank = message !== '' && message.trim() === '';
  const isLong = /[\n\r]/.test(message.trim());
  return [
    ...(text !== '' && text.trim() === ''
      ? [invalid(`${field}.messageExpression`, text, 'must be non-empty if specified')]
      : brokenErrors(`${field}.messageExpression`, expression)),
    ...(isBlank
      ? [invalid(`${field}.message`, message, 'message must be non-empty if specified')]
      : []),
    ...(isLong
      ? [invalid(`${field}.message`, message, 'message must not contain line breaks')]
      : []),
    ...(isUnset(reason) ? [] : choiceErrors(`${field}.reason`, reason, REASONS)),
  ];
}

function annotationErrors(
  annotations: readonly Json[],
  expressions: readonly Expression[],
  name: string,
): readonly FieldError[] {
  const field = 'spec.auditAnnotations';
  const keys = annotations.map((annotation) => stringAt(annotation, 'key'));
  const tooMany = `must not have more than ${ANNOTATION_LIMIT} auditAnnotations`;
  return [
    ...(annotations.length > ANNOTATION_LIMIT ? [invalid(field, [...annotations], tooMany)] : []),
    ...annotations.flatMap((annotation, i) => {
      const here = `${field}[${i}]`;
      const key = keys[i] ?? '';
      return [
        ...invalids(`${here}.key`, `${name}/${key}`, qualifiedNameProblems(`${name}/${key}`)),
        ...(stringAt(annotation, 'valueExpression').trim() === ''
          ? [required(`${here}.valueExpression`, 'valueExpression is not specified')]
          : brokenErrors(`${here}.valueExpression`, expressions[i])),
        ...(keys.indexOf(key) < i ? [duplicate(`${here}.key`, key)] : []),
      ];
    }),
  ];
}

function paramRefErrors(reference: Json | undefined): readonly FieldError[] {
  if (!isObject(reference)) return [];
  const field = 'spec.paramRef';
  const name = stringAt(reference, 'name');
  const hasSelector = isObject(reference['selector']);
  const both = 'name and selector are mutually exclusive';
  return [
    ...(name === '' ? [] : invalids(`${field}.name`, name, pathSegmentProblems(name))),
    ...(name !== '' && hasSelector
      ? [forbidden(`${field}.name`, both), forbidden(`${field}.selector`, both)]
      : []),
    ...(hasSelector ? selectorErrors(reference['selector'], `${field}.selector`) : []),
    ...(name === '' && !hasSelector
      ? [required(field, 'one of name or selector must be specified')]
      : []),
    ...choiceErrors(
      `${field}.parameterNotFoundAction`,
      reference['parameterNotFoundAction'],
      NOT_FOUND_ACTIONS,
    ),
  ];
}

function actionErrors(actions: readonly Json[]): readonly FieldError[] {
  const field = 'spec.validationActions';
  const repeats =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [
    ...actions.flatMap((action, i) => [
      ...choiceErrors(`${field}[${i}]`, action, ACTIONS),
      ...(actions.indexOf(action) < i ? [duplicate(`${field}[${i}]`, action)] : []),
    ]),
    ...(actions.includes('Deny') && actions.includes('Warn')
      ? [invalid(field, [...actions], repeats)]
      : []),
    ...(actions.length === 0
      ? [required(field, 'at least one validation action is required')]
      : []),
  ];
}
