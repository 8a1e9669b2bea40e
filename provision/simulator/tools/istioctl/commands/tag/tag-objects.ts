import type { NewObject } from '../../../../client/client.ts';
import { isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import {
  injectionWebhooks,
  NEVER_MATCHES,
  resolveOperator,
  tagService,
  validationWebhook,
} from '../../../install/index.ts';
import { textAt, textsAt, without } from '../../../install/tree.ts';
import { checked, getObject, listObjects, type KubeApi } from '../../kube/api.ts';
import { MUTATING_WEBHOOKS, REVISION_LABEL, TAG_LABEL } from './tagged.ts';

/** What a tag shall be. */
export interface TagWish {
  readonly tag: string;
  readonly revision: string;
  readonly istioNamespace: string;
  /** Empty: `istio-revision-tag-<tag>`. */
  readonly webhookName: string;
  /** Inject pods of namespaces that have no label as well. */
  readonly injectsByDefault: boolean;
}

const VALIDATOR = 'istiod-default-validator';

/**
 * The objects that make up a tag: its webhooks, its Service (since Istio 1.28), and for `default` the validator of objects
 * that name no revision (https://istio.io/latest/docs/setup/upgrade/canary/#stable-revision-labels).
 * They are the learner's own: the labels by which an installation knows its objects are left out.
 * @param webhook the configuration of the revision itself
 */
export async function tagObjects(
  api: KubeApi,
  webhook: JsonObject,
  wish: TagWish,
): Promise<readonly NewObject[]> {
  const { tag, revision, istioNamespace, webhookName } = wish;
  const operator = resolveOperator({
    sets: [
      'profile=empty',
      'components.pilot.enabled=true',
      `revision=${revision}`,
      `values.global.istioNamespace=${istioNamespace}`,
      `values.sidecarInjectorWebhook.enableNamespacesByDefault=${wish.injectsByDefault}`,
    ],
  });
  const labels = textsAt(without(objectAt(webhook, 'metadata', 'labels'), 'app'));
  const objects = [
    injectionWebhooks(operator, {
      name: webhookName || `istio-revision-tag-${tag}`,
      tag,
      isDefault: tag === 'default',
      labels: { ...labels, [TAG_LABEL]: tag },
    }),
    ...(tag === 'default'
      ? [await defaultValidator(api, validationWebhook(operator, labels, VALIDATOR), tag)]
      : []),
    tagService(operator, tag),
  ];
  return objects.map(asLearners);
}

/** The configuration that was made with the revision, not by a tag. */
export async function canonicalWebhook(
  api: KubeApi,
  revision: string,
): Promise<JsonObject | undefined> {
  const selector = `${REVISION_LABEL}=${revision},!${TAG_LABEL}`;
  return (await listObjects(api, MUTATING_WEBHOOKS, selector))[0];
}

/** Makes the webhooks of the revision `default` select nothing; without that revision nothing happens. */
export async function deactivateDefault(api: KubeApi): Promise<void> {
  const found = await canonicalWebhook(api, 'default');
  if (!found) return;
  const webhooks = listAt(found, 'webhooks')
    .filter(isObject)
    .map((webhook) => ({
      ...webhook,
      namespaceSelector: NEVER_MATCHES,
      objectSelector: NEVER_MATCHES,
    }));
  const path = `${MUTATING_WEBHOOKS}/${textAt(found, 'metadata', 'name')}`;
  checked(
    await api.call({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ webhooks }),
    }),
  );
}

/** istiod closes the door itself once it answers; a door that is closed already stays closed. */
async function defaultValidator(
  api: KubeApi,
  validator: NewObject,
  tag: string,
): Promise<NewObject> {
  const path = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${VALIDATOR}`;
  const [present] = listAt(await getObject(api, path), 'webhooks');
  const failurePolicy = textAt(present, 'failurePolicy') || 'Ignore';
  const { labels } = validator.metadata;
  return {
    ...validator,
    metadata: { ...validator.metadata, labels: { ...labels, [TAG_LABEL]: tag } },
    webhooks: listAt(validator, 'webhooks')
      .filter(isObject)
      .map((webhook) => ({ ...webhook, failurePolicy })),
  };
}

function asLearners(object: NewObject): NewObject {
  const labels: Labels = Object.fromEntries(
    Object.entries(object.metadata.labels ?? {}).filter(
      ([name]) => !name.includes('operator.istio.io'),
    ),
  );
  return { ...object, metadata: { ...object.metadata, labels } };
}
