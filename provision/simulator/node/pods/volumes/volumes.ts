import type { ClusterClient } from '../../../client/client.ts';
import { isObject, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '../../../kinds/resources.ts';
import type { PersistentVolume, Pod, Volume } from '../../../kinds/types/core.ts';
import type { SharedFolder } from '../../files/file-tree.ts';
import type { EnvironmentSources } from '../environment.ts';
import { ConfigError, fieldValue, readData, resourceValue } from '../environment.ts';
import type { Folders } from './folders.ts';

export interface VolumeSources extends EnvironmentSources {
  /** A token of the pod's service account for an audience. */
  readonly serviceAccountToken: (audience: string) => string;
  /** Folders that outlive the pod. */
  readonly folders: Folders;
  readonly nodeName: string;
}

export interface VolumeFile {
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/** What a volume holds: files by their path below the mount, or a folder that others see too. */
export type VolumeContent =
  | { readonly type: 'files'; readonly files: Readonly<Record<string, VolumeFile>> }
  /** Without a folder: one of the pod's own, for as long as the pod lives. */
  | { readonly type: 'folder'; readonly folder?: SharedFolder };

type Files = Record<string, VolumeFile>;

const DEFAULT_MODE = 0o644;
/** Volumes that are files, or nothing but a folder of the pod. */
const POD_FOLDER: VolumeContent = { type: 'folder' };

/**
 * What is in a volume now.
 * @throws ConfigError for something that is not there and not optional, or a kind of volume that is not simulated
 */
export function volumeContent(volume: Volume, sources: VolumeSources): VolumeContent {
  const { configMap, secret, projected, downwardAPI, hostPath } = volume;
  if (isObject(configMap)) return files(dataFiles('configmap', configMap, sources));
  if (isObject(secret)) return files(dataFiles('secret', secret, sources));
  if (isObject(downwardAPI)) return files(downwardFiles(downwardAPI, sources, modeOf(downwardAPI)));
  if (isObject(projected)) {
    const parts = objectsAt(projected, 'sources').map((source) =>
      projectedFiles(source, sources, modeOf(projected)),
    );
    return files(Object.assign({}, ...parts));
  }
  if (isObject(hostPath)) return hostFolder(hostPath, sources);
  const claim = claimNameOf(sources.pod, volume);
  if (claim !== undefined) return claimFolder(claim, sources);
  const kind = Object.keys(volume).find((key) => key !== 'name');
  if (kind === undefined || kind === 'emptyDir') return POD_FOLDER;
  throw new ConfigError(`the Regatta simulator does not mount volumes of type ${kind}`);
}

function files(found: Files): VolumeContent {
  return { type: 'files', files: found };
}

function claimNameOf({ metadata }: Pod, volume: Volume): string | undefined {
  const { persistentVolumeClaim, ephemeral, name } = volume;
  if (isObject(persistentVolumeClaim)) return stringAt(persistentVolumeClaim, 'claimName');
  return isObject(ephemeral) ? `${metadata.name}-${name}` : undefined;
}

function claimFolder(
  name: string,
  { client, pod, folders, nodeName }: VolumeSources,
): VolumeContent {
  const { namespace } = pod.metadata;
  const claim = client.get(persistentVolumeClaims, name, namespace);
  if (!claim) {
    const place = `${namespace ?? ''}/${name}`;
    throw new ConfigError(
      `error processing PVC ${place}: failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`,
    );
  }
  const volume = client.get(persistentVolumes, claim.spec.volumeName ?? '');
  if (claim.status?.phase !== 'Bound' || !volume) {
    throw new ConfigError(`error processing PVC ${namespace ?? ''}/${name}: PVC is not bound`);
  }
  return { type: 'folder', folder: folders.get(folderOf(volume, nodeName)) };
}

/** Where a volume's files are: in a folder of the node when it says so, else in a place of its own. */
function folderOf({ metadata, spec }: PersistentVolume, nodeName: string): string {
  const path = spec.hostPath?.path ?? spec.local?.path;
  return path === undefined ? `volume/${metadata.name}` : `${nodeName}${path}`;
}

/** Lets go what was in volumes that are deleted, where a provisioner made the folder and takes it away. */
export function forgetDeletedVolumes(client: ClusterClient, folders: Folders): Disposable {
  return client.watch(persistentVolumes, ({ type, object }) => {
    const node = object.metadata.annotations?.['local.path.provisioner/selected-node'];
    if (type === 'DELETED' && node !== undefined) folders.forget(folderOf(object, node));
  });
}

/** Folders that every machine has. */
const MACHINE =
  /^\/(bin|boot|dev|etc|home|lib|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?($|\/(kubernetes|lib|local|log|run|share|tmp)$)/;

function hostFolder(source: JsonObject, { folders, nodeName }: VolumeSources): VolumeContent {
  const path = stringAt(source, 'path').replace(/(.)\/+$/, '$1');
  const type = stringAt(source, 'type');
  const name = `${nodeName}${path}`;
  const isThere = MACHINE.test(path) || folders.has(name);
  if (type !== '' && !type.endsWith('OrCreate')) {
    const isFolder = type === 'Directory';
    const words = isFolder ? 'a directory' : WORDS[type];
    if (!isFolder || !isThere) {
      throw new ConfigError(`hostPath type check failed: ${path} is not ${words ?? type}`);
    }
  }
  return { type: 'folder', folder: folders.get(name) };
}

const WORDS: Readonly<Record<string, string>> = {
  File: 'a file',
  Socket: 'a socket file',
  CharDevice: 'a character device',
  BlockDevice: 'a block device',
};

function modeOf(source: JsonObject, fallback = DEFAULT_MODE): number {
  const { defaultMode, mode = defaultMode } = source;
  return typeof mode === 'number' ? mode : fallback;
}

function projectedFiles(source: JsonObject, sources: VolumeSources, mode: number): Files {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (isObject(configMap)) return dataFiles('configmap', configMap, sources, mode);
  if (isObject(secret)) return dataFiles('secret', secret, sources, mode);
  if (isObject(downwardAPI)) return downwardFiles(downwardAPI, sources, mode);
  if (!isObject(serviceAccountToken)) return {};
  const path = stringAt(serviceAccountToken, 'path') || 'token';
  const content = sources.serviceAccountToken(stringAt(serviceAccountToken, 'audience'));
  return { [path]: { content, mode } };
}

function dataFiles(
  kind: 'configmap' | 'secret',
  source: JsonObject,
  sources: VolumeSources,
  defaultMode = modeOf(source),
): Files {
  const name = stringAt(source, 'name') || stringAt(source, 'secretName');
  const data = readData(kind, name, sources);
  const isOptional = source['optional'] === true;
  if (!data) {
    if (isOptional) return {};
    throw new ConfigError(`${kind} "${name}" not found`);
  }
  const items = objectsAt(source, 'items');
  if (items.length === 0) {
    return Object.fromEntries(
      Object.entries(data).map(([key, content]) => [key, { content, mode: defaultMode }]),
    );
  }
  const found: Files = {};
  for (const item of items) {
    const key = stringAt(item, 'key');
    const content = data[key];
    if (content !== undefined) {
      found[stringAt(item, 'path')] = { content, mode: modeOf(item, defaultMode) };
    } else if (!isOptional) {
      throw new ConfigError(
        kind === 'secret'
          ? `references non-existent secret key: ${key}`
          : `configmap references non-existent config key: ${key}`,
      );
    }
  }
  return found;
}

function downwardFiles(source: JsonObject, sources: VolumeSources, defaultMode: number): Files {
  const found: Files = {};
  for (const item of objectsAt(source, 'items')) {
    const content = downwardText(item, sources);
    const mode = modeOf(item, defaultMode);
    if (content !== undefined) found[stringAt(item, 'path')] = { content, mode };
  }
  return found;
}

function downwardText(item: JsonObject, sources: VolumeSources): string | undefined {
  const { fieldRef, resourceFieldRef } = item;
  if (isObject(fieldRef)) return fieldValue(stringAt(fieldRef, 'fieldPath'), sources);
  if (!isObject(resourceFieldRef)) return undefined;
  const name = stringAt(resourceFieldRef, 'containerName');
  const { containers, initContainers = [] } = sources.pod.spec;
  const container = [...containers, ...initContainers].find((each) => each.name === name);
  return container && resourceValue(resourceFieldRef, container);
}
