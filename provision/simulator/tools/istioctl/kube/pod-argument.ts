import type { JsonObject } from '../../../kinds/object.ts';
import { textAt, textsAt } from '../../install/tree.ts';
import { CommandError, type Invocation } from '../cli/command.ts';
import { getObject, listObjects, selectorText, type KubeApi } from './api.ts';
import { connect, namespaceOf } from './connect.ts';

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
  rs: 'replicasets',
  replicaset: 'replicasets',
  replicasets: 'replicasets',
  service: 'services',
  services: 'services',
  statefulsets: 'statefulsets',
  sts: 'statefulsets',
  svc: 'services',
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
  const workload = workloadOf(argument, namespace);
  if (workload) return podOfWorkload(api, workload);
  const slash = argument.indexOf('/');
  const type = slash < 0 ? 'pod' : argument.slice(0, slash);
  if (!['pod', 'pods', 'po'].includes(type)) {
    throw new CommandError(`the server doesn't have a resource type "${type}"`);
  }
  const [name, own] = splitName(argument.slice(slash + 1));
  const within = own ?? namespace;
  const pod = await getObject(api, `/api/v1/namespaces/${within}/pods/${name}`);
  if (!pod) throw new CommandError(`pods "${name}" not found`);
  return { name, namespace: within };
}

/** Pod names hold no dots that matter here: what follows the last one is the namespace. */
function splitName(name: string): readonly [string, string | undefined] {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

async function podOfWorkload(api: KubeApi, workload: Workload): Promise<FoundPod> {
  const [pod] = await podsOfWorkload(api, workload);
  if (!pod) throw noPods(workload);
  return pod;
}

interface Workload {
  readonly plural: string;
  readonly name: string;
  readonly namespace: string;
}

function noPods({ plural, name }: Workload): CommandError {
  return new CommandError(`no pods found for ${plural}/${name}`);
}

/** The pods of a workload, those that run first. */
async function podsOfWorkload(
  api: KubeApi,
  { plural, name, namespace }: Workload,
): Promise<readonly FoundPod[]> {
  const isService = plural === 'services';
  const root = isService ? '/api/v1' : '/apis/apps/v1';
  const object = await getObject(api, `${root}/namespaces/${namespace}/${plural}/${name}`);
  if (!object) throw new CommandError(`${plural}${isService ? '' : '.apps'} "${name}" not found`);
  const path = isService ? ['selector'] : ['selector', 'matchLabels'];
  const selector = selectorText(textsAt(object, 'spec', ...path));
  if (selector === '') throw noPods({ plural, name, namespace });
  const pods = await listObjects(api, `/api/v1/namespaces/${namespace}/pods`, selector);
  return pods
    .toSorted((one, other) => rank(one) - rank(other))
    .map((pod) => ({ name: textAt(pod, 'metadata', 'name'), namespace }));
}

/**
 * All pods that an argument means: one, or those of a workload.
 * @throws CommandError when there is none
 */
async function podsArgument(
  api: KubeApi,
  argument: string,
  namespace: string,
): Promise<readonly FoundPod[]> {
  const workload = workloadOf(argument, namespace);
  if (!workload) return [await podArgument(api, argument, namespace)];
  const pods = await podsOfWorkload(api, workload);
  if (pods.length === 0) throw noPods(workload);
  return pods;
}

/**
 * The pods that a label selector picks out.
 * @throws CommandError when there is none
 */
async function podsBySelector(
  api: KubeApi,
  selector: string,
  namespace: string,
): Promise<readonly FoundPod[]> {
  const pods = await listObjects(api, `/api/v1/namespaces/${namespace}/pods`, selector);
  if (pods.length === 0) throw new CommandError('no pods found');
  return pods.map((pod) => ({ name: textAt(pod, 'metadata', 'name'), namespace }));
}

/**
 * The pods that a command is about: those of its one argument, else those that flag `selector` picks out.
 * @throws CommandError when there is none
 */
export async function chosenPods(invocation: Invocation): Promise<readonly FoundPod[]> {
  const selector = invocation.flags.text('selector');
  using api = await connect(invocation);
  const namespace = namespaceOf(invocation, api);
  return selector === ''
    ? await podsArgument(api, invocation.args[0] ?? '', namespace)
    : await podsBySelector(api, selector, namespace);
}

/** The workload that `deploy/name[.namespace]` means; undefined for anything else. */
function workloadOf(argument: string, namespace: string): Workload | undefined {
  const slash = argument.indexOf('/');
  const plural = WORKLOADS[argument.slice(0, Math.max(slash, 0))];
  if (plural === undefined) return undefined;
  const [name, own] = splitName(argument.slice(slash + 1));
  return { plural, name, namespace: own ?? namespace };
}

function rank(pod: JsonObject): number {
  return textAt(pod, 'status', 'phase') === 'Running' ? 0 : 1;
}
