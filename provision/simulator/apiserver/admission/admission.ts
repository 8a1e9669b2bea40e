import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject } from '../../kinds/object.ts';
import type { Call } from '../rest/context.ts';

/** A request on its way into the store. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: Kind;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** In the version of `kind`; undefined for DELETE. */
  readonly object: JsonObject | undefined;
  /** Undefined for CREATE. */
  readonly oldObject: JsonObject | undefined;
  readonly call: Call;
}

/** One stage of admission control; a refusal is an ApiError. */
export interface AdmissionPlugin {
  /** Completes the object. */
  readonly mutate?: (
    request: AdmissionRequest,
    object: JsonObject,
  ) => JsonObject | Promise<JsonObject>;
  /** Has the last word on the completed object. */
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>;
  /** Asked in the same turn as the write, after everything else: refuses it, or says what is to be written with it. */
  readonly charge?: (request: AdmissionRequest) => (() => void) | undefined;
}

/** Whether a request is about whole objects of a resource: `/pods`, `networking.k8s.io/ingresses`. */
export function isFor({ kind, subresource }: AdmissionRequest, resource: string): boolean {
  return subresource === '' && `${kind.group}/${kind.plural}` === resource;
}

/** Whether a request makes an object of a resource. */
export function isNew(request: AdmissionRequest, resource: string): boolean {
  return request.operation === 'CREATE' && isFor(request, resource);
}

/** The chain of admission control: each mutation in order, later each validation, at last what is charged. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /** The object as the plugins complete it. */
  async mutate(request: AdmissionRequest): Promise<JsonObject> {
    let object = request.object ?? {};
    for (const plugin of this.#plugins) {
      if (plugin.mutate) object = await plugin.mutate({ ...request, object }, object);
    }
    return object;
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) await plugin.validate?.(request);
  }

  /** The last word, without a turn of the event loop before the write; to be called when the write is certain. */
  charge(request: AdmissionRequest): () => void {
    const writes = this.#plugins.map((plugin) => plugin.charge?.(request));
    return () => {
      for (const write of writes) write?.();
    };
  }
}
