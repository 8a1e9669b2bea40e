import { isObject, listAt, stringAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import type { Volume } from '../../kinds/types/core.ts';
import type { EnvironmentSources } from './environment.ts';
import { ConfigError, fieldValue, readData, resourceValue } from './environment.ts';

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
  const parts = objectsAt(projected, 'sources').map((source) => projectedFiles(source, sources));
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
  const path = stringAt(serviceAccountToken, 'path') || 'token';
  return { [path]: sources.serviceAccountToken(stringAt(serviceAccountToken, 'audience')) };
}

function dataFiles(
  kind: 'configmap' | 'secret',
  source: JsonObject,
  sources: VolumeSources,
): Record<string, string> {
  const name = stringAt(source, 'name') || stringAt(source, 'secretName');
  const data = readData(kind, name, sources);
  const isOptional = source['optional'] === true;
  if (!data) {
    if (isOptional) return {};
    throw new ConfigError(`${kind} "${name}" not found`);
  }
  const items = objectsAt(source, 'items');
  if (items.length === 0) return { ...data };
  const found: Record<string, string> = {};
  for (const item of items) {
    const key = stringAt(item, 'key');
    const value = data[key];
    if (value !== undefined) found[stringAt(item, 'path')] = value;
    else if (!isOptional) {
      throw new ConfigError(`references non-existent ${kind} key: ${key}`);
    }
  }
  return found;
}

function downwardFiles(source: JsonObject, sources: VolumeSources): Record<string, string> {
  const found: Record<string, string> = {};
  for (const item of objectsAt(source, 'items')) {
    const { fieldRef, resourceFieldRef } = item;
    const path = stringAt(item, 'path');
    if (isObject(fieldRef)) found[path] = fieldValue(stringAt(fieldRef, 'fieldPath'), sources);
    else if (isObject(resourceFieldRef)) {
      const name = stringAt(resourceFieldRef, 'containerName');
      const container = sources.pod.spec.containers.find((each) => each.name === name);
      if (container) found[path] = resourceValue(resourceFieldRef, container);
    }
  }
  return found;
}

function objectsAt(value: JsonObject, key: string): readonly JsonObject[] {
  return listAt(value, key).filter(isObject);
}
