import { isObject, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { CommandError } from '../../istioctl/cli/command.ts';
import { checked, type KubeApi, listObjects, refusalOf } from '../../istioctl/kube/api.ts';
import { parseYaml } from '../../istioctl/kube/yaml.ts';
import { decodeRelease, encodeRelease, type Release } from './release.ts';

const TYPE = 'helm.sh/release.v1';

/** Releases as helm 3 keeps them: a Secret `sh.helm.release.v1.NAME.vN` in the release's namespace for each revision. */
export class ReleaseStorage {
  readonly #api: KubeApi;
  readonly #nowMs: () => number;

  constructor(api: KubeApi, nowMs: () => number) {
    this.#api = api;
    this.#nowMs = nowMs;
  }

  /** Every revision of every release; of all namespaces without one. Oldest revision first. */
  async list(namespace: string | undefined): Promise<readonly Release[]> {
    return this.#select(namespace, 'owner=helm');
  }

  /** The revisions of one release, oldest first; empty when there is no such release. */
  async history(name: string, namespace: string): Promise<readonly Release[]> {
    return this.#select(namespace, `name=${name},owner=helm`);
  }

  /**
   * Stores a new revision.
   * @throws CommandError with the API server's refusal
   */
  async create(release: Release): Promise<void> {
    const answer = await this.#api.call({
      method: 'POST',
      path: `/api/v1/namespaces/${release.namespace}/secrets`,
      body: JSON.stringify(this.#secret(release, 'createdAt')),
    });
    if (answer.status < 300) return;
    throw new CommandError(`create: failed to create: ${refusalOf(answer)}`);
  }

  /** Writes a revision anew, with another status. */
  async update(release: Release): Promise<void> {
    checked(
      await this.#api.call({
        method: 'PUT',
        path: secretPath(release),
        body: JSON.stringify(this.#secret(release, 'modifiedAt')),
      }),
    );
  }

  async remove(release: Release): Promise<void> {
    const answer = await this.#api.call({ method: 'DELETE', path: secretPath(release) });
    if (answer.status !== 404) checked(answer);
  }

  async #select(namespace: string | undefined, labels: string): Promise<readonly Release[]> {
    const path =
      namespace === undefined ? '/api/v1/secrets' : `/api/v1/namespaces/${namespace}/secrets`;
    const secrets = await listObjects(this.#api, path, labels);
    return secrets.flatMap(releaseIn).toSorted((one, other) => one.version - other.version);
  }

  #secret(release: Release, time: 'createdAt' | 'modifiedAt'): JsonObject {
    const { name, namespace, version, status } = release;
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: secretName(release),
        namespace,
        labels: {
          [time]: String(Math.floor(this.#nowMs() / 1000)),
          name,
          owner: 'helm',
          status,
          version: String(version),
        },
      },
      type: TYPE,
      data: { release: Buffer.from(encodeRelease(release)).toString('base64') },
    };
  }
}

function secretName({ name, version }: Release): string {
  return `sh.helm.release.v1.${name}.v${version}`;
}

function secretPath(release: Release): string {
  return `/api/v1/namespaces/${release.namespace}/secrets/${secretName(release)}`;
}

function releaseIn(secret: JsonObject): readonly Release[] {
  if (stringAt(secret, 'type') !== TYPE) return [];
  const text = Buffer.from(stringAt(secret, 'data', 'release'), 'base64').toString('utf8');
  const release = decodeRelease(text);
  return release ? [release] : [];
}

/** The last revision that is deployed; undefined without one. */
export function deployedOf(history: readonly Release[]): Release | undefined {
  return history.findLast(({ status }) => status === 'deployed');
}

/**
 * Objects of a manifest, in its order.
 * @throws CommandError for a text that is no YAML
 */
export async function objectsIn(manifest: string): Promise<readonly JsonObject[]> {
  return (await parseYaml(manifest, 'the manifest of a release')).filter(isObject);
}
