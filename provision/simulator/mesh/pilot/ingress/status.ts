import type { ClusterClient } from '../../../client/client.ts';
import { targetOf } from '../../../controllers/controller.ts';
import { asJson, isSame } from '../../../kinds/json.ts';
import { services } from '../../../kinds/resources.ts';
import type { MeshConfig } from '../mesh-config.ts';
import { written } from '../written.ts';
import { ingressClasses, ingresses } from './kinds.ts';
import { isIstiosIngress } from './translate.ts';

/** Keeps the addresses of the ingress gateway's Service in the status of Istio's Ingress objects (ingressService of the mesh's settings). */
export function keepIngressStatus(
  client: ClusterClient,
  config: () => MeshConfig,
  log: (line: string) => void,
): Disposable {
  const stack = new DisposableStack();
  const tellAll = () => {
    const settings = config();
    const { rootNamespace, ingress } = settings;
    const gateway = client.get(services, ingress.service, rootNamespace);
    const addresses = gateway?.status?.loadBalancer?.ingress ?? [];
    const classes = client.list(ingressClasses);
    for (const object of client.list(ingresses)) {
      if (!isIstiosIngress(object, classes, settings)) continue;
      if (isSame(object.status?.loadBalancer?.ingress ?? [], addresses)) continue;
      const status = asJson({ loadBalancer: { ingress: addresses } });
      const options = { subresource: 'status' } as const;
      const write = client.patch(ingresses, targetOf(object), { status }, options);
      void written(write, 'ingress', log);
    }
  };
  stack.use(client.watch(ingresses, tellAll));
  stack.use(client.watch(ingressClasses, tellAll));
  stack.use(
    client.watch(services, ({ object }) => {
      if (object.metadata.name === config().ingress.service) tellAll();
    }),
  );
  return stack;
}
