import { at, listAt } from '../../../../kinds/json.ts';
import { EXEMPT_NAMESPACES } from '../../../../mesh/injection/index.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { proxyContainer } from '../../kube/proxies.ts';
import { fullNameOf, type Message } from './message.ts';
import type { Analyzed, World } from './world.ts';

/** Namespaces that Istio never injects, and its own. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['istio-system', ...EXEMPT_NAMESPACES]);

/** IST0102: namespaces that say nothing about injection. */
export function uninjectedNamespaces(world: World): readonly Message[] {
  return world
    .all('Namespace')
    .filter((namespace) => !SYSTEM_NAMESPACES.has(namespace.name) && labelled(namespace) === '')
    .map((about) => ({
      level: 'Info',
      code: 'IST0102',
      about,
      text: `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${about.name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${about.name} istio-injection=disabled' to explicitly mark it as not needing injection.`,
    }));
}

/** IST0103: pods without a proxy in namespaces that ask for one. */
export function podsWithoutProxy(world: World): readonly Message[] {
  return world
    .all('Pod')
    .filter((pod) => isInjected(world, pod.namespace) && lacksProxy(pod))
    .map((about) => ({
      level: 'Warning',
      code: 'IST0103',
      about,
      text: `The pod ${fullNameOf(about)} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`,
    }));
}

/** IST0118: ports whose protocol Istio has to guess. */
export function unnamedPorts(world: World): readonly Message[] {
  return world
    .all('Service')
    .filter((service) => isInjected(world, service.namespace))
    .flatMap((about) =>
      listAt(about.object, 'spec', 'ports')
        .filter((port) => !namesProtocol(textAt(port, 'name'), textAt(port, 'appProtocol')))
        .map((port) => ({
          level: 'Info' as const,
          code: 'IST0118',
          about,
          text: `Port name ${textAt(port, 'name')} (port: ${textAt(port, 'port')}, targetPort: ${textAt(port, 'targetPort') || textAt(port, 'port')}) doesn't follow the naming convention of Istio port.`,
        })),
    );
}

const PROTOCOL_NAME = /^(grpc|grpc-web|http|http2|https|mongo|mysql|redis|tcp|tls|udp)(-.*)?$/i;

function namesProtocol(name: string, appProtocol: string): boolean {
  return appProtocol !== '' || PROTOCOL_NAME.test(name);
}

function isInjected(world: World, namespace: string): boolean {
  const found = world.find('Namespace', namespace, namespace);
  if (!found || SYSTEM_NAMESPACES.has(namespace)) return false;
  const label = labelled(found);
  return label !== '' && label !== 'disabled';
}

function labelled({ object }: Analyzed): string {
  const labels = textsAt(object, 'metadata', 'labels');
  return (
    labels['istio-injection'] ?? labels['istio.io/rev'] ?? labels['istio.io/dataplane-mode'] ?? ''
  );
}

function lacksProxy({ object }: Analyzed): boolean {
  if (at(object, 'spec', 'hostNetwork') === true) return false;
  const asked =
    textAt(object, 'metadata', 'labels', 'sidecar.istio.io/inject') ||
    textAt(object, 'metadata', 'annotations', 'sidecar.istio.io/inject');
  if (asked === 'false') return false;
  return proxyContainer(object) === undefined;
}
