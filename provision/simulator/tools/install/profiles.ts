import type { JsonObject } from '../../kinds/object.ts';
import { OperatorError } from './operator-error.ts';

/** What an installation starts from before `-f` and `--set` (Istio's page "Installation Configuration Profiles"). */
export const PROFILE_NAMES = ['default', 'demo', 'empty', 'minimal', 'preview', 'stable'] as const;
type ProfileName = (typeof PROFILE_NAMES)[number];

/** Profiles of Istio that ask for parts the simulator does not have, and which part. */
const MISSING_PARTS: Readonly<Record<string, string>> = {
  ambient: 'ztunnel and the Istio CNI node agent',
  openshift: 'the Istio CNI node agent',
  'openshift-ambient': 'ztunnel and the Istio CNI node agent',
  remote: 'a control plane in another cluster',
};

/**
 * The IstioOperator spec of a profile; `components` and `values` only where they differ from the defaults.
 * @throws OperatorError for a name that Istio does not know, or that the simulator refuses
 */
export function profileSpec(name: string): JsonObject {
  const known = PROFILE_NAMES.find((profile) => profile === name);
  if (known) return PROFILES[known];
  const missing = MISSING_PARTS[name];
  if (missing !== undefined) {
    throw new OperatorError(
      `profile "${name}" is not simulated: it needs ${missing}; profiles that work here are ${PROFILE_NAMES.join(', ')}`,
    );
  }
  throw new OperatorError(
    `profile "${name}" not found: open profiles/${name}.yaml: file does not exist`,
  );
}

const COLLECTOR = {
  service: 'opentelemetry-collector.observability.svc.cluster.local',
  port: 4317,
};

const NO_INGRESS = [{ name: 'istio-ingressgateway', enabled: false }];

const DEFAULT: JsonObject = {
  components: {
    base: { enabled: true },
    pilot: { enabled: true },
    ingressGateways: [{ name: 'istio-ingressgateway', enabled: true }],
    egressGateways: [{ name: 'istio-egressgateway', enabled: false }],
  },
};

const SMALL_PROXY = { resources: { requests: { cpu: '10m', memory: '40Mi' } } };

const DEMO: JsonObject = {
  meshConfig: {
    accessLogFile: '/dev/stdout',
    extensionProviders: [
      { name: 'otel', envoyOtelAls: COLLECTOR },
      {
        name: 'skywalking',
        skywalking: { service: 'tracing.istio-system.svc.cluster.local', port: 11800 },
      },
      { name: 'otel-tracing', opentelemetry: COLLECTOR },
      {
        name: 'jaeger',
        opentelemetry: { service: 'jaeger-collector.istio-system.svc.cluster.local', port: 4317 },
      },
    ],
  },
  components: {
    base: { enabled: true },
    pilot: { enabled: true },
    ingressGateways: [{ name: 'istio-ingressgateway', enabled: true }],
    egressGateways: [{ name: 'istio-egressgateway', enabled: true }],
  },
  values: {
    global: { proxy: SMALL_PROXY },
    pilot: {
      autoscaleEnabled: false,
      resources: { requests: { cpu: '10m', memory: '100Mi' } },
      traceSampling: 100,
    },
    gateways: {
      'istio-egressgateway': { ...SMALL_PROXY, autoscaleEnabled: false },
      'istio-ingressgateway': {
        ...SMALL_PROXY,
        autoscaleEnabled: false,
        ports: [
          { port: 15021, targetPort: 15021, name: 'status-port' },
          { port: 80, targetPort: 8080, name: 'http2' },
          { port: 443, targetPort: 8443, name: 'https' },
          { port: 31400, targetPort: 31400, name: 'tcp' },
          { port: 15443, targetPort: 15443, name: 'tls' },
        ],
      },
    },
  },
};

const PROFILES: Readonly<Record<ProfileName, JsonObject>> = {
  default: DEFAULT,
  demo: DEMO,
  empty: {
    components: {
      base: { enabled: false },
      pilot: { enabled: false },
      ingressGateways: NO_INGRESS,
    },
  },
  minimal: {
    components: {
      base: { enabled: true },
      pilot: { enabled: true },
      ingressGateways: NO_INGRESS,
    },
  },
  preview: {
    ...DEFAULT,
    meshConfig: { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } } },
  },
  // What runs is the same as by default: it only warns of features that are not stable yet.
  stable: DEFAULT,
};
