/** The signers of kube-controller-manager (Kubernetes documentation, "Kubernetes signers"). */
import { ApiError } from '../../client/api-error.ts';
import { timestamp } from '../../clock.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { authorize } from '../auth/rbac.ts';
import {
  asJson,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  withValue,
} from '../objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from '../rest/context.ts';
import { updateObject } from '../rest/update.ts';
import { storageKey } from '../served-kinds.ts';
import {
  CertificateRequestError,
  readCertificateRequest,
  type CertificateRequest,
} from './certificate-request.ts';
import { makeCertificate } from './certificate.ts';
import { clusterIssuer, type Pki } from './pki.ts';

const REQUESTS = { group: 'certificates.k8s.io', plural: 'certificatesigningrequests' } as const;
const PREFIX = 'kubernetes.io/';
/** Longest life of a certificate: upstream's default of --cluster-signing-duration, in milliseconds. */
const LIFE_LIMIT_MS = 365 * 24 * 3600 * 1000;
/** Certificates hold from a little before now, for clocks that are behind, as upstream's. */
const BACKDATE_MS = 300_000;

/** Signs requests once they are approved; disposing of the result stops that. */
export function signRequests(core: Core, pki: Pki): Disposable {
  return core.store.watch(storageKey(REQUESTS), ({ type, object }) => {
    if (type !== 'DELETED') void settle(core, pki, object);
  });
}

async function settle(core: Core, pki: Pki, request: KubeObject): Promise<void> {
  const types = listAt(request, 'status', 'conditions').map((one) => stringAt(one, 'type'));
  const signer = stringAt(request, 'spec', 'signerName') ?? '';
  const isOpen =
    signer.startsWith(PREFIX) &&
    stringAt(request, 'status', 'certificate') === undefined &&
    !types.includes('Failed') &&
    !types.includes('Denied');
  if (!isOpen) return;
  const asked = readAsked(request);
  if (!asked) return;
  if (!types.includes('Approved')) {
    if (isOwnNode(core, request, asked)) await change(core, request, approved(core, request));
    return;
  }
  const usages = stringsAt(request, 'spec', 'usages');
  const problem = problemOf(signer.slice(PREFIX.length), asked, usages);
  if (problem === undefined) return;
  await change(
    core,
    request,
    problem === '' ? withCertificate(core, pki, request, asked) : failed(core, request, problem),
  );
}

/** Undefined for what is no request: admission lets none of these in, but a snapshot may hold one. */
function readAsked(request: KubeObject): CertificateRequest | undefined {
  try {
    return readCertificateRequest(stringAt(request, 'spec', 'request') ?? '');
  } catch (error) {
    if (error instanceof CertificateRequestError) return undefined;
    throw error;
  }
}

/** What keeps a signer from signing; empty when nothing does, undefined when it is none of ours. */
function problemOf(
  signer: string,
  asked: CertificateRequest,
  usages: readonly string[],
): string | undefined {
  switch (signer) {
    case 'kube-apiserver-client':
      return clientProblem(usages);
    case 'kube-apiserver-client-kubelet':
      return nodeProblem(asked, usages, 'client auth');
    case 'kubelet-serving':
      return nodeProblem(asked, usages, 'server auth');
    default:
      return undefined;
  }
}

function clientProblem(usages: readonly string[]): string {
  const allowed = ['client auth', 'digital signature', 'key encipherment'];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth')
    ? ''
    : 'missing required usage for client certificate: client auth';
}

function nodeProblem(
  { commonName, organizations, altNames }: CertificateRequest,
  usages: readonly string[],
  usage: 'client auth' | 'server auth',
): string {
  const [organization, ...others] = organizations;
  if (organization !== 'system:nodes' || others.length > 0) {
    return 'subject organization is not system:nodes';
  }
  const types = altNames?.types ?? new Set<string>();
  const isServing = usage === 'server auth';
  const forbidden = isServing ? ['Email', 'URI'] : ['DNS', 'Email', 'IP', 'URI'];
  if (isServing && !types.has('DNS') && !types.has('IP')) {
    return 'DNS or IP subjectAltName is required';
  }
  const wrong = forbidden.find((type) => [...types].includes(type));
  if (wrong !== undefined) return `${wrong} subjectAltNames are not allowed`;
  const extra = usages.filter((one) => one !== 'key encipherment').toSorted();
  const wanted = ['digital signature', usage].toSorted();
  if (extra.join() !== wanted.join()) {
    const list = ['digital signature', 'key encipherment', usage].toSorted();
    return `usages did not match [${list.join(' ')}]`;
  }
  return commonName.startsWith('system:node:')
    ? ''
    : 'subject common name does not begin with system:node:';
}

