import { at, isObject, listAt } from '../../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../../kinds/object.ts';
import { textAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import { goList, isInjecting } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

const REVISION = 'istio.io/rev';
const NAMESPACES: readonly Labels[] = [
  {},
  { 'istio-injection': 'enabled' },
  { 'istio-injection': 'disabled' },
];
const PODS: readonly Labels[] = [
  {},
  { 'sidecar.istio.io/inject': 'true' },
  { 'sidecar.istio.io/inject': 'false' },
];

interface Webhook {
  readonly about: Analyzed;
  /** `istio-sidecar-injector/namespace.sidecar-injector.istio.io` */
  readonly id: string;
  readonly webhook: JsonObject;
}

/** IST0139: pods that two webhooks would inject, and webhooks whose service has gone. */
export function webhooks(world: World): readonly Message[] {
  const all = world.all('MutatingWebhookConfiguration').flatMap(webhooksOf);
  const revisions = new Set(all.flatMap(revisionsOf));
  const namespaces = withRevisions(NAMESPACES, revisions);
  const pods = withRevisions(PODS, revisions);
  const found: Message[] = [];
  for (const namespace of namespaces) {
    for (const pod of pods) found.push(...overlapping(all, namespace, pod));
  }
  return [...found, ...all.flatMap((webhook) => withoutService(world, webhook))];
}

function webhooksOf(about: Analyzed): readonly Webhook[] {
  const all = listAt(about.object, 'webhooks')
    .filter(isObject)
    .map((webhook) => ({ about, id: `${about.name}/${textAt(webhook, 'name')}`, webhook }));
  const isIstios = all.some(({ webhook }) => textAt(webhook, 'name').endsWith('istio.io'));
  return isIstios || all.some((one) => revisionsOf(one).length > 0) ? all : [];
}

function revisionsOf({ about, webhook }: Webhook): readonly string[] {
  const own = about.labels[REVISION];
  const mentioned = ['namespaceSelector', 'objectSelector'].flatMap((name) =>
    listAt(webhook, name, 'matchExpressions')
      .filter((one) => textAt(one, 'key') === REVISION)
      .flatMap((one) => listAt(one, 'values').map((value) => textAt(value))),
  );
  return own === undefined ? mentioned : [own, ...mentioned];
}

function withRevisions(
  labels: readonly Labels[],
  revisions: ReadonlySet<string>,
): readonly Labels[] {
  const revised = [...revisions].flatMap((revision) =>
    labels.map((one) => ({ ...one, [REVISION]: revision })),
  );
  return [...labels, ...revised];
}

function overlapping(all: readonly Webhook[], namespace: Labels, pod: Labels): readonly Message[] {
  const matching = all.filter(({ webhook }) => isInjecting(webhook, namespace, pod));
  if (matching.length < 2) return [];
  return matching.map((webhook) => {
    const others = matching.filter((one) => one !== webhook).map(({ id }) => id);
    const text = `Webhook overlaps with others: ${goList(others.toSorted())}. This may cause injection to occur twice.`;
    return { code: 'IST0139', about: webhook.about, text };
  });
}

function withoutService(world: World, { about, webhook }: Webhook): readonly Message[] {
  const service = at(webhook, 'clientConfig', 'service');
  if (service === undefined) return [];
  const namespace = textAt(service, 'namespace');
  const name = textAt(service, 'name');
  if (world.find('Service', namespace, name)) return [];
  const text = `Injector refers to a control plane service that does not exist: ${namespace}/${name}.`;
  return [{ code: 'IST0139', about, text }];
}
