import type { Json, JsonObject } from '../../../kinds/object.ts';
import { matchesSelector } from '../../../kinds/selectors/labels.ts';
import { toVersion } from '../../objects/convert.ts';
import { asJson, at, isObject, objectAt, stringAt } from '../../objects/json.ts';
import { storageKey, type ServedKinds } from '../../served-kinds.ts';
import type { Store } from '../../store/store.ts';

/** Where parameters are looked up. */
export interface ParamSource {
  readonly store: Store;
  readonly kinds: () => ServedKinds;
}

export type Params =
  /** The policy is evaluated once for each; null for a policy or a binding without parameters. */
  | { readonly type: 'found'; readonly params: readonly (JsonObject | null)[] }
  | { readonly type: 'problem'; readonly problem: string };

/** The parameters that a binding gives a policy for objects of a namespace (Kubernetes documentation, "Parameter resources"). */
export function collectParams(
  source: ParamSource,
  paramKind: Json | undefined,
  reference: Json | undefined,
  namespace: string,
): Params {
  if (!isObject(paramKind) || !isObject(reference)) return { type: 'found', params: [null] };
  const apiVersion = stringAt(paramKind, 'apiVersion') ?? '';
  const name = stringAt(paramKind, 'kind') ?? '';
  const kind = source.kinds().findKind(apiVersion, name);
  if (!kind)
    return problem(
      `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${name}'`,
    );
  const own = stringAt(reference, 'namespace') ?? '';
  if (!kind.isNamespaced && own !== '') {
    return problem('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const where = own === '' ? namespace : own;
  if (kind.isNamespaced && where === '') {
    return problem(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  }
  const found = lookUp(source.store, storageKey(kind), kind.isNamespaced ? where : '', reference);
  if (found.length === 0 && at(reference, 'parameterNotFoundAction') === 'Deny') {
    return problem('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return { type: 'found', params: found.map((object) => asJson(toVersion(object, kind))) };
}

function problem(text: string): Params {
  return { type: 'problem', problem: text };
}

function lookUp(store: Store, resource: string, namespace: string, reference: JsonObject) {
  const name = stringAt(reference, 'name') ?? '';
  if (name !== '') {
    const found = store.get(resource, namespace, name);
    return found ? [found] : [];
  }
  const selector = objectAt(reference, 'selector');
  const { items } = namespace === '' ? store.list(resource) : store.list(resource, namespace);
  return items.filter(({ metadata }) => matchesSelector(selector, metadata.labels));
}
