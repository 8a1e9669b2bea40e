import { isObject, listAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError, WrongArguments, type Flag, type Invocation } from '../../cli/command.ts';
import { targetOf } from '../../cli/global-flags.ts';
import { connect, namespaceOf } from '../../kube/connect.ts';
import { podArgument, type FoundPod } from '../../kube/pod-argument.ts';

/** The parts of Envoy's configuration, as its admin page /config_dump names them. */
type DumpPart =
  | 'Bootstrap'
  | 'Clusters'
  | 'Ecds'
  | 'Endpoints'
  | 'Listeners'
  | 'Routes'
  | 'Secrets';

const ADMIN_PORT = 15_000;
const LAST_PORT = 65_535;

export const ADMIN_PORT_FLAG: Flag = {
  name: 'proxy-admin-port',
  type: 'number',
  default: String(ADMIN_PORT),
  usage: "Port of Envoy's admin pages",
};

/**
 * The proxy that the first argument names.
 * @throws CommandError when there is no such pod
 */
export async function namedProxy(invocation: Invocation, argument: string): Promise<FoundPod> {
  using api = await connect(invocation);
  return await podArgument(api, argument, namespaceOf(invocation, api));
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
    ...adminPort(invocation),
    request.method,
    request.path,
  ]);
  if (answer.status === 0) return answer.stdout;
  const why = (answer.stderr.trim() || `exit status ${answer.status}`).replace(
    /^(error|Error from server \(\w+\)): /,
    '',
  );
  throw new SidecarError({ name, namespace }, why);
}

/** What kubectl, or the agent in the pod, said against a question to a proxy. */
class SidecarError extends CommandError {
  readonly why: string;

  constructor({ name, namespace }: FoundPod, why: string) {
    super(`failed to execute command on ${name}.${namespace} sidecar: ${why}`);
    this.why = why;
  }
}

/**
 * Tells of a question to a proxy that failed in the words of one command: `could not contact sidecar: <why>`.
 * @throws the error itself when it is not for the learner
 */
export function failAs(what: string, cause: unknown): never {
  if (!(cause instanceof CommandError)) throw cause;
  const why = cause instanceof SidecarError ? cause.why : cause.message;
  throw new CommandError(`${what}: ${why}`, undefined, { cause });
}

/**
 * The configuration of a proxy, as its page /config_dump shows it.
 * @throws CommandError when the proxy cannot be asked
 */
export async function configDump(invocation: Invocation, proxy: FoundPod): Promise<JsonObject> {
  return parsed(await askAdmin(invocation, proxy, { method: 'GET', path: 'config_dump' }));
}

function adminPort({ flags }: Invocation): readonly string[] {
  const port = Number(flags.text('proxy-admin-port') || ADMIN_PORT);
  if (port < 1 || port > LAST_PORT) {
    throw new CommandError(`port number ${port} must be in the range 1..65535`);
  }
  return port === ADMIN_PORT ? [] : [`--debug-port=${port}`];
}

/**
 * The text of an admin page: from `--file` if it is given, else from the pod that is named.
 * @throws WrongArguments with neither or both, naming the command as `title`
 */
export async function adminText(
  invocation: Invocation,
  { title, path }: { readonly title: string; readonly path: string },
): Promise<string> {
  const { args, context, flags } = invocation;
  const file = flags.text('file');
  const [name] = args;
  if ((args.length === 1) !== (file === '')) {
    throw new WrongArguments(`${title} requires pod name or --file parameter`);
  }
  if (name === undefined) return context.readText(file);
  return askAdmin(invocation, await namedProxy(invocation, name), { method: 'GET', path });
}

/**
 * The text as JSON.
 * @throws CommandError when it is none
 */
export function parsed(text: string): JsonObject {
  const prefix = 'error unmarshalling config dump response from Envoy';
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new CommandError(`${prefix}: ${String(cause)}`, undefined, { cause });
  }
  throw new CommandError(`${prefix}: it holds no object`);
}

/** One part of a dump; undefined when the proxy does not show it. */
export function findPart(dump: JsonObject, part: DumpPart): JsonObject | undefined {
  const type = `envoy.admin.v3.${part}ConfigDump`;
  const parts = listAt(dump, 'configs').filter(isObject);
  return parts.find((config) => textAt(config, '@type').endsWith(type));
}

/** One part of a dump; empty when the proxy does not show it. */
export function partOf(dump: JsonObject, part: DumpPart): JsonObject {
  return findPart(dump, part) ?? {};
}

/** `reviews.default`, from the path of the Istio object that istiod notes in Envoy's metadata. */
export function originOf(configured: Json): string {
  const path = textAt(configured, 'metadata', 'filter_metadata', 'istio', 'config');
  if (path === '') return '';
  const [, namespace, name] =
    /^\/apis\/networking\.istio\.io\/[^/]+\/namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(path) ?? [];
  return namespace === undefined ? '<unknown>' : `${name}.${namespace}`;
}
