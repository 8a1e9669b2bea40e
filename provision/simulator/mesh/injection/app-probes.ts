import { isObject, objectsAt } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { nameOf } from './parts.ts';

const PROBES = [
  ['readinessProbe', 'readyz'],
  ['livenessProbe', 'livez'],
  ['startupProbe', 'startupz'],
] as const;
/** Port of the agent in the sidecar, which asks the application on the kubelet's behalf. */
const AGENT_PORT = 15_020;

/** Containers whose probes go to the sidecar's agent, and what the agent is to ask (`ISTIO_KUBE_APP_PROBERS`). */
export interface RewrittenProbes {
  readonly containers: readonly JsonObject[];
  readonly probers: JsonObject;
}

/**
 * Leads HTTP and TCP probes through the sidecar, so that the kubelet, which has no certificate, can ask applications that take
 * mutual TLS alone (https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/).
 */
export function rewriteProbes(containers: readonly JsonObject[]): RewrittenProbes {
  const probers: Record<string, Json> = {};
  const rewritten = containers.map((container) => {
    const changes: Record<string, Json> = {};
    for (const [field, page] of PROBES) {
      const probe = container[field];
      const asked = isObject(probe) ? originalOf(probe, container) : undefined;
      if (!isObject(probe) || !asked) continue;
      const path = `/app-health/${nameOf(container)}/${page}`;
      probers[path] = asked;
      const { httpGet: _http, tcpSocket: _tcp, ...timing } = probe;
      changes[field] = { ...timing, httpGet: { path, port: AGENT_PORT, scheme: 'HTTP' } };
    }
    return { ...container, ...changes };
  });
  return { containers: rewritten, probers };
}

/** What the probe asks, with named ports as numbers; undefined for what the agent is not asked to do. */
function originalOf(probe: JsonObject, container: JsonObject): JsonObject | undefined {
  const { httpGet, tcpSocket, timeoutSeconds } = probe;
  const timeout = timeoutSeconds === undefined ? {} : { timeoutSeconds };
  if (isObject(httpGet)) {
    return { httpGet: { ...httpGet, port: portNumber(httpGet['port'], container) }, ...timeout };
  }
  if (isObject(tcpSocket)) {
    return {
      tcpSocket: { ...tcpSocket, port: portNumber(tcpSocket['port'], container) },
      ...timeout,
    };
  }
  return undefined;
}

function portNumber(port: Json | undefined, container: JsonObject): Json {
  if (typeof port !== 'string') return port ?? 0;
  const named = objectsAt(container, 'ports').find(({ name }) => name === port);
  return named?.['containerPort'] ?? (Number(port) || 0);
}
