import { isUtf8 } from 'node:buffer';

import type { ClusterClient } from '../../client/client.ts';
import { isObject, stringAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { configMaps, secrets, services } from '../../kinds/resources.ts';
import type { Container, EnvVar, Pod, Service } from '../../kinds/types/core.ts';
import { quantityValue } from '../../kinds/values/quantity.ts';

/** A container cannot be made from what its pod names; the kubelet tries again later. */
export class ConfigError extends Error {}

export interface EnvironmentSources {
  readonly client: Pick<ClusterClient, 'get' | 'list'>;
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
}

/**
 * A container's environment: Services, then `envFrom`, then `env` in order, `$(NAME)` filled in.
 * @throws ConfigError for a ConfigMap, Secret or key that is not there and not optional
 */
export function resolveEnvironment(
  container: Container,
  sources: EnvironmentSources,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = serviceVariables(sources);
  for (const source of container.envFrom ?? []) Object.assign(env, fromSource(source, sources));
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, env, { container, sources });
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

/** Fills in `$(NAME)`; `$$(NAME)` stays as `$(NAME)`, an unknown name as it is (core/v1 EnvVar.value). */
export function expandReferences(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$';
    return (name === undefined ? undefined : env[name]) ?? match;
  });
}

/** `command` and `args` with `$(NAME)` filled in. */
export function expandCommand(
  container: Container,
  env: Readonly<Record<string, string>>,
): Container {
  const expand = (words: readonly string[]) => words.map((word) => expandReferences(word, env));
  return {
    ...container,
    ...(container.command && { command: expand(container.command) }),
    ...(container.args && { args: expand(container.args) }),
  };
}

function variableValue(
  variable: EnvVar,
  env: Readonly<Record<string, string>>,
  { container, sources }: { readonly container: Container; readonly sources: EnvironmentSources },
): string | undefined {
  const { valueFrom } = variable;
  if (!valueFrom) return expandReferences(variable.value ?? '', env);
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (isObject(fieldRef)) return fieldValue(stringAt(fieldRef, 'fieldPath'), sources);
  if (isObject(resourceFieldRef)) {
    const name = stringAt(resourceFieldRef, 'containerName');
    const named = sources.pod.spec.containers.find((each) => each.name === name);
    return resourceValue(resourceFieldRef, named ?? container);
  }
  if (isObject(configMapKeyRef)) return keyValue('configmap', configMapKeyRef, sources);
  if (isObject(secretKeyRef)) return keyValue('secret', secretKeyRef, sources);
  return undefined;
}

/** A field of the pod, as the downward API names it. */
export function fieldValue(path: string, { pod, podIp, hostIp }: EnvironmentSources): string {
  const { metadata, spec } = pod;
  const [, kind, key = ''] = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path) ?? [];
  if (kind === 'labels') return metadata.labels?.[key] ?? '';
  if (kind === 'annotations') return metadata.annotations?.[key] ?? '';
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.podIP': podIp,
    'status.podIPs': podIp,
    'status.hostIP': hostIp,
    'status.hostIPs': hostIp,
  };
  return fields[path] ?? '';
}

