import { timestamp, timestampOf } from '../../clock.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { invalid, notFound } from '../errors.ts';
import { TOKEN_LIMIT_SECONDS } from '../limits.ts';
import { numberAt, objectAt, stringAt, stringsAt } from '../objects/json.ts';
import { ISSUER, signToken } from '../pki/tokens.ts';
import { readObjectBody } from './body.ts';
import { sendJson, type Exchange } from './exchange.ts';

const DEFAULT_SECONDS = 3600;
const MINIMUM_SECONDS = 600;

/** Answers `serviceaccounts/{name}/token` (authentication.k8s.io/v1 TokenRequest). */
export async function sendToken(exchange: Exchange, account: KubeObject): Promise<void> {
  const { value: body } = await readObjectBody(exchange.request);
  const { core, pki } = exchange.context;
  const seconds = numberAt(body, 'spec', 'expirationSeconds') ?? DEFAULT_SECONDS;
  if (seconds < MINIMUM_SECONDS) {
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [
      {
        field: 'spec.expirationSeconds',
        type: 'Invalid',
        message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`,
      },
    ]);
  }
  const granted = Math.min(seconds, TOKEN_LIMIT_SECONDS);
  const asked = stringsAt(body, 'spec', 'audiences');
  const audiences = asked.length > 0 ? asked : [ISSUER];
  const issuedAt = Math.floor(core.clock.now() / 1000);
  const { name, namespace = '', uid } = account.metadata;
  const pod = boundPod(exchange, namespace, objectAt(body, 'spec', 'boundObjectRef'));
  const expiresAt = issuedAt + granted;
  const token = signToken(pki, {
    subject: { namespace, name, uid, ...(pod && { pod }) },
    audiences,
    issuedAt,
    expiresAt,
  });
  sendJson(exchange.response, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(core.clock) },
    spec: { ...objectAt(body, 'spec'), audiences, expirationSeconds: granted },
    status: { token, expirationTimestamp: timestampOf(expiresAt * 1000) },
  });
}

function boundPod({ context }: Exchange, namespace: string, reference: object) {
  if (stringAt(reference, 'kind') !== 'Pod') return undefined;
  const name = stringAt(reference, 'name') ?? '';
  const pod = context.core.store.get('/pods', namespace, name);
  if (!pod) throw notFound({ group: '', plural: 'pods' }, name);
  return { name, uid: pod.metadata.uid };
}
