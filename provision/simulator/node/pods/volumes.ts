import type { Json, JsonObject } from '../../kinds/object.ts';
import type { Volume } from '../../kinds/types/core.ts';
import type { EnvironmentSources } from './environment.ts';
import { ConfigError, fieldValue, isObject, readData, resourceValue, text } from './environment.ts';

export interface VolumeSources extends EnvironmentSources {
  /** A token of the pod's service account for an audience. */
  readonly serviceAccountToken: (audience: string) => string;
}

/** What a volume holds: files by their path below the mount, or a folder that the pod's containers share. */
export type VolumeContent =
  | { readonly type: 'files'; readonly files: Readonly<Record<string, string>> }
  | { readonly type: 'folder' };

/**
 * What is in a volume now.
 * @throws ConfigError for a ConfigMap, Secret or key that is not there and not optional
 */
export function volumeContent(volume: Volume, sources: VolumeSources): VolumeContent {
  const { configMap, secret, projected, downwardAPI } = volume;
  if (isObject(configMap)) return files(dataFiles('configmap', configMap, sources));
  if (isObject(secret)) return files(dataFiles('secret', secret, sources));
  if (isObject(downwardAPI)) return files(downwardFiles(downwardAPI, sources));
  if (!isObject(projected)) return { type: 'folder' };
  const parts = list(projected['sources']).map((source) => projectedFiles(source, sources));
  return files(Object.assign({}, ...parts));
}

function files(found: Readonly<Record<string, string>>): VolumeContent {
  return { type: 'files', files: found };
}

function projectedFiles(source: JsonObject, sources: VolumeSources): Record<string, string> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (isObject(configMap)) return dataFiles('configmap', configMap, sources);
  if (isObject(secret)) return dataFiles('secret', secret, sources);
  if (isObject(downwardAPI)) return downwardFiles(downwardAPI, sources);
  if (!isObject(serviceAccountToken)) return {};
  const path = text(serviceAccountToken['path']) || 'token';
  return { [path]: sources.serviceAccountToken(text(serviceAccountToken['audience'])) };
}

function dataFiles(
  kind: 'configmap' | 'secret',
  source: JsonObject,
  sources: VolumeSources,
): Record<string, string> {
  const name = text(source['name']) || text(source['secretName']);
  const data = readData(kind, name, sources);
  const isOptional = source['optional'] === true;
  if (!data) {
    if (isOptional) return {};
    throw new ConfigError(`${kind} "${name}" not found`);
  }
  const items = list(source['items']);
  if (items.length === 0) return { ...data };
  const found: Record<string, string> = {};
  for (const item of items) {
    const key = text(item['key']);
    const value = data[key];
    if (value !== undefined) found[text(item['path'])] = value;
    else if (!isOptional) {
      throw new ConfigError(`references non-existent ${kind} key: ${key}`);
    }
  }
  return found;
}

function downwardFiles(source: JsonObject, sources: VolumeSources): Record<string, string> {
  const found: Record<string, string> = {};
  for (const item of list(source['items'])) {
    const { fieldRef, resourceFieldRef } = item;
    const path = text(item['path']);
    if (isObject(fieldRef)) found[path] = fieldValue(text(fieldRef['fieldPath']), sources);
    else if (isObject(resourceFieldRef)) {
      const name = text(resourceFieldRef['containerName']);
      const container = sources.pod.spec.containers.find((each) => each.name === name);
      if (container) found[path] = resourceValue(resourceFieldRef, container);
    }
  }
  return found;
}

function list(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item): item is JsonObject => isObject(item)) : [];
}
