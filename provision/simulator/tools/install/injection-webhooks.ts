import type { NewObject } from '../../client/client.ts';
import type { Json, JsonObject, Labels } from '../../kinds/object.ts';
import { EXEMPT_NAMESPACES } from '../../mesh/injection/index.ts';
import { revised, revisionLabel } from './names.ts';
import type { Operator } from './operator.ts';
import { textAt } from './tree.ts';

/** Whose pods a configuration of webhooks injects. */
export interface InjectionTarget {
  /** Name of the MutatingWebhookConfiguration. */
  readonly name: string;
  /** Value of `istio.io/rev` it answers for. */
  readonly tag: string;
  /** Also answers for `istio-injection=enabled` and `sidecar.istio.io/inject`, which name no revision. */
  readonly isDefault: boolean;
  /** Keeps the object but selects nothing, as Istio leaves it once a revision tag has taken over. */
  readonly isDeactivated?: boolean;
  readonly labels: Labels;
}

/** A selector that nothing matches: a webhook with it stays, and does nothing. */
export const NEVER_MATCHES: JsonObject = {
  matchLabels: { 'istio.io/deactivated': 'never-match' },
};

/** The webhooks of one revision or revision tag (Istio's page "Installing the Sidecar", section on the order of labels). */
export function injectionWebhooks(operator: Operator, target: InjectionTarget): NewObject {
  const selectors = target.isDefault
    ? [...byRevision(target.tag), ...byLabel(), ...byDefault(operator)]
    : byRevision(target.tag);
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: target.name, labels: { ...target.labels, app: 'sidecar-injector' } },
    webhooks: selectors.map(({ name, namespaces, pods }) => ({
      name: `${name}.sidecar-injector.istio.io`,
      admissionReviewVersions: ['v1'],
      clientConfig: {
        service: {
          name: revised('istiod', operator),
          namespace: operator.namespace,
          path: '/inject',
          port: 443,
        },
      },
      failurePolicy: 'Fail',
      namespaceSelector: target.isDeactivated ? NEVER_MATCHES : { matchExpressions: namespaces },
      objectSelector: target.isDeactivated ? NEVER_MATCHES : { matchExpressions: pods },
      reinvocationPolicy: 'Never',
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
      ],
      sideEffects: 'None',
    })),
  };
}

/** The webhooks that `istioctl install` leaves behind for a revision: its own, and the tag `default` when it has it. */
export function revisionWebhooks(
  operator: Operator,
  labels: Labels,
  holdsDefaultTag: boolean,
): readonly NewObject[] {
  const own: InjectionTarget = {
    name: revised('istio-sidecar-injector', operator),
    tag: revisionLabel(operator),
    isDefault: operator.revision === '',
    isDeactivated: operator.revision === '' && holdsDefaultTag,
    labels,
  };
  const webhooks = [injectionWebhooks(operator, own)];
  if (!holdsDefaultTag) return webhooks;
  const tagged: InjectionTarget = {
    name: 'istio-revision-tag-default',
    tag: 'default',
    isDefault: true,
    labels: { ...labels, 'istio.io/tag': 'default' },
  };
  return [...webhooks, injectionWebhooks(operator, tagged)];
}

interface Selectors {
  readonly name: string;
  readonly namespaces: readonly Json[];
  readonly pods: readonly Json[];
}

const NOT_REFUSED: JsonObject = {
  key: 'sidecar.istio.io/inject',
  operator: 'NotIn',
  values: ['false'],
};

function absent(key: string): JsonObject {
  return { key, operator: 'DoesNotExist' };
}

function isIn(key: string, value: string): JsonObject {
  return { key, operator: 'In', values: [value] };
}

function byRevision(tag: string): Selectors[] {
  return [
    {
      name: 'rev.namespace',
      namespaces: [isIn('istio.io/rev', tag), absent('istio-injection')],
      pods: [NOT_REFUSED],
    },
    {
      name: 'rev.object',
      namespaces: [absent('istio.io/rev'), absent('istio-injection')],
      pods: [NOT_REFUSED, isIn('istio.io/rev', tag)],
    },
  ];
}

function byLabel(): Selectors[] {
  return [
    { name: 'namespace', namespaces: [isIn('istio-injection', 'enabled')], pods: [NOT_REFUSED] },
    {
      name: 'object',
      namespaces: [absent('istio-injection'), absent('istio.io/rev')],
      pods: [isIn('sidecar.istio.io/inject', 'true'), absent('istio.io/rev')],
    },
  ];
}

/** Pods of namespaces that say nothing, where `enableNamespacesByDefault` is set. */
function byDefault({ values }: Operator): Selectors[] {
  if (textAt(values, 'sidecarInjectorWebhook', 'enableNamespacesByDefault') !== 'true') return [];
  return [
    {
      name: 'auto',
      namespaces: [
        absent('istio-injection'),
        absent('istio.io/rev'),
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...EXEMPT_NAMESPACES] },
      ],
      pods: [absent('sidecar.istio.io/inject'), absent('istio.io/rev')],
    },
  ];
}
