import type { FilesClient } from './files-client.ts';
import { isSchemaMap, type Schema } from './yaml/schema.ts';

/** What the cluster says of a kind: its schema, and those that it refers to. */
export interface KindSchema {
  readonly schema: Schema;
  readonly all: Readonly<Record<string, Schema>>;
}

/** What the cluster serves at an apiVersion. */
export type GroupKinds = ReadonlyMap<string, KindSchema>;

/** The list of groups is read again after this time, so that new custom resources are known soon. */
const FRESH_MS = 10_000;

/** The cluster's own OpenAPI schemas, read as files need them and kept until the cluster says that they have changed. */
export class ClusterSchemas {
  readonly #client: Pick<FilesClient, 'schemas'>;
  readonly #now: () => number;
  readonly #groups = new Map<
    string,
    { readonly hash: string; readonly kinds: Promise<GroupKinds> }
  >();
  #list: Promise<ReadonlyMap<string, string>> | undefined;
  #listedMs = -Infinity;

  constructor(client: Pick<FilesClient, 'schemas'>, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /** Names of the apiVersions that the cluster serves: `v1`, `networking.istio.io/v1`. */
  async versions(): Promise<readonly string[]> {
    return [...(await this.#index()).keys()].map(versionOf).filter((name) => name !== undefined);
  }

  /** The kinds at an apiVersion; undefined when the cluster does not serve it. @throws ProblemError */
  async kinds(apiVersion: string): Promise<GroupKinds | undefined> {
    const group = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const hash = (await this.#index()).get(group);
    if (hash === undefined) return undefined;
    const known = this.#groups.get(group);
    if (known?.hash === hash) return known.kinds;
    const kinds = this.#client.schemas(group).then((document) => kindsOf(document, apiVersion));
    this.#groups.set(group, { hash, kinds });
    kinds.catch(() => this.#groups.delete(group));
    return kinds;
  }

  #index(): Promise<ReadonlyMap<string, string>> {
    if (this.#list && this.#now() - this.#listedMs < FRESH_MS) return this.#list;
    this.#listedMs = this.#now();
    const list = this.#client.schemas().then(indexOf);
    list.catch(() => (this.#list = undefined));
    this.#list = list;
    return list;
  }
}

function versionOf(group: string): string | undefined {
  return (
    /^api\/(?<core>v\d\w*)$/.exec(group)?.groups?.['core'] ??
    /^apis\/(?<named>.+\/v\d\w*)$/.exec(group)?.groups?.['named']
  );
}

/** Group → address with its hash, which changes with the schemas. */
function indexOf(document: unknown): ReadonlyMap<string, string> {
  const paths = fieldOf(document, 'paths');
  if (typeof paths !== 'object' || paths === null) return new Map();
  return new Map(
    Object.entries(paths).map(([group, entry]: [string, unknown]) => [
      group,
      String(fieldOf(entry, 'serverRelativeURL')),
    ]),
  );
}

function kindsOf(document: unknown, apiVersion: string): GroupKinds {
  const all = fieldOf(fieldOf(document, 'components'), 'schemas');
  const kinds = new Map<string, KindSchema>();
  if (!isSchemaMap(all)) return kinds;
  const [version, group = ''] = apiVersion.split('/').toReversed();
  for (const schema of Object.values(all)) {
    for (const own of schema['x-kubernetes-group-version-kind'] ?? []) {
      if (own.version === version && own.group === group) kinds.set(own.kind, { schema, all });
    }
  }
  return kinds;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
