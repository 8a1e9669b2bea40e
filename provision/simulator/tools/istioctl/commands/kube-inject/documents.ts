import { isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { parseYaml, toYaml } from '../../kube/yaml.ts';

/** A pod to inject: metadata and spec of a template are one, too. */
interface PodToInject {
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
}

/** What a pod belongs to: a workload, or itself. */
interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Adds the sidecar; undefined leaves the pod as it is. */
export type Inject = (
  pod: PodToInject,
  workload: Workload,
) => { readonly metadata: object; readonly spec: object } | undefined;

/** An object on its way to YAML. */
type Written = Readonly<Record<string, unknown>>;

/**
 * Injects every workload in a stream of YAML documents; all other documents come through letter by letter.
 * Each document ends with `---`, as istioctl writes them.
 */
export async function injectDocuments(
  text: string,
  source: string,
  inject: Inject,
): Promise<string> {
  const documents = text.split(/^---(?:[ \t].*)?\r?$\n?/m);
  const written: string[] = [];
  for (const document of documents) {
    const [value] = await parseYaml(document, source);
    if (value === undefined) continue;
    const injected = isObject(value) ? injectObject(value, inject) : value;
    written.push(injected === value ? withNewline(document) : await toYaml([injected]));
  }
  return written.map((document) => `${document}---\n`).join('');
}

/** The object with its pods injected, or the very same object when it has none. */
function injectObject(object: JsonObject, inject: Inject): Written {
  const kind = textAt(object, 'kind');
  if (kind === 'List') {
    const items = listAt(object, 'items');
    const injected = items.map((item) => (isObject(item) ? injectObject(item, inject) : item));
    return injected.some((item, index) => item !== items[index])
      ? { ...object, items: injected }
      : object;
  }
  const path = TEMPLATES[kind];
  return path ? injectAt(object, path, inject) : object;
}

/** Where each kind keeps the pod it makes. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Deployment: ['spec', 'template'],
  Job: ['spec', 'template'],
  Pod: [],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
};

function injectAt(object: JsonObject, path: readonly string[], inject: Inject): Written {
  const template = objectAt(object, ...path);
  const pod = { metadata: objectAt(template, 'metadata'), spec: objectAt(template, 'spec') };
  const injected = inject(pod, {
    kind: textAt(object, 'kind'),
    name: textAt(object, 'metadata', 'name'),
    namespace: textAt(object, 'metadata', 'namespace'),
  });
  if (!injected) return object;
  return replaceAt(object, path, { ...template, ...injected });
}

function replaceAt(tree: JsonObject, path: readonly string[], value: Written): Written {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  return { ...tree, [key]: replaceAt(objectAt(tree, key), rest, value) };
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