/** Kubelets that may have their own certificate get it without anybody's approval (upstream: csrapproving). */
function isOwnNode(core: Core, request: KubeObject, asked: CertificateRequest): boolean {
  if (stringAt(request, 'spec', 'signerName') !== `${PREFIX}kube-apiserver-client-kubelet`) {
    return false;
  }
  if (nodeProblem(asked, stringsAt(request, 'spec', 'usages'), 'client auth') !== '') return false;
  const name = stringAt(request, 'spec', 'username') ?? '';
  const user = { name, groups: stringsAt(request, 'spec', 'groups') };
  const parts = name === asked.commonName ? ['selfnodeclient', 'nodeclient'] : ['nodeclient'];
  return parts.some(
    (subresource) =>
      authorize(core.store, user, {
        type: 'resource',
        verb: 'create',
        group: REQUESTS.group,
        resource: REQUESTS.plural,
        subresource,
        name: '',
        namespace: '',
      }).isAllowed,
  );
}

function approved(core: Core, request: KubeObject): JsonObject {
  return withCondition(core, request, {
    type: 'Approved',
    reason: 'AutoApproved',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  });
}

function failed(core: Core, request: KubeObject, message: string): JsonObject {
  return withCondition(core, request, {
    type: 'Failed',
    reason: 'SignerValidationFailure',
    message,
  });
}

function withCondition(core: Core, request: KubeObject, condition: JsonObject): JsonObject {
  const now = timestamp(core.clock);
  const complete = {
    ...condition,
    status: 'True',
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  const conditions = [...listAt(request, 'status', 'conditions'), complete];
  return { ...objectAt(request, 'status'), conditions };
}

function withCertificate(
  core: Core,
  pki: Pki,
  request: KubeObject,
  asked: CertificateRequest,
): JsonObject {
  if (!asked.isSigned) {
    const why = 'unable to verify certificate request signature: x509: signature does not match';
    return failed(core, request, why);
  }
  const nowMs = core.clock.now();
  const seconds = numberAt(request, 'spec', 'expirationSeconds');
  const lifeMs = Math.min(seconds === undefined ? LIFE_LIMIT_MS : seconds * 1000, LIFE_LIMIT_MS);
  const certificate = makeCertificate({
    commonName: asked.commonName,
    rawSubject: asked.subject,
    publicKey: asked.publicKey,
    issuer: clusterIssuer(pki),
    usage: stringsAt(request, 'spec', 'usages').includes('server auth') ? 'server' : 'client',
    ...(asked.altNames && { rawAltNames: asked.altNames.bytes }),
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: nowMs + lifeMs,
  });
  const status = objectAt(request, 'status');
  return { ...status, certificate: Buffer.from(certificate).toString('base64') };
}

async function change(core: Core, { metadata }: KubeObject, status: JsonObject): Promise<void> {
  const kind = core.kinds.find(REQUESTS.group, 'v1', REQUESTS.plural);
  if (!kind) return;
  const { name, resourceVersion } = metadata;
  const call = internalCall(API_SERVER_USER);
  try {
    await updateObject(core, {
      kind,
      target: { namespace: '', name },
      subresource: 'status',
      change: (current) =>
        withValue({ ...asJson(current), status }, ['metadata', 'resourceVersion'], resourceVersion),
      call,
    });
  } catch (error) {
    // Somebody changed or deleted the request meanwhile; a change comes back as an event of its own.
    if (!(error instanceof ApiError)) throw error;
  }
}
