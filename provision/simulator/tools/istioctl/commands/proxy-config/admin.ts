import { isObject, listAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError, EXIT, type Invocation } from '../../cli/command.ts';
import { targetOf } from '../../cli/global-flags.ts';
import { connect, namespaceOf } from '../../kube/connect.ts';
import { podArgument, type FoundPod } from '../../kube/pod-argument.ts';

/** The parts of Envoy's configuration, as its admin page /config_dump names them. */
export type DumpPart = 'Bootstrap' | 'Clusters' | 'Listeners' | 'Routes' | 'Secrets' | 'Ecds';

/**
 * The proxy that the first argument names.
 * @throws CommandError without an argument, or when there is no such pod
 */
export async function namedProxy(invocation: Invocation): Promise<FoundPod> {
  const [name, ...more] = invocation.args;
  if (name === undefined || more.length > 0) {
    throw new CommandError('this command requires pod name or --file parameter', EXIT.usage);
  }
  using api = await connect(invocation);
  return await podArgument(api, name, namespaceOf(invocation, api));
}

/**
 * Asks the proxy's admin page, through its agent in the pod.
 * @throws CommandError with what kubectl or the agent said
 */
export async function askAdmin(
  invocation: Invocation,
  { name, namespace }: FoundPod,
  request: { readonly method: 'GET' | 'POST'; readonly path: string },
): Promise<string> {
  const answer = await invocation.context.kubectl(targetOf(invocation), [
    'exec',
    `--namespace=${namespace}`,
    name,
    '--container=istio-proxy',
    '--',
    'pilot-agent',
    'request',
    request.method,
    request.path,
  ]);
  if (answer.status === 0) return answer.stdout;
  const why = answer.stderr.trim() || `exit status ${answer.status}`;
  throw new CommandError(
    `cannot read ${request.path} of the proxy in ${name}.${namespace}: ${why}`,
  );
}

/** A page of the proxy's admin as JSON: from `--file` if it is given, else from the pod that is named. */
export async function adminJson(invocation: Invocation, path: string): Promise<JsonObject> {
  const file = invocation.flags.text('file');
  const text =
    file === ''
      ? await askAdmin(invocation, await namedProxy(invocation), { method: 'GET', path })
      : await invocation.context.readText(file);
  return parsed(text, file || path);
}

/** One part of a dump; empty when the proxy does not show it. */
export function partOf(dump: JsonObject, part: DumpPart): JsonObject {
  const type = `envoy.admin.v3.${part}ConfigDump`;
  const found = listAt(dump, 'configs').find((config) => textAt(config, '@type').endsWith(type));
  return isObject(found) ? found : {};
}

/** `reviews.default`, from the path of the Istio object that istiod notes in Envoy's metadata. */
export function originOf(configured: Json): string {
  const path = textAt(configured, 'metadata', 'filter_metadata', 'istio', 'config');
  const [, namespace, name] = /\/namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(path) ?? [];
  return namespace === undefined ? '' : `${name}.${namespace}`;
}

function parsed(text: string, source: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new CommandError(`cannot read ${source}: ${String(cause)}`, EXIT.badData, { cause });
  }
  throw new CommandError(`cannot read ${source}: it holds no object`, EXIT.badData);
}