/** Labels or annotations as the downward API writes them into a file. */
function lines(entries: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(entries ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** What a container without a limit is told: all of the node. */
const NODE_CPUS = 4;
const NODE_MEMORY_BYTES = 8 * 1024 ** 3;

/** A limit or request as a number: processors rounded up, memory in bytes, both divided by the divisor. */
export function resourceValue(ref: JsonObject, container: Container): string {
  const [kind, name] = stringAt(ref, 'resource').split('.');
  const { limits, requests } = container.resources ?? {};
  const isMemory = name !== 'cpu';
  const whole = isMemory ? NODE_MEMORY_BYTES : NODE_CPUS;
  const given = (kind === 'limits' ? limits : requests)?.[name ?? ''];
  const amount = given === undefined ? (kind === 'limits' ? whole : 0) : quantityValue(given);
  const divisor = quantityValue(stringAt(ref, 'divisor') || '1') || 1;
  return String(Math.ceil(amount / divisor));
}

function keyValue(
  kind: 'configmap' | 'secret',
  ref: JsonObject,
  sources: EnvironmentSources,
): string | undefined {
  const name = stringAt(ref, 'name');
  const key = stringAt(ref, 'key');
  const data = readData(kind, name, sources);
  const isOptional = ref['optional'] === true;
  if (!data && !isOptional) throw new ConfigError(`${kind} "${name}" not found`);
  const value = data?.[key];
  if (value === undefined && data && !isOptional) {
    const title = kind === 'secret' ? 'Secret' : 'ConfigMap';
    const place = `${sources.pod.metadata.namespace ?? ''}/${name}`;
    throw new ConfigError(`couldn't find key ${key} in ${title} ${place}`);
  }
  return value === undefined ? undefined : textOf(value);
}

/** All keys of a ConfigMap or Secret; undefined when it is not there. */
export function readData(
  kind: 'configmap' | 'secret',
  name: string,
  { client, pod }: Pick<EnvironmentSources, 'client' | 'pod'>,
): Readonly<Record<string, string | Uint8Array>> | undefined {
  const { namespace } = pod.metadata;
  if (kind === 'configmap') {
    const found = client.get(configMaps, name, namespace);
    return found && { ...decoded(found.binaryData), ...found.data };
  }
  const found = client.get(secrets, name, namespace);
  return found && decoded(found.data);
}

/** Text stays text; what is none stays as it is, byte by byte. */
function decoded(
  data: Readonly<Record<string, string>> | undefined,
): Record<string, string | Uint8Array> {
  const entries = Object.entries(data ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const bytes = Buffer.from(value, 'base64');
      return [key, isUtf8(bytes) ? bytes.toString() : bytes];
    }),
  );
}

function textOf(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString();
}

function fromSource(
  source: JsonObject,
  sources: EnvironmentSources,
): Readonly<Record<string, string>> {
  const { configMapRef, secretRef } = source;
  const ref = isObject(configMapRef) ? configMapRef : secretRef;
  if (!isObject(ref)) return {};
  const kind = ref === configMapRef ? 'configmap' : 'secret';
  const data = readData(kind, stringAt(ref, 'name'), sources);
  if (!data && ref['optional'] !== true) {
    throw new ConfigError(`${kind} "${stringAt(ref, 'name')}" not found`);
  }
  const prefix = stringAt(source, 'prefix');
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [prefix + key, textOf(value)]),
  );
}

/** Variables for each Service of the namespace, and the API server's (Services, "Discovering services"). */
function serviceVariables({ client, pod }: EnvironmentSources): Record<string, string> {
  const hasLinks = pod.spec.enableServiceLinks !== false;
  const namespace = pod.metadata.namespace ?? 'default';
  const own = hasLinks ? client.list(services, { namespace }) : [];
  const api = client.get(services, 'kubernetes', 'default');
  const env: Record<string, string> = {};
  for (const service of [...(api ? [api] : []), ...own]) Object.assign(env, variablesOf(service));
  return env;
}

function variablesOf({ metadata, spec }: Service): Record<string, string> {
  const { clusterIP } = spec;
  const [first] = spec.ports ?? [];
  if (!clusterIP || clusterIP === 'None' || !first) return {};
  const name = variableName(metadata.name);
  const env: Record<string, string> = {
    [`${name}_SERVICE_HOST`]: clusterIP,
    [`${name}_SERVICE_PORT`]: String(first.port),
    [`${name}_PORT`]: `${protocolOf(first)}://${clusterIP}:${first.port}`,
  };
  for (const port of spec.ports ?? []) {
    const prefix = `${name}_PORT_${port.port}_${protocolOf(port).toUpperCase()}`;
    if (port.name) env[`${name}_SERVICE_PORT_${variableName(port.name)}`] = String(port.port);
    env[prefix] = `${protocolOf(port)}://${clusterIP}:${port.port}`;
    env[`${prefix}_PROTO`] = protocolOf(port);
    env[`${prefix}_PORT`] = String(port.port);
    env[`${prefix}_ADDR`] = clusterIP;
  }
  return env;
}

function protocolOf({ protocol }: { readonly protocol?: string }): string {
  return (protocol ?? 'TCP').toLowerCase();
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
