import { listAt, objectAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { listObjects, type KubeApi } from './api.ts';
import { imageVersion } from './installed.ts';
import { objectIn } from './json-text.ts';

/** A pod with Istio's proxy in it. */
export interface ProxyPod {
  /** `<pod>.<namespace>`, as istiod names proxies. */
  readonly id: string;
  readonly version: string;
  readonly revision: string;
  readonly isGateway: boolean;
  readonly isRunning: boolean;
}

/** Every pod that carries a proxy: sidecars, native ones included, and gateways. */
export async function proxiesOf(api: KubeApi): Promise<readonly ProxyPod[]> {
  return (await listObjects(api, '/api/v1/pods')).flatMap((pod) => {
    const container = proxyContainer(pod['spec']);
    return container === undefined ? [] : [proxyPod(pod, container)];
  });
}

/** The container `istio-proxy` of a pod's spec, wherever it stands. */
export function proxyContainer(spec: Json | undefined): Json | undefined {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  return containers.find((container) => textAt(container, 'name') === 'istio-proxy');
}

/** The revision that a pod was injected by, as the injector has noted it; empty when nobody has. */
export function injectedRevision(pod: JsonObject): string {
  const own = textAt(pod, 'metadata', 'annotations', 'istio.io/rev');
  if (own !== '') return own;
  const status = objectIn(textAt(pod, 'metadata', 'annotations', 'sidecar.istio.io/status'));
  return textAt(status, 'revision');
}

/** The user that the proxy runs as; its own traffic bypasses it. */
const PROXY_UID = 1337;

/** Whether a pod's spec or one of its containers asks for the proxy's own user. */
export function runsAsProxy(part: JsonObject): boolean {
  return objectAt(part, 'securityContext')['runAsUser'] === PROXY_UID;
}

function proxyPod(pod: JsonObject, container: Json): ProxyPod {
  const name = textAt(pod, 'metadata', 'name');
  const namespace = textAt(pod, 'metadata', 'namespace');
  return {
    id: `${name}.${namespace}`,
    version: imageVersion(textAt(container, 'image')),
    revision: textAt(pod, 'metadata', 'annotations', 'istio.io/rev') || 'default',
    isGateway: listAt(container, 'args').includes('router'),
    isRunning: textAt(pod, 'status', 'phase') === 'Running',
  };
}
