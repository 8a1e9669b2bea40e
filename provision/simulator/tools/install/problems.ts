import { listAt, numberAt, objectsAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { unknownField } from './known-fields.ts';
import { isLabel } from './names.ts';
import { textAt } from './tree.ts';

const GATEWAYS = [
  { field: 'ingressGateways', chart: 'istio-ingressgateway' },
  { field: 'egressGateways', chart: 'istio-egressgateway' },
] as const;

/** Why Istio would not install a spec, in its words; empty when it would. */
export function problemsOf(spec: JsonObject): readonly string[] {
  const unknown = unknownField(spec);
  if (unknown !== undefined) return [`could not unmarshal: ${unknown}`];
  const revision = textAt(spec, 'revision');
  return [
    ...privilegedPorts(spec),
    ...(revision === '' || isLabel(revision) ? [] : [`invalid revision specified: ${revision}`]),
  ];
}

/** Ports below this one are for root alone. */
const FIRST_FREE_PORT = 1024;

function privilegedPorts(spec: JsonObject): readonly string[] {
  return GATEWAYS.flatMap(({ field, chart }) => {
    if (textAt(spec, 'values', 'gateways', chart, 'runAsRoot') === 'true') return [];
    return listAt(spec, 'components', field).flatMap((gateway) =>
      objectsAt(gateway, 'k8s', 'service', 'ports')
        .filter((port) => typeof port['targetPort'] !== 'string')
        .flatMap((port) => {
          const number = numberAt(port, 'port') ?? 0;
          const target = numberAt(port, 'targetPort') ?? 0;
          if (target >= FIRST_FREE_PORT || (target === 0 && number > FIRST_FREE_PORT)) return [];
          return [
            `port ${textAt(port, 'name')}/${number} in gateway ${textAt(gateway, 'name')} invalid: targetPort is set to ${target}, which requires root. Set targetPort to be greater than 1024 or configure values.gateways.${chart}.runAsRoot=true`,
          ];
        }),
    );
  });
}

/** A number of replicas that an autoscaler would overrule. */
export function replicaWarnings(spec: JsonObject): readonly string[] {
  const isScaled = (...path: readonly string[]) =>
    textAt(spec, 'values', ...path, 'autoscaleEnabled') === 'true';
  const replicas = numberAt(spec, 'components', 'pilot', 'k8s', 'replicaCount') ?? 0;
  const pilot =
    isScaled('pilot') && replicas > 1
      ? [
          'components.pilot.k8s.replicaCount should not be set when values.pilot.autoscaleEnabled is true',
        ]
      : [];
  const gateways = GATEWAYS.flatMap(({ field, chart }) =>
    listAt(spec, 'components', field)
      .filter((gateway) => isScaled('gateways', chart) && numberAt(gateway, 'k8s', 'replicaCount'))
      .map(
        (gateway) =>
          `components.${field}[name=${textAt(gateway, 'name')}].k8s.replicaCount should not be set when values.gateways.${chart}.autoscaleEnabled is true`,
      ),
  );
  return [...pilot, ...gateways];
}
