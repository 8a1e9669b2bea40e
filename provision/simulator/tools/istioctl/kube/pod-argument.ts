import { textAt, textsAt } from '../../install/tree.ts';
import { CommandError } from '../cli/command.ts';
import { getObject, listObjects, selectorText, type KubeApi } from './api.ts';

/** A pod that was named on the command line. */
export interface FoundPod {
  readonly name: string;
  readonly namespace: string;
}

const WORKLOADS: Readonly<Record<string, string>> = {
  deploy: 'deployments',
  deployment: 'deployments',
  deployments: 'deployments',
  'deployments.apps': 'deployments',
  ds: 'daemonsets',
  daemonset: 'daemonsets',
  sts: 'statefulsets',
  statefulset: 'statefulsets',
};

/**
 * The pod that `name[.namespace]`, `pod/name` or `deploy/name[.namespace]` means; of a workload its first running pod.
 * @throws CommandError when there is none
 */
export async function podArgument(
  api: KubeApi,
  argument: string,
  namespace: string,
): Promise<FoundPod> {
  const slash = argument.indexOf('/');
  const type = slash < 0 ? 'pod' : argument.slice(0, slash);
  const [name, own] = splitName(argument.slice(slash + 1));
  const within = own ?? namespace;
  if (['pod', 'pods', 'po'].includes(type)) {
    const pod = await getObject(api, `/api/v1/namespaces/${within}/pods/${name}`);
    if (!pod) throw new CommandError(`pods "${name}" not found`);
    return { name, namespace: within };
  }
  const plural = WORKLOADS[type];
  if (plural === undefined) throw new CommandError(`"${type}" does not refer to a pod`);
  return podOfWorkload(api, { plural, name, namespace: within });
}

/** Pod names hold no dots that matter here: what follows the last one is the namespace. */
function splitName(name: string): readonly [string, string | undefined] {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

async function podOfWorkload(
  api: KubeApi,
  workload: { readonly plural: string; readonly name: string; readonly namespace: string },
): Promise<FoundPod> {
  const { plural, name, namespace } = workload;
  const object = await getObject(api, `/apis/apps/v1/namespaces/${namespace}/${plural}/${name}`);
  if (!object) throw new CommandError(`${plural}.apps "${name}" not found`);
  const selector = selectorText(textsAt(object, 'spec', 'selector', 'matchLabels'));
  const pods = await listObjects(api, `/api/v1/namespaces/${namespace}/pods`, selector);
  const pod = pods.find((one) => textAt(one, 'status', 'phase') === 'Running') ?? pods[0];
  if (!pod) throw new CommandError(`no pods found for ${plural}/${name}`);
  return { name: textAt(pod, 'metadata', 'name'), namespace };
}
