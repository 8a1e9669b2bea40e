import { at, listAt, objectAt } from '../../../../../kinds/json.ts';
import type { JsonObject } from '../../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../../install/tree.ts';
import { injectorValues, proxyImageBy } from '../../../kube/injector-values.ts';
import { proxyImage } from '../meshed.ts';
import type { Message } from '../message.ts';
import { goList, isInjecting } from '../selection.ts';
import type { Analyzed, World } from '../world.ts';

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
const MODE = 'istio.io/dataplane-mode';

/** IST0102, IST0123 and IST0148: what namespaces say of injection. */
export function namespaceLabels(world: World): readonly Message[] {
  return world
    .all('Namespace')
    .filter(({ name }) => name !== 'istio-system')
    .flatMap((about) => [...doubleLabels(about), ...uninjected(world, about)]);
}

function doubleLabels(about: Analyzed): readonly Message[] {
  const { labels } = about;
  const own = labels[INJECTION];
  const others = [REVISION, MODE].filter((label) => labels[label] !== undefined);
  const counted = own === undefined || own === 'enabled' ? others : [];
  const found = [...(own === undefined ? [] : [INJECTION]), ...counted];
  if (found.length < 2) return [];
  const list = goList(found.map((label) => `${label}=${labels[label]}`));
  const text = `The namespace has more than one type of injection labels ${list}, which may lead to undefined behavior. Make sure only one injection label exists.`;
  return [{ code: 'IST0123', about, text }];
}

function uninjected(world: World, about: Analyzed): readonly Message[] {
  const { labels, name } = about;
  if (labels[MODE] === 'ambient') return [];
  if ((labels[INJECTION] ?? '') !== '' || labels[REVISION] !== undefined) return [];
  if (isEverywhereByDefault(world)) {
    const text =
      'is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as true.';
    return [{ code: 'IST0148', about, text }];
  }
  return [
    {
      code: 'IST0102',
      about,
      text: `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${name} istio-injection=disabled' to explicitly mark it as not needing injection.`,
      field: '.metadata.name',
    },
  ];
}

function isEverywhereByDefault(world: World): boolean {
  const values = valuesFor(world, '');
  return at(values, 'sidecarInjectorWebhook', 'enableNamespacesByDefault') === true;
}

/** The values that a revision's injector fills its template with. */
function valuesFor(world: World, revision: string): JsonObject {
  const suffix = revision === '' || revision === 'default' ? '' : `-${revision}`;
  const found = world
    .all('ConfigMap')
    .find(({ name }) => name === `istio-sidecar-injector${suffix}`);
  return injectorValues(found?.object);
}

/** IST0103: pods without a proxy in namespaces that ask for one. */
export function podsWithoutProxy(world: World): readonly Message[] {
  return world
    .all('Pod')
    .filter((pod) => {
      const namespace = world.find('Namespace', '', pod.namespace);
      return namespace?.labels[INJECTION] === 'enabled' && lacksProxy(pod);
    })
    .map((about) => ({
      code: 'IST0103',
      about,
      text: `The pod ${about.namespace}/${about.name} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`,
    }));
}

function lacksProxy({ object, labels, annotations, namespace }: Analyzed): boolean {
  const asked = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'] ?? '';
  if (asked.toLowerCase() === 'false' || namespace === 'istio-system') return false;
  const spec = objectAt(object, 'spec');
  return spec['hostNetwork'] !== true && proxyImage(spec) === '';
}

/** IST0158: proxies of another version than the injector would put in now. */
export function outdatedProxies(world: World): readonly Message[] {
  return world.all('Namespace').flatMap((about) => {
    const revision = about.labels[REVISION] ?? 'default';
    if (about.labels[INJECTION] !== 'enabled' && about.labels[REVISION] === undefined) return [];
    const image = proxyImageBy(valuesFor(world, revision));
    if (image === undefined) return [];
    const pods = world
      .all('Pod')
      .filter(({ namespace }) => namespace === about.name)
      .filter(({ annotations }) => (annotations['sidecar.istio.io/proxyImage'] ?? '') === '')
      .filter(({ object }) => {
        const own = proxyImage(objectAt(object, 'spec'));
        return own !== '' && own !== image && own !== `${image}-${imageType(world)}`;
      })
      .map(({ name }) => name)
      .toSorted();
    if (pods.length === 0) return [];
    const text = `The Istio proxy images of the pods running in the namespace do not match the image defined in the injection configuration (pod names: ${goList(pods)}). This often happens after upgrading the Istio control-plane and can be fixed by redeploying the pods.`;
    return [{ code: 'IST0158', about, text }];
  });
}

function imageType(world: World): string {
  return textAt(world.mesh, 'defaultConfig', 'image', 'imageType');
}

/** IST0146 and IST0147: `image: auto` where nobody will put the real one. */
export function automaticImages(world: World): readonly Message[] {
  const webhooks = world
    .all('MutatingWebhookConfiguration')
    .flatMap(({ object }) => listAt(object, 'webhooks'))
    .filter((webhook) => textAt(webhook, 'name').endsWith('istio.io'));
  const pods = world
    .all('Pod')
    .filter(({ object }) => hasAutomaticImage(objectAt(object, 'spec')))
    .map((about) => automatic('IST0147', about));
  const deployments = world
    .all('Deployment')
    .filter(({ object }) => hasAutomaticImage(objectAt(object, 'spec', 'template', 'spec')))
    .filter(({ object, namespace }) => {
      const ofNamespace = world.find('Namespace', '', namespace)?.labels ?? {};
      const labels = textsAt(object, 'spec', 'template', 'metadata', 'labels');
      return !webhooks.some((webhook) => isInjecting(webhook, ofNamespace, labels));
    })
    .map((about) => automatic('IST0146', about));
  return [...pods, ...deployments];
}

function automatic(code: string, about: Analyzed): Message {
  const text = `${about.kind} ${about.name} contains \`image: auto\` but does not match any Istio injection webhook selectors.`;
  return { code, about, text };
}

function hasAutomaticImage(spec: JsonObject): boolean {
  return listAt(spec, 'containers').some(
    (one) => textAt(one, 'name') === 'istio-proxy' && textAt(one, 'image') === 'auto',
  );
}
