/** Requests for certificates (Kubernetes documentation, "Certificates and Certificate Signing Requests"). */
import type { Clock } from '../../clock.ts';
import { timestamp } from '../../clock.ts';
import type { FieldError } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { authorize } from '../auth/rbac.ts';
import { forbidden, invalid } from '../errors.ts';
import {
  isObject,
  isSame,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  withValue,
} from '../objects/json.ts';
import { CertificateRequestError, readCertificateRequest } from '../pki/certificate-request.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const MINIMUM_SECONDS = 600;
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** Checks requests, and who approves and signs them (upstream's plugins CertificateApproval, -Signing and -SubjectRestriction). */
export function certificates(store: Store, clock: Clock): AdmissionPlugin {
  return {
    mutate: (request, object) =>
      isConcerned(request) && request.subresource !== '' ? dated(object, clock) : object,
    validate(request) {
      const { operation, subresource, object, oldObject } = request;
      if (!isConcerned(request) || !object) return;
      if (operation === 'CREATE') checkNew(request, object);
      if (operation !== 'UPDATE') return;
      if (subresource === 'approval') {
        checkPermission(store, request, 'approve');
        checkDecision(request, object);
      }
      const isSigning =
        subresource === 'status' &&
        !isSame(objectAt(object, 'status'), objectAt(oldObject, 'status'));
      if (isSigning) checkPermission(store, request, 'sign');
    },
  };
}

function isConcerned({ kind }: AdmissionRequest): boolean {
  return kind.group === 'certificates.k8s.io' && kind.plural === 'certificatesigningrequests';
}

/** Conditions say since when they hold. */
function dated(request: JsonObject, clock: Clock): JsonObject {
  const now = timestamp(clock);
  const conditions = listAt(request, 'status', 'conditions');
  if (conditions.length === 0) return request;
  const complete = conditions.map((one) => {
    if (!isObject(one)) return one;
    const { lastUpdateTime, lastTransitionTime, ...rest } = one;
    return {
      ...rest,
      lastUpdateTime: lastUpdateTime ?? now,
      lastTransitionTime: lastTransitionTime ?? now,
    };
  });
  return withValue(request, ['status', 'conditions'], complete);
}

function checkNew(request: AdmissionRequest, object: JsonObject): void {
  const { kind, name } = request;
  const spec = objectAt(object, 'spec');
  const errors = [...requestErrors(spec), ...usageErrors(spec), ...signerErrors(spec)];
  if (errors.length > 0) throw invalid(kind, name, errors);
  const isForMasters =
    stringAt(spec, 'signerName') === CLIENT_SIGNER &&
    readCertificateRequest(stringAt(spec, 'request') ?? '').organizations.includes(
      'system:masters',
    );
  if (isForMasters) {
    const why = `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`;
    throw forbidden(kind, name, why);
  }
}

function requestErrors(spec: JsonObject): readonly FieldError[] {
  const text = stringAt(spec, 'request') ?? '';
  try {
    readCertificateRequest(text);
    return [];
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    return [wrong('spec.request', text, error.message)];
  }
}

function usageErrors(spec: JsonObject): readonly FieldError[] {
  const usages = stringsAt(spec, 'usages');
  if (usages.length === 0) {
    return [{ field: 'spec.usages', type: 'Required', message: 'Required value' }];
  }
  return usages.flatMap((usage, i): readonly FieldError[] => {
    const field = `spec.usages[${i}]`;
    const value = JSON.stringify(usage);
    if (!USAGES.includes(usage)) {
      const names = USAGES.map((one) => JSON.stringify(one)).join(', ');
      const message = `Unsupported value: ${value}: supported values: ${names}`;
      return [{ field, type: 'NotSupported', message }];
    }
    return usages.indexOf(usage) < i
      ? [{ field, type: 'Duplicate', message: `Duplicate value: ${value}` }]
      : [];
  });
}

function signerErrors(spec: JsonObject): readonly FieldError[] {
  const signer = stringAt(spec, 'signerName') ?? '';
  const field = 'spec.signerName';
  const seconds = numberAt(spec, 'expirationSeconds');
  const duration =
    seconds !== undefined && seconds < MINIMUM_SECONDS
      ? [
          wrong(
            'spec.expirationSeconds',
            seconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : [];
  if (signer === '') return [{ field, type: 'Required', message: 'Required value' }, ...duration];
  if (signer === LEGACY_SIGNER) {
    const why = 'the legacy signerName is not allowed via this API version';
    return [wrong(field, signer, why), ...duration];
  }
  const [domain = '', path = '', ...more] = signer.split('/');
  if (path === '' || more.length > 0) {
    const why = 'must be a fully qualified domain and path of the form "example.com/signer-name"';
    return [wrong(field, signer, why), ...duration];
  }
  return domain.includes('.')
    ? duration
    : [
        wrong(field, signer, 'should be a domain with at least two segments separated by dots'),
        ...duration,
      ];
}

/** A decision is for good, and there is one. */
function checkDecision({ kind, name, oldObject }: AdmissionRequest, object: JsonObject): void {
  const [before, after] = [conditionTypes(oldObject), conditionTypes(object)];
  const field = 'status.conditions';
  const removed = ['Approved', 'Denied', 'Failed'].filter(
    (type) => before.includes(type) && !after.includes(type),
  );
  const second = Math.max(after.indexOf('Approved'), after.indexOf('Denied'));
  const isTorn = after.includes('Approved') && after.includes('Denied');
  const errors: FieldError[] = [
    ...removed.map((type) => ({
      field,
      type: 'Forbidden' as const,
      message: `Forbidden: updates may not remove a condition of type "${type}"`,
    })),
    ...(isTorn
      ? [
          wrong(
            `${field}[${second}].type`,
            after[second] ?? '',
            'Approved and Denied conditions are mutually exclusive',
          ),
        ]
      : []),
  ];
  if (errors.length > 0) throw invalid(kind, name, errors);
}

function conditionTypes(request: JsonObject | undefined): readonly string[] {
  return listAt(request, 'status', 'conditions').map((one) => stringAt(one, 'type') ?? '');
}

function checkPermission(store: Store, request: AdmissionRequest, verb: 'approve' | 'sign'): void {
  const { kind, name, oldObject, call } = request;
  if (call.isInternal) return;
  const signer = stringAt(oldObject, 'spec', 'signerName') ?? '';
  const domain = signer.slice(0, signer.indexOf('/'));
  const isPermitted = [signer, `${domain}/*`].some(
    (one) =>
      authorize(store, call.user, {
        type: 'resource',
        verb,
        group: kind.group,
        resource: 'signers',
        subresource: '',
        name: one,
        namespace: '',
      }).isAllowed,
  );
  if (isPermitted) return;
  throw forbidden(kind, name, `user not permitted to ${verb} requests with signerName "${signer}"`);
}

function wrong(field: string, value: Json, detail: string): FieldError {
  return { field, type: 'Invalid', message: `Invalid value: ${JSON.stringify(value)}: ${detail}` };
}
