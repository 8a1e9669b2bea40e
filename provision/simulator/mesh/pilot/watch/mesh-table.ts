import type { ClusterClient, Resource } from '../../../client/client.ts';
import { asJson, isSame } from '../../../kinds/json.ts';
import type { KubeObject, Labels } from '../../../kinds/object.ts';
import { matchesSelector } from '../../../kinds/selectors/labels.ts';
import type { MeshConfig } from '../mesh-config.ts';
import { byAge } from '../snapshot.ts';
import { Derived } from './derived.ts';
import { WatchedTable } from './watched-table.ts';

/** Who may be part of the mesh. */
export interface Visibility {
  readonly config: MeshConfig;
  /** Labels of namespaces, by name. */
  readonly namespaceLabels: ReadonlyMap<string, Labels>;
  /** undefined: objects of all revisions. */
  readonly revision: string | undefined;
}

/** All objects of a kind that a part of istiod looks at. */
export class MeshTable<T extends KubeObject> implements Disposable {
  readonly #table: WatchedTable<T>;
  readonly #visible = new Derived<readonly T[]>();

  constructor(
    client: ClusterClient,
    resource: Resource<T>,
    onChange: () => void,
    isSameTo: (before: T, after: T) => boolean = hasSameSpec,
  ) {
    this.#table = new WatchedTable(client, resource, onChange, isSameTo);
  }

  values(): readonly T[] {
    return this.#table.values();
  }

  get(namespace: string, name: string): T | undefined {
    return this.#table.get(namespace, name);
  }

  /** Objects of the namespaces that discoverySelectors choose, and of one revision, oldest first; the same list until it changes. */
  visible({ config, namespaceLabels, revision }: Visibility): readonly T[] {
    const all = this.#table.values();
    return this.#visible.of([all, config, namespaceLabels], () =>
      all
        .filter(({ metadata }) => isDiscovered(metadata.namespace, config, namespaceLabels))
        .filter((object) => isInRevision(object, revision))
        .toSorted(byAge),
    );
  }

  [Symbol.dispose](): void {
    this.#table[Symbol.dispose]();
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
