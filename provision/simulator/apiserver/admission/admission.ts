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
}

/** The chain of admission control: each mutation in order, later each validation in order. */
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
}
