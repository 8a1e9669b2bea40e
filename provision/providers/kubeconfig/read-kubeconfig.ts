import { readFileSync } from 'node:fs';
import path from 'node:path';

import { parse, stringify } from 'yaml';

import type { ExposedAddress } from '../../provider.ts';

/** Which cluster of a kubeconfig is meant. */
export interface KubeconfigSource {
  readonly file: string;
  /** Default: the file's current context. */
  readonly context?: string;
}

/** A cluster as a kubeconfig describes it, everything that it names inlined. */
export interface RealCluster {
  /** Where the API server is, as seen from this machine. */
  readonly apiServer: { readonly host: string; readonly port: number };
  readonly serverKubeconfig: string;
  /** The same with the API server at the address that it has in a learner's network. */
  readonly learnerKubeconfig: string;
}

/** A kubeconfig that cannot be used; the message says why. */
class KubeconfigError extends Error {
  readonly code = 'kubeconfig-unusable';
}

const HTTPS_PORT = 443;

/**
 * Reads a kubeconfig.
 * @param apiServer where the API server is to be found in a learner's network
 * @throws KubeconfigError when there is no such context, or it needs programs and proxies that a sandbox does not have
 */
export function readKubeconfig(source: KubeconfigSource, apiServer: ExposedAddress): RealCluster {
  const refuse: Refuse = (why) =>
    new KubeconfigError(`Cannot use the kubeconfig ${source.file}: ${why}`);
  const chosen = choose(readYaml(source.file), source.context, refuse);
  const { server, cluster } = chosen;
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' || url.pathname !== '/') {
    throw refuse(`"${server}" is no address of an API server such as https://10.0.0.1:6443`);
  }
  const files = new FileReader(path.dirname(source.file), refuse);
  const user = credentialsOf(chosen.user, files, refuse);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const shown = {
    ...files.inlined(cluster, 'certificate-authority'),
    ...pick(cluster, ['insecure-skip-tls-verify', 'tls-server-name']),
  };
  const inside = `https://${apiServer.ip}:${apiServer.port}`;
  return {
    apiServer: { host, port: Number(url.port) || HTTPS_PORT },
    serverKubeconfig: write(chosen, { server, ...shown }, user),
    // The certificate is that of the true address. kubectl takes an IP address as such a name too.
    learnerKubeconfig: write(chosen, { server: inside, 'tls-server-name': host, ...shown }, user),
  };
}

type Refuse = (why: string) => KubeconfigError;

/** What a context names. */
interface Chosen {
  readonly contextName: string;
  readonly clusterName: string;
  readonly namespace: string | undefined;
  readonly server: string;
  readonly cluster: Fields;
  readonly user: Fields;
}

function choose(root: Fields, wanted: string | undefined, refuse: Refuse): Chosen {
  const contextName = wanted ?? textIn(root, 'current-context');
  if (contextName === undefined) {
    throw refuse('it has no current context; choose one with --context');
  }
  const context = named(root, { list: 'contexts', name: contextName, field: 'context' });
  if (!context) throw refuse(`it has no context "${contextName}"`);
  const clusterName = textIn(context, 'cluster') ?? '';
  const cluster = named(root, { list: 'clusters', name: clusterName, field: 'cluster' });
  if (!cluster) throw refuse(`it has no cluster "${clusterName}"`);
  if (textIn(cluster, 'proxy-url') !== undefined) {
    throw refuse('its API server is reached through a proxy, which a sandbox cannot use');
  }
  const user = named(root, { list: 'users', name: textIn(context, 'user') ?? '', field: 'user' });
  return {
    contextName,
    clusterName,
    namespace: textIn(context, 'namespace'),
    server: textIn(cluster, 'server') ?? '',
    cluster,
    user: user ?? {},
  };
}

function credentialsOf(user: Fields, files: FileReader, refuse: Refuse): Fields {
  for (const kind of ['exec', 'auth-provider']) {
    if (user[kind] === undefined) continue;
    throw refuse(
      `its user signs in by "${kind}", a program that a sandbox does not have; use a token or a client certificate`,
    );
  }
  return {
    ...files.inlined(user, 'client-certificate'),
    ...files.inlined(user, 'client-key'),
    ...files.token(user),
    ...pick(user, ['username', 'password']),
  };
}

function write(
  { contextName, clusterName, namespace }: Chosen,
  cluster: Fields,
  user: Fields,
): string {
  const context = { cluster: clusterName, user: 'learner', ...(namespace && { namespace }) };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contextName,
    contexts: [{ name: contextName, context }],
    clusters: [{ name: clusterName, cluster }],
    users: [{ name: 'learner', user }],
  });
}

type Fields = Readonly<Record<string, unknown>>;

function readYaml(file: string): Fields {
  try {
    const parsed: unknown = parse(readFileSync(file, 'utf8'));
    if (isFields(parsed)) return parsed;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubeconfigError(`Cannot read the kubeconfig ${file}: ${why}`, { cause });
  }
  throw new KubeconfigError(`Cannot use the kubeconfig ${file}: it holds no configuration`);
}

function named(
  root: Fields,
  { list, name, field }: { readonly list: string; readonly name: string; readonly field: string },
): Fields | undefined {
  const entries: unknown = root[list];
  if (!Array.isArray(entries)) return undefined;
  const found: unknown = entries.find((entry) => isFields(entry) && entry['name'] === name);
  const value = isFields(found) ? found[field] : undefined;
  return isFields(value) ? value : undefined;
}

/** Reads what a kubeconfig names by path, relative to its own folder. */
class FileReader {
  readonly #folder: string;
  readonly #refuse: Refuse;

  constructor(folder: string, refuse: Refuse) {
    this.#folder = folder;
    this.#refuse = refuse;
  }

  /** `NAME-data` as it is, or made from the file that `NAME` names. */
  inlined(fields: Fields, name: string): Fields {
    const data = textIn(fields, `${name}-data`);
    if (data !== undefined) return { [`${name}-data`]: data };
    const file = textIn(fields, name);
    return file === undefined ? {} : { [`${name}-data`]: this.#read(file).toString('base64') };
  }

  token(fields: Fields): Fields {
    const token = textIn(fields, 'token');
    if (token !== undefined) return { token };
    const file = textIn(fields, 'tokenFile');
    return file === undefined ? {} : { token: this.#read(file).toString('utf8').trim() };
  }

  #read(file: string): Buffer {
    try {
      return readFileSync(path.resolve(this.#folder, file));
    } catch (cause) {
      throw this.#refuse(cause instanceof Error ? cause.message : String(cause));
    }
  }
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
