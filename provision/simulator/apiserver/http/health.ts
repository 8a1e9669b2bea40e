/** `/healthz`, `/livez` and `/readyz` (Kubernetes documentation, "Kubernetes API health endpoints"). */
import { sendPageNotFound, sendText, type Exchange } from './exchange.ts';

/** What an API server of this version says it has started. */
const STARTED = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((hook) => `poststarthook/${hook}`);

const LAST = [
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  healthz: ['ping', 'log', 'etcd', ...STARTED, ...LAST],
  livez: ['ping', 'log', 'etcd', ...STARTED, ...LAST],
  readyz: [
    'ping',
    'log',
    'etcd',
    'etcd-readiness',
    'informer-sync',
    ...STARTED,
    ...LAST,
    'shutdown',
  ],
};

/** The paths of the endpoints and of their checks. */
export function healthPaths(): readonly string[] {
  return Object.entries(CHECKS).flatMap(([endpoint, checks]) => [
    `/${endpoint}`,
    ...checks.map((check) => `/${endpoint}/${check}`),
  ]);
}

/** Answers for all checks of an endpoint, or for the one that the path names: a simulated cluster that answers is well. */
export function sendHealth({ response, query }: Exchange, endpoint: string, check: string): void {
  const checks = CHECKS[endpoint] ?? [];
  if (check !== '') {
    if (!checks.includes(check)) return sendPageNotFound(response);
    return sendText(response, 200, 'ok');
  }
  if (!query.has('verbose')) return sendText(response, 200, 'ok');
  const excluded = new Set(query.getAll('exclude'));
  const lines = checks.map((one) => `[+]${one} ${excluded.has(one) ? 'excluded: ok' : 'ok'}`);
  const unknown = [...excluded].filter((one) => !checks.includes(one)).toSorted();
  const warning =
    unknown.length === 0
      ? []
      : [
          `warn: some health checks cannot be excluded: no matches for ${unknown.map((one) => JSON.stringify(one)).join(', ')}`,
        ];
  sendText(response, 200, [...lines, ...warning, `${endpoint} check passed`, ''].join('\n'));
}
