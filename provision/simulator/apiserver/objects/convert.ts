import type { Resource } from '../../client/client.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { groupVersion } from '../served-kinds.ts';
import { autoscalerToV1, autoscalerToV2 } from './convert-autoscaler.ts';
import { asJson, stringAt, toKubeObject } from './json.ts';

type Target = Pick<Resource, 'group' | 'version' | 'kind'>;

/** Objects in versions other than the stored one; forgotten with the stored object. */
const converted = new WeakMap<KubeObject, Map<string, KubeObject>>();

/** A stored object in the version of `target`; the object itself when it is stored in it. */
export function toVersion(object: KubeObject, target: Target): KubeObject {
  if (isIn(object.apiVersion, target)) return object;
  const apiVersion = groupVersion(target);
  const known = converted.get(object)?.get(apiVersion);
  if (known) return known;
  const result = toKubeObject(convert(asJson(object), apiVersion));
  const versions = converted.get(object) ?? new Map<string, KubeObject>();
  versions.set(apiVersion, result);
  converted.set(object, versions);
  return result;
}

// Asked for every object of every list: no text is made for it.
function isIn(apiVersion: string, { group, version }: Target): boolean {
  if (group === '') return apiVersion === version;
  return (
    apiVersion.length === group.length + 1 + version.length &&
    apiVersion.startsWith(group) &&
    apiVersion.endsWith(version)
  );
}

/** The same object in another version: by hand where versions differ, else only renamed (CRDs: conversion None). */
export function convert(object: JsonObject, apiVersion: string): JsonObject {
  if (object['apiVersion'] === apiVersion) return object;
  const renamed = { ...object, apiVersion };
  switch (`${stringAt(object, 'kind') ?? ''} ${apiVersion}`) {
    case 'Event v1':
      return eventToCore(renamed);
    case 'Event events.k8s.io/v1':
      return eventFromCore(renamed);
    case 'HorizontalPodAutoscaler autoscaling/v1':
      return autoscalerToV1(renamed);
    case 'HorizontalPodAutoscaler autoscaling/v2':
      return autoscalerToV2(renamed);
    default:
      return renamed;
  }
}

function eventToCore(event: JsonObject): JsonObject {
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    reportingController,
    ...rest
  } = event;
  return defined({
    ...rest,
    involvedObject: regarding,
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController,
  });
}

function eventFromCore(event: JsonObject): JsonObject {
  const {
    involvedObject,
    message,
    source,
    firstTimestamp,
    lastTimestamp,
    count,
    reportingComponent,
    ...rest
  } = event;
  return defined({
    ...rest,
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    reportingController: reportingComponent,
  });
}

function defined(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
