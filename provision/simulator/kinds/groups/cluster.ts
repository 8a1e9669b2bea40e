import {
  validateAdmissionPolicy,
  validateAdmissionPolicyBinding,
} from '../admission-policies/index.ts';
/** Groups with few kinds: scheduling, node, coordination, events, and those that extend the API. */
import { parameterKind, parameterReference } from '../cells/admission.ts';
import { conditionAt } from '../cells/conditions.ts';
import { eventColumns, referenceFields } from '../cells/events.ts';
import { countAt } from '../cells/workloads.ts';
import { validateCustomResourceDefinition } from '../crd/validate-definition.ts';
import {
  defaultAdmissionPolicy,
  defaultAdmissionPolicyBinding,
  defaultApiService,
  defaultCustomResourceDefinition,
  defaultMutatingWebhooks,
  defaultPriorityClass,
  defaultValidatingWebhooks,
} from '../defaults/policy.ts';
import { kindsOf } from '../define.ts';
import { at, listAt, objectAt, stringAt, withDefaults } from '../json.ts';
import type { KubeObject } from '../object.ts';
import {
  ageColumn,
  column,
  createdAtColumn,
  integerColumn,
  nameColumn,
  textAt,
} from '../tables/columns.ts';
import { validatePriorityClass } from '../validation/quotas.ts';
import { validateWebhooks } from '../validation/webhooks.ts';

const EXTENSIONS = ['api-extensions'];

export const scheduling = kindsOf('scheduling.k8s.io/v1', 'io.k8s.api.scheduling.v1', [
  {
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    isNamespaced: false,
    columns: [
      nameColumn,
      integerColumn('Value', 'Higher goes first', countAt('value')),
      {
        ...column(
          'Global-Default',
          'Whether pods get it that name none',
          (priorityClass) => at(priorityClass, 'globalDefault') === true,
        ),
        type: 'boolean',
      },
      ageColumn,
      column('PreemptionPolicy', 'Whether it may push others out', textAt('preemptionPolicy')),
    ],
    applyDefaults: defaultPriorityClass,
    validate: validatePriorityClass,
  },
]);

export const node = kindsOf('node.k8s.io/v1', 'io.k8s.api.node.v1', [
  {
    kind: 'RuntimeClass',
    plural: 'runtimeclasses',
    isNamespaced: false,
    columns: [
      nameColumn,
      column('Handler', 'What runs the containers', textAt('handler')),
      ageColumn,
    ],
  },
]);

export const coordination = kindsOf('coordination.k8s.io/v1', 'io.k8s.api.coordination.v1', [
  {
    kind: 'Lease',
    plural: 'leases',
    columns: [
      nameColumn,
      column('Holder', 'Who holds it', textAt('spec', 'holderIdentity')),
      ageColumn,
    ],
  },
]);

export const events = kindsOf('events.k8s.io/v1', 'io.k8s.api.events.v1', [
  {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    columns: eventColumns,
    selectableFields: {
      ...referenceFields('regarding'),
      reason: (event) => stringAt(event, 'reason'),
      reportingController: (event) => stringAt(event, 'reportingController'),
      type: (event) => stringAt(event, 'type'),
    },
    applyDefaults: (event) => withDefaults(event, { deprecatedSource: {} }),
  },
]);

const webhooks = {
  categories: EXTENSIONS,
  isNamespaced: false,
  columns: [
    nameColumn,
    integerColumn(
      'Webhooks',
      'Number of webhooks',
      (configuration) => listAt(configuration, 'webhooks').length,
    ),
    ageColumn,
  ],
  validate: validateWebhooks,
} as const;

export const admission = kindsOf(
  'admissionregistration.k8s.io/v1',
  'io.k8s.api.admissionregistration.v1',
  [
    {
      ...webhooks,
      kind: 'MutatingWebhookConfiguration',
      plural: 'mutatingwebhookconfigurations',
      applyDefaults: defaultMutatingWebhooks,
    },
    {
      ...webhooks,
      kind: 'ValidatingWebhookConfiguration',
      plural: 'validatingwebhookconfigurations',
      applyDefaults: defaultValidatingWebhooks,
    },
    {
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      categories: EXTENSIONS,
      isNamespaced: false,
      hasStatus: true,
      columns: [
        nameColumn,
        integerColumn(
          'Validations',
          'Number of rules',
          (one) => listAt(one, 'spec', 'validations').length,
        ),
        column('ParamKind', 'Kind of its parameters', parameterKind),
        ageColumn,
      ],
      applyDefaults: defaultAdmissionPolicy,
      validate: validateAdmissionPolicy,
    },
    {
      kind: 'ValidatingAdmissionPolicyBinding',
      plural: 'validatingadmissionpolicybindings',
      categories: EXTENSIONS,
      isNamespaced: false,
      columns: [
        nameColumn,
        column('PolicyName', 'Policy that is bound', textAt('spec', 'policyName')),
        column('ParamRef', 'Object with its parameters', parameterReference),
        ageColumn,
      ],
      applyDefaults: defaultAdmissionPolicyBinding,
      validate: validateAdmissionPolicyBinding,
    },
  ],
);

export const extensions = kindsOf(
  'apiextensions.k8s.io/v1',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      shortNames: ['crd', 'crds'],
      categories: EXTENSIONS,
      isNamespaced: false,
      hasStatus: true,
      columns: [nameColumn, createdAtColumn],
      applyDefaults: defaultCustomResourceDefinition,
      validate: validateCustomResourceDefinition,
    },
  ],
);

export const registration = kindsOf(
  'apiregistration.k8s.io/v1',
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
  [
    {
      kind: 'APIService',
      plural: 'apiservices',
      categories: EXTENSIONS,
      isNamespaced: false,
      hasStatus: true,
      columns: [
        nameColumn,
        column('Service', 'Who answers for the group', (apiService) => {
          const service = objectAt(apiService, 'spec', 'service');
          const name = stringAt(service, 'name');
          return name === '' ? 'Local' : `${stringAt(service, 'namespace')}/${name}`;
        }),
        column('Available', 'Whether it answers', apiServiceAvailable),
        ageColumn,
      ],
      applyDefaults: defaultApiService,
    },
  ],
);

function apiServiceAvailable(apiService: KubeObject): string {
  const available = conditionAt(apiService, 'Available');
  const status = stringAt(available, 'status') || 'Unknown';
  const reason = stringAt(available, 'reason');
  return status === 'True' || reason === '' ? status : `${status} (${reason})`;
}
