import { objectsAt } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { nameOf } from './parts.ts';

const INJECTED: ReadonlySet<string> = new Set(['istio-proxy', 'istio-init', 'istio-validation']);

/** Containers of the pod's own that lie over the injected ones, kept so that another injection knows them again. */
export function overridesOf(spec: JsonObject): Labels {
  const mine = (field: string) =>
    objectsAt(spec[field])
      .filter((one) => INJECTED.has(nameOf(one)))
      .map((one) => ({ ...one, resources: one['resources'] ?? {} }));
  const [containers, initContainers] = [mine('containers'), mine('initContainers')];
  if (containers.length + initContainers.length === 0) return {};
  return {
    'proxy.istio.io/overrides': JSON.stringify({
      ...(containers.length > 0 && { containers }),
      ...(initContainers.length > 0 && { initContainers }),
    }),
  };
}
