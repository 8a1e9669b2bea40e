import { repositoryOf } from './images.ts';

const LATER = 'it has no add-ons yet';

/** Images that Istio's samples name and that have no program, by the end of their repository: why not. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)(prometheus|prometheus-config-reloader)$/, `does not run Prometheus: ${LATER}`],
  [/(^|\/)grafana$/, `does not run Grafana: ${LATER}`],
  [/(^|\/)(jaeger|all-in-one)$/, `does not run Jaeger: ${LATER}`],
  [/(^|\/)kiali$/, `does not run Kiali: ${LATER}`],
  [/(^|\/)(loki|k8s-sidecar)$/, `does not run Loki: ${LATER}`],
  [/(^|\/)zipkin(-slim)?$/, `does not run Zipkin: ${LATER}`],
  [/(^|\/)opentelemetry-collector(-contrib)?$/, `does not run OpenTelemetry's collector: ${LATER}`],
  [/(^|\/)ext-authz$/, 'does not run ext-authz, the example of an external authorizer'],
  [
    /(^|\/)jwt-server$/,
    'does not run jwt-server: put the keys into the jwks field of the RequestAuthentication instead',
  ],
  [
    /(^|\/)ratelimit$/,
    'does not run a rate limit service: limit requests in each proxy, as samples/ratelimit/local-rate-limit-service.yaml does',
  ],
  [/^redis$/, 'does not run Redis: nothing it has keeps data there'],
  [/(^|\/)tornado-websocket-example$/, 'does not run tornado: its programs speak no WebSocket'],
  [/(^|\/)ztunnel$/, 'does not run ztunnel: there is no ambient mode, and sidecars carry the mesh'],
  [/(^|\/)install-cni$/, "does not run Istio's CNI plugin: sidecars need no privileges here"],
  [/(^|\/)spire-(server|agent)$/, 'does not run SPIRE: istiod issues all certificates'],
];

/** Why the simulator has no program for an image of the samples: `does not run Grafana: …`; undefined for all others. */
export function whyNotSimulated(image: string): string | undefined {
  const repository = repositoryOf(image);
  return REASONS.find(([pattern]) => pattern.test(repository))?.[1];
}
