import type { ClusterClient, Resource } from '../../../client/client.ts';
import { asJson, isSame } from '../../../kinds/json.ts';
import type { KubeObject, Labels } from '../../../kinds/object.ts';
import { matchesSelector } from '../../../kinds/selectors/labels.ts';
import { Derived } from '../derived.ts';
import type { MeshConfig } from '../mesh-config.ts';
import { byAge } from '../snapshot.ts';

/** Who may be part of the mesh. */
export interface Visibility {
  readonly config: MeshConfig;
  /** Labels of namespaces, by name. */
  readonly namespaceLabels: ReadonlyMap<string, Labels>;
  /** undefined: objects of all revisions. */
  readonly revision: string | undefined;
}

/**
 * All objects of a kind, kept up to date, as a part of istiod looks at them; one that differs in nothing that somebody looks at stays
 * as it was.
 */
export class MeshTable<T extends KubeObject> implements Disposable {
  readonly #objects = new Map<string, T>();
  readonly #watch: Disposable;
  readonly #visible = new Derived<readonly T[]>();
  #values: readonly T[] | undefined;

  /** @param isSameTo whether a change can be passed over, because nobody looks at what is different; default: those of the status */
  constructor(
    client: ClusterClient,
    resource: Resource<T>,
    onChange: () => void,
    isSameTo: (before: T, after: T) => boolean = hasSameSpec,
  ) {
    this.#watch = client.watch(resource, ({ type, object }) => {
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const before = this.#objects.get(key);
      if (type !== 'DELETED' && before && isSameTo(before, object)) return;
      if (type === 'DELETED') this.#objects.delete(key);
      else this.#objects.set(key, object);
      this.#values = undefined;
      onChange();
    });
  }

  /** The same list until something changes. */
  values(): readonly T[] {
    this.#values ??= [...this.#objects.values()];
    return this.#values;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  /** Objects of the namespaces that discoverySelectors choose, and of one revision, oldest first; the same list until it changes. */
  visible({ config, namespaceLabels, revision }: Visibility): readonly T[] {
    const all = this.values();
    return this.#visible.of([all, config, namespaceLabels, revision], () =>
      all
        .filter(({ metadata }) => isDiscovered(metadata.namespace, config, namespaceLabels))
        .filter((object) => isInRevision(object, revision))
        .toSorted(byAge),
    );
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}

/** Whether an object is as it was but for its status. */
function hasSameSpec(before: KubeObject, after: KubeObject): boolean {
  const { labels, annotations, deletionTimestamp } = before.metadata;
  return (
    isSame(asJson(before)['spec'], asJson(after)['spec']) &&
    isSame(labels, after.metadata.labels) &&
    isSame(annotations, after.metadata.annotations) &&
    deletionTimestamp === after.metadata.deletionTimestamp
  );
}

/** meshConfig.discoverySelectors (https://istio.io/latest/docs/ops/configuration/mesh/configuration-scoping/#discoveryselectors). */
function isDiscovered(
  namespace: string | undefined,
  { discoverySelectors }: MeshConfig,
  labels: Visibility['namespaceLabels'],
): boolean {
  if (discoverySelectors.length === 0 || namespace === undefined) return true;
  return discoverySelectors.some((selector) => matchesSelector(selector, labels.get(namespace)));
}

/** An object with the label istio.io/rev is for that revision's istiod alone. */
function isInRevision({ metadata }: KubeObject, revision: string | undefined): boolean {
  const wanted = metadata.labels?.['istio.io/rev'];
  return revision === undefined || !wanted || wanted === revision;
}
