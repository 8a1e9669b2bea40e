import { at, isObject, listAt, objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError } from '../cli/command.ts';

/** Where a cluster is and how one proves who one is (Kubernetes page "Organizing Cluster Access Using kubeconfig Files"). */
export interface Access {
  /** `https://172.30.1.2:6443` */
  readonly server: string;
  /** Namespace of the context. */
  readonly namespace: string;
  /** PEM. */
  readonly ca: string | undefined;
  readonly isVerified: boolean;
  readonly serverName: string | undefined;
  /** PEM pair. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Value of the Authorization header. */
  readonly authorization: string | undefined;
}

/** Reads a file beside the kubeconfig; paths in it are relative to its folder. */
export type ReadFile = (path: string) => string;

/**
 * The access that a context gives. Of several files the first to name a cluster, user or context wins.
 * @throws CommandError when the context or a part of it is missing
 */
export function accessOf(
  files: readonly { readonly config: unknown; readonly readFile: ReadFile }[],
  contextName: string,
): Access {
  const configs = files.flatMap(({ config, readFile }) =>
    isObject(config) ? [{ config, readFile }] : [],
  );
  const name =
    contextName ||
    configs.map(({ config }) => textAt(config, 'current-context')).find(Boolean) ||
    '';
  if (name === '') {
    throw new CommandError(
      'invalid configuration: no configuration has been provided, try setting KUBECONFIG or --kubeconfig',
    );
  }
  const context = entryOf(configs, 'contexts', name);
  if (!context) throw new CommandError(`context "${name}" does not exist`);
  const cluster = entryOf(configs, 'clusters', textAt(context.entry, 'context', 'cluster'));
  if (!cluster) throw new CommandError(`cluster of context "${name}" does not exist`);
  const user = entryOf(configs, 'users', textAt(context.entry, 'context', 'user'));
  return {
    server: textAt(cluster.entry, 'cluster', 'server').replace(/\/$/, ''),
    namespace: textAt(context.entry, 'context', 'namespace') || 'default',
    ca: pem(objectAt(cluster.entry, 'cluster'), 'certificate-authority', cluster.readFile),
    isVerified: at(cluster.entry, 'cluster', 'insecure-skip-tls-verify') !== true,
    serverName: textAt(cluster.entry, 'cluster', 'tls-server-name') || undefined,
    ...credentials(user),
  };
}

interface Found {
  readonly entry: JsonObject;
  readonly readFile: ReadFile;
}

function entryOf(
  configs: readonly { readonly config: JsonObject; readonly readFile: ReadFile }[],
  list: 'contexts' | 'clusters' | 'users',
  name: string,
): Found | undefined {
  for (const { config, readFile } of configs) {
    const found = listAt(config, list).find((entry) => textAt(entry, 'name') === name);
    if (isObject(found)) return { entry: found, readFile };
  }
  return undefined;
}

function credentials(
  found: Found | undefined,
): Pick<Access, 'certificate' | 'key' | 'authorization'> {
  if (!found) return { certificate: undefined, key: undefined, authorization: undefined };
  const user = objectAt(found.entry, 'user');
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) {
    throw new CommandError(
      'cannot log in with a credential plugin: use a kubeconfig with a certificate or a token',
    );
  }
  return {
    certificate: pem(user, 'client-certificate', found.readFile),
    key: pem(user, 'client-key', found.readFile),
    authorization: authorization(user, found.readFile),
  };
}

function authorization(user: JsonObject, readFile: ReadFile): string | undefined {
  const tokenFile = textAt(user, 'tokenFile');
  const token = tokenFile === '' ? textAt(user, 'token') : readFile(tokenFile).trim();
  if (token !== '') return `Bearer ${token}`;
  const name = textAt(user, 'username');
  if (name === '') return undefined;
  const pair = Buffer.from(`${name}:${textAt(user, 'password')}`).toString('base64');
  return `Basic ${pair}`;
}

function pem(entry: JsonObject, field: string, readFile: ReadFile): string | undefined {
  const data = textAt(entry, `${field}-data`);
  if (data !== '') return Buffer.from(data, 'base64').toString();
  const file = textAt(entry, field);
  return file === '' ? undefined : readFile(file);
}
