import type { Kind } from '../../../kinds/kind.ts';
import type { Json, JsonObject, KubeObject } from '../../../kinds/object.ts';
import type { Call } from '../../rest/context.ts';
import type { Upgrade } from '../connections/upgrade.ts';
import { isTrue } from '../requests/request-info.ts';

/** Kinds of the options that policies and webhooks see in the place of an object. */
const OPTIONS: Readonly<Record<string, string>> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
};

/**
 * Asks admission whether somebody may connect to a pod: operation CONNECT on `pods/exec` and the like.
 * @throws ApiError when a policy or a webhook refuses
 */
export async function admitConnection(
  { context, query, user }: Upgrade,
  kind: Kind,
  pod: KubeObject,
  subresource: string,
): Promise<void> {
  const call: Call = {
    user,
    isDryRun: false,
    isInternal: false,
    fieldManager: '',
    fieldValidation: 'Ignore',
    decodingProblems: [],
    warnings: [],
  };
  const optionsKind = OPTIONS[subresource] ?? kind.kind;
  await context.core.admission.validate({
    operation: 'CONNECT',
    kind: { ...kind, kind: optionsKind },
    subresource,
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    object: { apiVersion: 'v1', kind: optionsKind, ...optionsOf(query, subresource) },
    oldObject: undefined,
    call,
  });
}

function optionsOf(query: URLSearchParams, subresource: string): JsonObject {
  if (subresource === 'portforward') return {};
  const options: Record<string, Json> = {};
  for (const name of ['stdin', 'stdout', 'stderr', 'tty']) {
    if (isTrue(query.get(name))) options[name] = true;
  }
  const container = query.get('container') ?? '';
  if (container !== '') options['container'] = container;
  if (subresource === 'exec') options['command'] = query.getAll('command');
  return options;
}
