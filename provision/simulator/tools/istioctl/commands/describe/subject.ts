import { isObject, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError, type Invocation } from '../../cli/command.ts';
import { getObject, listObjects, type KubeApi } from '../../kube/api.ts';
import { namespaceOf } from '../../kube/connect.ts';
import { configDump } from '../proxy-config/admin.ts';

/** What one run of `describe` looks at, and where it writes. */
export class Subject {
  readonly api: KubeApi;
  readonly #invocation: Invocation;
  /** Names of this namespace are written without it. */
  readonly namespace: string;

  constructor(invocation: Invocation, api: KubeApi) {
    this.#invocation = invocation;
    this.api = api;
    this.namespace = namespaceOf(invocation, api);
  }

  get isUnmeshedIgnored(): boolean {
    return this.#invocation.flags.isOn('ignoreUnmeshed');
  }

  get istioNamespace(): string {
    return this.#invocation.flags.text('istioNamespace');
  }

  /** Writes a line, indented by `spaces`. */
  say(text: string, spaces = 0): void {
    this.#invocation.context.terminal.stdout(`${' '.repeat(spaces)}${text}\n`);
  }

  /** `reviews`, or `reviews.shop` outside the namespace. */
  nameOf(object: Json): string {
    const name = textAt(object, 'metadata', 'name');
    const namespace = textAt(object, 'metadata', 'namespace');
    return namespace === this.namespace ? name : `${name}.${namespace}`;
  }

  /** The name and namespace that the only argument means; what follows its last dot is the namespace. */
  named(title: string): { readonly name: string; readonly namespace: string } {
    const [argument, ...more] = this.#invocation.args;
    if (argument === undefined || more.length > 0) {
      throw new CommandError(`expecting ${title} name`);
    }
    const dot = argument.lastIndexOf('.');
    return dot < 0
      ? { name: argument, namespace: this.namespace }
      : { name: argument.slice(0, dot), namespace: argument.slice(dot + 1) };
  }

  /** An object that must be there. */
  async get(plural: 'pods' | 'services', name: string, namespace: string): Promise<JsonObject> {
    const found = await getObject(this.api, `/api/v1/namespaces/${namespace}/${plural}/${name}`);
    if (!found) throw new CommandError(`${plural} "${name}" not found`);
    return found;
  }

  list(
    plural: 'pods' | 'services',
    namespace: string,
    selector = '',
  ): Promise<readonly JsonObject[]> {
    return listObjects(this.api, `/api/v1/namespaces/${namespace}/${plural}`, selector);
  }

  /** An object of Istio's that a proxy names. */
  find(plural: string, name: string, namespace: string): Promise<JsonObject | undefined> {
    return getObject(
      this.api,
      `/apis/networking.istio.io/v1/namespaces/${namespace}/${plural}/${name}`,
    );
  }

  /** The configuration of the proxy in a pod. */
  dumpOf(pod: Json): Promise<JsonObject> {
    const { name, namespace } = objectAt(pod, 'metadata');
    return configDump(this.#invocation, { name: textAt(name), namespace: textAt(namespace) });
  }

  /** The mesh configuration that istiod serves. */
  async mesh(): Promise<string> {
    const path = `/api/v1/namespaces/${this.istioNamespace}/configmaps/istio`;
    const configMap = await getObject(this.api, path);
    if (isObject(configMap)) return textAt(configMap, 'data', 'mesh');
    throw new CommandError(
      `failed to fetch mesh config: could not read configmap "istio" from namespace ${JSON.stringify(this.istioNamespace)}: configmaps "istio" not found`,
    );
  }
}

export const RULE = '--------------------';
