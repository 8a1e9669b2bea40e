import { isObject, stringAt } from '../../kinds/json.ts';
import { type HttpHandler, HttpHeaders, type HttpResponse } from '../../net/http.ts';

/** Port of ControlZ (https://istio.io/latest/docs/ops/diagnostic-tools/controlz/). */
export const CONTROLZ_PORT = 9876;

const LEVELS: ReadonlySet<string> = new Set(['none', 'error', 'warn', 'info', 'debug']);

/** Logging scopes of istiod that learners turn up, and what they are about. */
const SCOPES: Readonly<Record<string, string>> = {
  ads: 'ads debugging',
  adsc: 'adsc debugging',
  analysis: 'Scope for configuration analysis runtime',
  authn: 'authn debugging',
  authorization: 'Istio Authorization Policy',
  ca: 'ca client',
  controllers: 'common controller logic',
  default: 'Unscoped logging messages.',
  delta: 'delta xds debugging',
  gateway: 'gateway-api controller',
  grpc: 'grpc log',
  klog: 'Klog scope',
  krt: 'krt',
  kube: 'Kubernetes client messages',
  leader: 'leader election',
  model: 'model',
  monitor: 'monitoring',
  security: 'security debugging',
  serviceentry: 'ServiceEntry registry',
  spiffe: 'SPIFFE library logging',
  status: 'status debugging',
  telemetry: 'Istio Telemetry',
  validation: 'validation debugging',
  wle: 'workload entry controller debugging',
};

/** Log levels of one istiod: `/scopej/` lists them, `/scopej/<name>` reads one and, by PUT, changes it. */
export function controlZ(): HttpHandler {
  const levels = new Map(Object.keys(SCOPES).map((name) => [name, 'info']));
  const record = (name: string) => ({
    name,
    description: SCOPES[name],
    output_level: levels.get(name),
    stack_trace_level: 'none',
    log_callers: false,
  });
  return async ({ method, path, body }) => {
    const [, name] = /^\/scopej\/?([^/?]*)/.exec(path) ?? [];
    if (name === undefined) return answer(404, { error: `ControlZ here has /scopej/ alone` });
    if (name === '') return answer(200, [...levels.keys()].map(record));
    if (!levels.has(name)) return answer(404, { error: `unknown scope name: ${name}` });
    if (method !== 'PUT') return answer(200, record(name));
    const level = levelIn(body);
    if (level === undefined) return answer(400, { error: 'unable to decode the scope' });
    levels.set(name, level);
    return answer(202, record(name));
  };
}

function levelIn(body: Uint8Array): string | undefined {
  try {
    const sent: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const level = isObject(sent) ? stringAt(sent, 'output_level') : '';
    return LEVELS.has(level) ? level : undefined;
  } catch {
    return undefined;
  }
}

function answer(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: new HttpHeaders([['content-type', 'application/json']]),
    body: Buffer.from(JSON.stringify(value)),
  };
}
