import { stringify } from 'yaml';

import type { NewObject } from '../../client/client.ts';
import { at, objectAt } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { revised } from './names.ts';
import type { Operator } from './operator.ts';
import { merge } from './tree.ts';

/** The mesh configuration, what the injector works with, and a record of the values used. */
export function istiodConfigMaps(operator: Operator, labels: Labels): readonly NewObject[] {
  return [
    configMap(operator, revised('istio', operator), labels, {
      mesh: yaml(meshConfig(operator)),
      meshNetworks: yaml({ networks: objectAt(operator.values, 'global', 'meshNetworks') }),
    }),
    configMap(operator, revised('istio-sidecar-injector', operator), labels, {
      config: yaml(injectorConfig(operator)),
      values: JSON.stringify(injectorValues(operator), undefined, 2),
    }),
    configMap(operator, revised('values', operator), labels, {
      'original-values': JSON.stringify(objectAt(operator.spec, 'values'), undefined, 2),
      'merged-values': JSON.stringify(operator.values, undefined, 2),
    }),
  ];
}

/** `mesh` of ConfigMap `istio`: what Istio writes there itself, under what the installation asks for. */
export function meshConfig(operator: Operator): JsonObject {
  const written: JsonObject = {
    defaultConfig: {
      discoveryAddress: `${revised('istiod', operator)}.${operator.namespace}.svc:15012`,
    },
    defaultProviders: { metrics: ['prometheus'] },
    enablePrometheusMerge: true,
    rootNamespace: operator.namespace,
    trustDomain: 'cluster.local',
  };
  const byValues = objectAt(operator.values, 'meshConfig');
  return merge(merge(written, byValues), objectAt(operator.spec, 'meshConfig'));
}

function injectorConfig({ values }: Operator): JsonObject {
  const webhook = objectAt(values, 'sidecarInjectorWebhook');
  return {
    policy: at(values, 'global', 'proxy', 'autoInject') === 'disabled' ? 'disabled' : 'enabled',
    alwaysInjectSelector: webhook['alwaysInjectSelector'] ?? [],
    neverInjectSelector: webhook['neverInjectSelector'] ?? [],
    injectedAnnotations: webhook['injectedAnnotations'] ?? {},
    templates: {
      sidecar: '# The simulator makes the sidecar without a template.\n',
      gateway: '# The simulator makes the gateway without a template.\n',
    },
  };
}

function injectorValues({ hub, revision, tag, values }: Operator): JsonObject {
  const { pilot, sidecarInjectorWebhook, telemetry } = values;
  return merge(
    {
      gateways: { seccompProfile: {}, securityContext: {} },
      global: objectAt(values, 'global'),
      pilot: { cni: at(pilot, 'cni') ?? {}, env: at(pilot, 'env') ?? {} },
      revision,
      sidecarInjectorWebhook: sidecarInjectorWebhook ?? {},
      telemetry: telemetry ?? {},
    },
    { global: { hub, tag } },
  );
}

function configMap(
  { namespace }: Operator,
  name: string,
  labels: Labels,
  data: Readonly<Record<string, string>>,
): NewObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data };
}

function yaml(value: JsonObject): string {
  return stringify(value, { sortMapEntries: true, aliasDuplicateObjects: false });
}
