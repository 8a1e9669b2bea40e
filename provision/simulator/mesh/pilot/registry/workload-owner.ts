import { isObject, listAt, stringAt, stringMapAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import type { InjectionContext } from '../../injection/index.ts';

/**
 * The workload that a new pod belongs to, by its controller and its name: a ReplicaSet of a Deployment counts as the Deployment, a
 * Job of a CronJob as the CronJob; a pod without a controller is its own.
 */
export function owningWorkload(metadata: JsonObject, namespace: string): InjectionContext {
  const controller = listAt(metadata, 'ownerReferences')
    .filter(isObject)
    .find((owner) => owner['controller'] === true);
  if (!controller) {
    const generated = stringAt(metadata, 'generateName').replace(/-$/, '');
    return owned(namespace, 'v1', 'Pod', generated || stringAt(metadata, 'name'));
  }
  const name = stringAt(controller, 'name');
  const kind = stringAt(controller, 'kind');
  const hash = stringMapAt(metadata, 'labels')['pod-template-hash'];
  if (kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`)) {
    return owned(namespace, 'apps/v1', 'Deployment', name.slice(0, -hash.length - 1));
  }
  // CronJobs name their Jobs after the minute they are due.
  const cron = kind === 'Job' ? /^(.+)-\d{8}$/.exec(name)?.[1] : undefined;
  if (cron !== undefined) return owned(namespace, 'batch/v1', 'CronJob', cron);
  return owned(namespace, stringAt(controller, 'apiVersion'), kind, name);
}

function owned(
  namespace: string,
  apiVersion: string,
  kind: string,
  workload: string,
): InjectionContext {
  const plural = `${kind.toLowerCase()}s`;
  const owner = `apis/${apiVersion}/namespaces/${namespace}/${plural}/${workload}`;
  return { namespace, workload, owner };
}
