/** Tokens that live in Secrets (Kubernetes documentation, "Manually create a long-lived API token for a ServiceAccount"). */
import { ApiError } from '../../client/api-error.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { asJson, objectAt, stringAt, stringMapAt } from '../objects/json.ts';
import { API_SERVER_USER, internalCall, type Core } from '../rest/context.ts';
import { deleteObject } from '../rest/delete.ts';
import { updateObject } from '../rest/update.ts';
import type { Pki } from './pki.ts';
import { signLegacyToken } from './tokens.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

/** Fills Secrets of type service-account-token, and deletes those whose account is gone; disposing of the result stops that. */
export function keepTokenSecrets(core: Core, pki: Pki): Disposable {
  const secrets = core.store.watch('/secrets', ({ type, object }) => {
    if (type !== 'DELETED') void settle(core, pki, object);
  });
  const accounts = core.store.listen('/serviceaccounts', ({ type, object }) => {
    if (type !== 'DELETED') return;
    for (const secret of core.store.list('/secrets', object.metadata.namespace).items) {
      void settle(core, pki, secret);
    }
  });
  return {
    [Symbol.dispose]() {
      secrets[Symbol.dispose]();
      accounts[Symbol.dispose]();
    },
  };
}

async function settle(core: Core, pki: Pki, secret: KubeObject): Promise<void> {
  const { name, namespace = '', annotations = {}, deletionTimestamp } = secret.metadata;
  if (stringAt(secret, 'type') !== TYPE || deletionTimestamp !== undefined) return;
  const accountName = annotations[ACCOUNT_NAME] ?? '';
  const account = core.store.get('/serviceaccounts', namespace, accountName);
  const knownUid = annotations[ACCOUNT_UID] ?? '';
  const isOrphan = !account || (knownUid !== '' && knownUid !== account.metadata.uid);
  const kind = core.kinds.find('', 'v1', 'secrets');
  if (!kind) return;
  const call = internalCall(API_SERVER_USER);
  const target = { namespace, name };
  try {
    if (isOrphan) {
      const preconditions = { uid: secret.metadata.uid };
      await deleteObject(core, { kind, target, call, preconditions });
      return;
    }
    const { uid } = account.metadata;
    await updateObject(core, {
      kind,
      target,
      subresource: '',
      change: (current) => filled(pki, current, uid),
      call,
    });
  } catch (error) {
    // The Secret is gone or changed: the next event says so.
    if (!(error instanceof ApiError)) throw error;
  }
}

/** The Secret with whatever is missing of the authority, the namespace and the token. */
function filled(pki: Pki, secret: KubeObject, uid: string): JsonObject {
  const { name, namespace = '', annotations = {} } = secret.metadata;
  const data = stringMapAt(secret, 'data');
  const accountName = annotations[ACCOUNT_NAME] ?? '';
  const isComplete = ['ca.crt', 'namespace', 'token'].every((key) => (data[key] ?? '') !== '');
  if (isComplete && annotations[ACCOUNT_UID] === uid) return asJson(secret);
  return {
    ...asJson(secret),
    metadata: {
      ...objectAt(secret, 'metadata'),
      annotations: { ...annotations, [ACCOUNT_UID]: uid },
    },
    data: {
      'ca.crt': encode(pki.caCertificate),
      namespace: encode(namespace),
      token: encode(signLegacyToken(pki, { namespace, name: accountName, uid }, name)),
      ...data,
    },
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
