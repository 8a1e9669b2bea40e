import type { ClusterClient, Resource } from '../../client/client.ts';
import { isSame } from '../../kinds/json.ts';
import type { Labels } from '../../kinds/object.ts';
import { sumQuantities } from '../../kinds/quantity.ts';
import { persistentVolumeClaims, pods, resourceQuotas, services } from '../../kinds/resources.ts';
import type { Container, Pod, Service } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, runLoop, splitKey } from '../controller.ts';
import { isFinished } from '../pods.ts';
import { servedResources, watchEverything } from '../served-resources.ts';

/** Says how much of a quota is used (Kubernetes documentation, "Resource Quotas"). It counts; refusing is the API server's part. */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  start(context) {
    const { client } = context;
    let everything: Disposable | undefined;
    return runLoop(context, {
      sync: (key) => sync(context, key),
      watch: (queue) => [
        client.watch(resourceQuotas, (event) => {
          enqueue(queue)(event);
          // Without a quota nobody asks how much there is of anything.
          everything ??= watchEverything(client, (_resource, { object }) => {
            const { namespace } = object.metadata;
            if (namespace === undefined) return;
            for (const quota of client.list(resourceQuotas, { namespace })) queue.add(keyOf(quota));
          });
        }),
        { [Symbol.dispose]: () => everything?.[Symbol.dispose]() },
      ],
    });
  },
};

async function sync({ client }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const quota = client.get(resourceQuotas, name, namespace);
  if (!quota) return;
  const { hard = {} } = quota.spec;
  const used = usageOf(client, namespace, Object.keys(hard));
  const status = { hard, used };
  if (isSame(status, quota.status)) return;
  await client.update(resourceQuotas, { ...quota, status }, { subresource: 'status' });
}

/** How much a namespace uses of each of the names that a quota may limit; names nobody knows count as `0`. */
function usageOf(client: ClusterClient, namespace: string, names: readonly string[]): Labels {
  const living = client.list(pods, { namespace }).filter((pod) => !isFinished(pod));
  return Object.fromEntries(
    names.map((name) => [name, usedOf({ client, namespace, living }, name)]),
  );
}

interface Contents {
  readonly client: ClusterClient;
  readonly namespace: string;
  readonly living: readonly Pod[];
}

function usedOf(contents: Contents, name: string): string {
  const { client, namespace, living } = contents;
  if (name === 'pods' || name === 'count/pods') return String(living.length);
  const [list, resource] = name.includes('.') ? split(name) : ['requests', name];
  if (resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage') {
    return sumQuantities(living.flatMap((pod) => amountsOf(pod, list, resource)));
  }
  if (name === 'requests.storage') {
    const claims = client.list(persistentVolumeClaims, { namespace });
    return sumQuantities(claims.map(({ spec }) => spec.resources?.requests?.['storage'] ?? '0'));
  }
  return String(countOf(contents, name));
}

/** `requests.cpu` is the resource `cpu` in the list `requests`. */
function split(name: string): readonly [string, string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

function amountsOf({ spec }: Pod, list: string, resource: string): readonly string[] {
  const isLimit = list === 'limits';
  if (!isLimit && list !== 'requests') return [];
  const of = ({ resources }: Container) =>
    (isLimit ? resources?.limits : resources?.requests)?.[resource] ?? '0';
  return spec.containers.map(of);
}

function countOf({ client, namespace }: Contents, name: string): number {
  if (name === 'services.nodeports') return portsOf(client.list(services, { namespace }));
  if (name === 'services.loadbalancers') {
    return client.list(services, { namespace }).filter(({ spec }) => spec.type === 'LoadBalancer')
      .length;
  }
  const wanted = name.replace(/^count\//, '');
  const resource = servedResources(client).find((one) => nameIn(one) === wanted);
  return resource?.isNamespaced ? client.list(resource, { namespace }).length : 0;
}

function portsOf(all: readonly Service[]): number {
  return all.flatMap(({ spec }) => spec.ports ?? []).filter(({ nodePort }) => nodePort).length;
}

function nameIn({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}
