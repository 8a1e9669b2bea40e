import { roleText, signingRequestCondition, subjectsText } from '../cells/cluster.ts';
import { defaultBinding, defaultRole } from '../defaults/policy.ts';
import type { KindDefinition } from '../define.ts';
import { kindsOf } from '../define.ts';
import { numberAt, stringAt } from '../json.ts';
import {
  ageColumn,
  column,
  createdAtColumn,
  nameColumn,
  textAt,
  wideColumn,
} from '../tables/columns.ts';
import { validateBinding, validateRole } from '../validation/access.ts';
/** rbac.authorization.k8s.io/v1, certificates.k8s.io/v1 and the review kinds, which are answered and never stored. */
import { humanDuration } from '../values/age.ts';

const role = {
  columns: [nameColumn, createdAtColumn],
  nameRule: 'pathSegment',
  applyDefaults: defaultRole,
  validate: validateRole,
} as const;

const binding = {
  columns: [
    nameColumn,
    column('Role', 'Role that is given', roleText),
    ageColumn,
    wideColumn('Users', 'Users it is given to', (one) => subjectsText(one, 'User')),
    wideColumn('Groups', 'Groups it is given to', (one) => subjectsText(one, 'Group')),
    wideColumn('ServiceAccounts', 'Service accounts it is given to', (one) =>
      subjectsText(one, 'ServiceAccount'),
    ),
  ],
  nameRule: 'pathSegment',
  applyDefaults: defaultBinding,
  validate: validateBinding,
} as const;

export const rbac = kindsOf('rbac.authorization.k8s.io/v1', 'io.k8s.api.rbac.v1', [
  { ...binding, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', isNamespaced: false },
  { ...role, kind: 'ClusterRole', plural: 'clusterroles', isNamespaced: false },
  { ...binding, kind: 'RoleBinding', plural: 'rolebindings' },
  { ...role, kind: 'Role', plural: 'roles' },
]);

export const certificates = kindsOf('certificates.k8s.io/v1', 'io.k8s.api.certificates.v1', [
  {
    kind: 'CertificateSigningRequest',
    plural: 'certificatesigningrequests',
    shortNames: ['csr'],
    isNamespaced: false,
    hasStatus: true,
    columns: [
      nameColumn,
      ageColumn,
      column('SignerName', 'Who is asked to sign', textAt('spec', 'signerName')),
      column('Requestor', 'Who asks', textAt('spec', 'username')),
      column('RequestedDuration', 'How long the certificate should be valid', (request) => {
        const seconds = numberAt(request, 'spec', 'expirationSeconds');
        return seconds === undefined ? '<none>' : humanDuration(seconds * 1_000);
      }),
      column('Condition', 'Whether it is approved and issued', signingRequestCondition),
    ],
    selectableFields: { 'spec.signerName': (request) => stringAt(request, 'spec', 'signerName') },
  },
]);

export const authentication = kindsOf('authentication.k8s.io/v1', 'io.k8s.api.authentication.v1', [
  review('SelfSubjectReview', 'selfsubjectreviews'),
  review('TokenReview', 'tokenreviews'),
]);

export const authorization = kindsOf('authorization.k8s.io/v1', 'io.k8s.api.authorization.v1', [
  { ...review('LocalSubjectAccessReview', 'localsubjectaccessreviews'), isNamespaced: true },
  review('SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
  review('SelfSubjectRulesReview', 'selfsubjectrulesreviews'),
  review('SubjectAccessReview', 'subjectaccessreviews'),
]);

function review(kind: string, plural: string): KindDefinition {
  return { kind, plural, isNamespaced: false, verbs: ['create'] };
}
