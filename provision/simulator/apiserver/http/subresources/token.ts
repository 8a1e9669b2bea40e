import { ApiError } from '../../../client/api-error.ts';
import { timestamp, timestampOf } from '../../../clock.ts';
import type { FieldError } from '../../../kinds/kind.ts';
import type { KubeObject } from '../../../kinds/object.ts';
import { badRequest, invalid, notFound } from '../../errors.ts';
import { TOKEN_LIMIT_SECONDS, TOKEN_MINIMUM_SECONDS } from '../../limits.ts';
import { numberAt, objectAt, stringAt, stringsAt } from '../../objects/json.ts';
import { makeUid } from '../../objects/names.ts';
import { ISSUER, signToken, type BoundObject } from '../../pki/tokens.ts';
import type { Store } from '../../store/store.ts';
import { sendJson, type Exchange } from '../exchange.ts';
import { readObjectBody } from '../requests/body.ts';

const DEFAULT_SECONDS = 3600;

/** Answers `serviceaccounts/{name}/token` (authentication.k8s.io/v1 TokenRequest). */
export async function sendToken(exchange: Exchange, account: KubeObject): Promise<void> {
  const { value: body } = await readObjectBody(exchange.request);
  const { core, pki } = exchange.context;
  const seconds = numberAt(body, 'spec', 'expirationSeconds') ?? DEFAULT_SECONDS;
  const errors = durationErrors(seconds);
  if (errors.length > 0) {
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors);
  }
  const asked = stringsAt(body, 'spec', 'audiences');
  const audiences = asked.length > 0 ? asked : [ISSUER];
  const issuedAt = Math.floor(core.clock.now() / 1000);
  const { name, namespace = '', uid } = account.metadata;
  const bound = boundTo(core.store, account, objectAt(body, 'spec', 'boundObjectRef'));
  const expiresAt = issuedAt + seconds;
  const token = signToken(pki, {
    subject: { namespace, name, uid, ...bound },
    audiences,
    id: makeUid(core.random),
    issuedAt,
    expiresAt,
  });
  sendJson(exchange.response, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(core.clock) },
    spec: { ...objectAt(body, 'spec'), audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestampOf(expiresAt * 1000) },
  });
}

function durationErrors(seconds: number): readonly FieldError[] {
  const why =
    seconds < TOKEN_MINIMUM_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : seconds > TOKEN_LIMIT_SECONDS
        ? 'may not specify a duration larger than 2^32 seconds'
        : '';
  if (why === '') return [];
  const message = `Invalid value: ${seconds}: ${why}`;
  return [{ field: 'spec.expirationSeconds', type: 'Invalid', message }];
}

type Bound = Partial<Record<'pod' | 'node' | 'secret', BoundObject>>;

/** The object without which the token is worth nothing (Kubernetes documentation, "Service Accounts", bound tokens). */
function boundTo(store: Store, account: KubeObject, reference: object): Bound {
  const kind = stringAt(reference, 'kind') ?? '';
  if (kind === '') return {};
  const version = stringAt(reference, 'apiVersion') ?? '';
  const name = stringAt(reference, 'name') ?? '';
  const namespace = account.metadata.namespace ?? '';
  switch (version === 'v1' ? kind : '') {
    case 'Pod': {
      const pod = boundObject(store, 'pods', namespace, reference);
      const object = store.get('/pods', namespace, name);
      if (stringAt(object, 'spec', 'serviceAccountName') !== account.metadata.name) {
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
        );
      }
      const nodeName = stringAt(object, 'spec', 'nodeName') ?? '';
      const node = store.get('/nodes', '', nodeName);
      return { pod, ...(node && { node: { name: nodeName, uid: node.metadata.uid } }) };
    }
    case 'Node':
      return { node: boundObject(store, 'nodes', '', reference) };
    case 'Secret':
      return { secret: boundObject(store, 'secrets', namespace, reference) };
    default: {
      const slash = version.indexOf('/');
      const [group, after] =
        slash < 0 ? ['', version] : [version.slice(0, slash), version.slice(slash + 1)];
      throw badRequest(`cannot bind token to object of type ${group}/${after}, Kind=${kind}`);
    }
  }
}

function boundObject(
  store: Store,
  plural: string,
  namespace: string,
  reference: object,
): BoundObject {
  const name = stringAt(reference, 'name') ?? '';
  const found = store.get(`/${plural}`, namespace, name);
  if (!found) throw notFound({ group: '', plural }, name);
  const { uid } = found.metadata;
  const asked = stringAt(reference, 'uid') ?? '';
  if (asked === '' || asked === uid) return { name, uid };
  const kind = stringAt(reference, 'kind') ?? '';
  throw new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${kind} ${JSON.stringify(name)}: the UID in the bound object reference (${asked}) does not match the UID in record. The object might have been deleted and then recreated`,
    { name, kind },
  );
}
