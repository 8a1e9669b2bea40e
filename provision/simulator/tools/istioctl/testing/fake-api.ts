import { once } from 'node:events';

import { isObject, objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { merge, textAt, textsAt } from '../../install/tree.ts';
import type { ApiAnswer, ApiRequest, KubeApi } from '../kube/api.ts';

/** Completes an object as a controller would, when it is written. */
type Controller = (object: JsonObject) => JsonObject;

/** An API server for tests of istioctl: paths to objects, every apply a merge, watches that tell of nothing new. */
export class FakeApi implements KubeApi {
  readonly namespace = 'default';
  readonly requests: string[] = [];
  readonly objects = new Map<string, JsonObject>();
  readonly #controller: Controller;
  /** Answers besides stored objects: `GET /version`. */
  readonly #answers: Readonly<Record<string, JsonObject>>;
  readonly #isQuiet: boolean;

  constructor(
    options: {
      readonly controller?: Controller;
      readonly answers?: Readonly<Record<string, JsonObject>>;
      /** Watches tell of nothing and wait for their end. Default: they are refused, since nothing would ever change. */
      readonly isQuiet?: boolean;
    } = {},
  ) {
    this.#controller = options.controller ?? ((object) => object);
    this.#answers = options.answers ?? {};
    this.#isQuiet = options.isQuiet ?? false;
  }

  /** Stores an object under its path. */
  put(path: string, object: JsonObject): void {
    this.objects.set(path, this.#controller(object));
  }

  async call({ method, path, body }: ApiRequest): Promise<ApiAnswer> {
    this.requests.push(`${method} ${path}`);
    const url = new URL(path, 'http://fake');
    const known = this.#answers[`${method} ${url.pathname}`];
    if (known) return answer(200, known);
    if (method === 'GET') return this.#read(url);
    if (method === 'DELETE') return this.#remove(url.pathname);
    const sent: unknown = JSON.parse(body ?? '{}');
    if (method === 'POST') url.pathname += `/${textAt(objectAt(sent), 'metadata', 'name')}`;
    const old = this.objects.get(url.pathname) ?? {};
    this.put(url.pathname, isObject(sent) ? merge(old, sent) : old);
    return answer(200, this.objects.get(url.pathname) ?? {});
  }

  async watch(_path: string, _onEvent: unknown, signal: AbortSignal): Promise<void> {
    if (this.#isQuiet) {
      if (!signal.aborted) await once(signal, 'abort');
      return;
    }
    throw new Error('Nothing would ever change: the fake makes objects ready as they are written');
  }

  [Symbol.dispose](): void {
    this.requests.push('disposed');
  }

  #read({ pathname, searchParams }: URL): ApiAnswer {
    const found = this.objects.get(pathname);
    if (found) return answer(200, found);
    const wanted = searchParams.get('labelSelector') ?? '';
    const items = [...this.objects]
      .filter(([path, object]) => isListed(path, pathname) && matches(object, wanted))
      .map(([, object]) => object);
    const isCollection = items.length > 0 || COLLECTION.test(pathname);
    return isCollection
      ? answer(200, { items, metadata: { resourceVersion: '1' } })
      : answer(404, { kind: 'Status', message: `${pathname} not found` });
  }

  #remove(path: string): ApiAnswer {
    return this.objects.delete(path) ? answer(200, {}) : answer(404, {});
  }
}

/** A path that ends in a plural: of all namespaces, or of one. */
const COLLECTION = /^\/(api\/v1|apis\/[^/]+\/[^/]+)(\/namespaces\/[^/]+)?\/[^/]+$/;

/** `/api/v1/pods` lists `/api/v1/namespaces/a/pods/x` too. */
function isListed(path: string, collection: string): boolean {
  const parent = path.slice(0, path.lastIndexOf('/'));
  return parent === collection || parent.replace(/\/namespaces\/[^/]+(?=\/)/, '') === collection;
}

function matches(object: JsonObject, selector: string): boolean {
  const labels = textsAt(object, 'metadata', 'labels');
  return selector
    .split(',')
    .filter((part) => part !== '')
    .every((part) => {
      const [, not, name = '', operator, value] = /^(!?)([^!=]+)(!?=)?(.*)$/.exec(part) ?? [];
      if (operator === undefined) return (labels[name] !== undefined) === (not === '');
      return (labels[name] === value) === (operator === '=');
    });
}

function answer(status: number, json: JsonObject): ApiAnswer {
  return { status, text: JSON.stringify(json), json };
}

/** Makes what is applied ready at once: Deployments rolled out, definitions established. */
export function readyAtOnce(object: JsonObject): JsonObject {
  switch (textAt(object, 'kind')) {
    case 'Deployment': {
      const replicas = objectAt(object, 'spec')['replicas'] ?? 1;
      return { ...object, status: { updatedReplicas: replicas, availableReplicas: replicas } };
    }
    case 'CustomResourceDefinition':
      return { ...object, status: { conditions: [{ type: 'Established', status: 'True' }] } };
    default:
      return object;
  }
}
