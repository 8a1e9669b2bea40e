import { parse } from 'yaml';

import { isObject, objectAt, stringAt, stringMapAt } from '../../kinds/json.ts';
import type { Json, JsonObject, Labels } from '../../kinds/object.ts';
import { matchesLabels } from '../../kinds/selectors/labels.ts';
import { overlay } from './overlay.ts';
import type { InjectionSettings } from './settings.ts';

/** An object of kind ProxyConfig, as far as it matters here (https://istio.io/latest/docs/reference/config/networking/proxy-config/). */
export interface ProxyConfigObject {
  readonly namespace: string;
  readonly spec: JsonObject;
}

/** Whose configuration is asked for. */
export interface ProxyOwner {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

/**
 * The settings of one proxy: the mesh's `defaultConfig`, under the ProxyConfig objects of the mesh, the namespace and the workload,
 * under the pod's own annotation `proxy.istio.io/config`.
 */
export function proxyConfigOf(settings: InjectionSettings, owner: ProxyOwner): JsonObject {
  const { namespace, labels, annotations } = owner;
  const { mesh, proxyConfigs: objects, discoveryAddress, istioNamespace } = settings;
  const rootNamespace = stringAt(mesh, 'rootNamespace') || istioNamespace;
  const usual = overlay(objectAt(mesh, 'defaultConfig'), { discoveryAddress });
  const first = (place: string, isMeant: (one: ProxyConfigObject) => boolean) =>
    objects.find((one) => one.namespace === place && isMeant(one));
  const byObjects = [
    first(rootNamespace, isForAll),
    // In the root namespace it is the same object, which changes nothing when it is laid over itself.
    first(namespace, isForAll),
    first(namespace, (one) => !isForAll(one) && isFor(one, labels)),
  ]
    .filter((one) => one !== undefined)
    .reduce((config, { spec }) => overlay(config, inside(spec)), usual);
  return overlay(byObjects, annotated(annotations['proxy.istio.io/config']));
}

function isForAll({ spec }: ProxyConfigObject): boolean {
  return spec['selector'] === undefined;
}

function isFor({ spec }: ProxyConfigObject, labels: Labels): boolean {
  return matchesLabels(stringMapAt(spec, 'selector', 'matchLabels'), labels);
}

/** The kind's fields under the names that they have in the mesh configuration. */
function inside({ concurrency, environmentVariables, image }: JsonObject): JsonObject {
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(isObject(environmentVariables) && { proxyMetadata: environmentVariables }),
    ...(isObject(image) && { image }),
  };
}

function annotated(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  try {
    const value: unknown = parse(text);
    return isObject(value) ? value : {};
  } catch (cause) {
    throw new Error(`could not read the annotation proxy.istio.io/config: ${String(cause)}`, {
      cause,
    });
  }
}

/** The configuration as the proxy is given it: one line of JSON, without what every proxy has. */
export function proxyConfigText(config: JsonObject): string {
  const told = Object.entries(config).filter(
    ([name, value]) => !(name in USUAL && USUAL[name] === value) && !isEmpty(value),
  );
  return `${JSON.stringify(Object.fromEntries(told))}\n`;
}

const USUAL: JsonObject = { discoveryAddress: 'istiod.istio-system.svc:15012' };

function isEmpty(value: Json | undefined): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** `distroless` or `debug` for an image of that variant; empty for the plain one. */
export function imageType(config: JsonObject): string {
  const type = stringAt(objectAt(config, 'image'), 'imageType');
  return type === 'default' ? '' : type;
}
