import type { ClusterClient, Resource, WatchEvent } from '../../../client/client.ts';
import { objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { written } from '../written.ts';

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly JsonObject[];
}

const RESOURCES: readonly Resource<WebhookConfiguration>[] = [
  webhookResource('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration'),
  webhookResource('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration'),
];

/**
 * Keeps the CA bundle in the webhooks of an istiod's own revision, tags that come later among them, and makes the validating ones
 * fail closed now that somebody answers.
 */
export function registerWebhooks(
  client: ClusterClient,
  plane: {
    readonly bundle: string;
    readonly revision: string;
    readonly log: (line: string) => void;
  },
): Disposable {
  const caBundle = Buffer.from(plane.bundle).toString('base64');
  const stack = new DisposableStack();
  for (const resource of RESOURCES) {
    const complete = ({ type, object }: WatchEvent<WebhookConfiguration>) => {
      if (type === 'DELETED') return;
      if (object.metadata.labels?.['istio.io/rev'] !== plane.revision) return;
      if (!object.metadata.name.startsWith('istio') || isComplete(object, caBundle)) return;
      const webhooks = (object.webhooks ?? []).map((webhook) => ({
        ...webhook,
        clientConfig: { ...objectAt(webhook, 'clientConfig'), caBundle },
        failurePolicy: 'Fail',
      }));
      const { name } = object.metadata;
      void written(client.patch(resource, { name }, { webhooks }), 'webhooks', plane.log);
    };
    stack.use(client.watch(resource, complete));
  }
  return stack;
}

function isComplete({ webhooks = [] }: WebhookConfiguration, caBundle: string): boolean {
  return webhooks.every(
    (webhook) =>
      stringAt(webhook, 'clientConfig', 'caBundle') === caBundle &&
      webhook['failurePolicy'] === 'Fail',
  );
}

function webhookResource(plural: string, kind: string): Resource<WebhookConfiguration> {
  return {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural,
    kind,
    isNamespaced: false,
  };
}
