/** Names of Go types as they appear in the decoder's messages: `[]v1.Container`, `map[string]string`, `int32`. */
import type { Schema } from '../kind.ts';

/** The Go type of a field; `struct` is the type that has it. */
export function goTypeName(schema: Schema, field: string, struct: string): string {
  return NAMED_STRINGS[`${struct}.${field}`] ?? typeName(schema);
}

/** Fields whose type is a string with a name of its own; the packages that the schemas come from do not tell. */
const NAMED_STRINGS: Readonly<Record<string, string>> = {
  'Container.imagePullPolicy': 'v1.PullPolicy',
  'Container.terminationMessagePolicy': 'v1.TerminationMessagePolicy',
  'ContainerPort.protocol': 'v1.Protocol',
  'DaemonSetUpdateStrategy.type': 'v1.DaemonSetUpdateStrategyType',
  'DeploymentStrategy.type': 'v1.DeploymentStrategyType',
  'PodSpec.dnsPolicy': 'v1.DNSPolicy',
  'PodSpec.restartPolicy': 'v1.RestartPolicy',
  'Secret.type': 'v1.SecretType',
  'ServicePort.protocol': 'v1.Protocol',
  'ServiceSpec.sessionAffinity': 'v1.ServiceAffinity',
  'ServiceSpec.type': 'v1.ServiceType',
  'StatefulSetUpdateStrategy.type': 'v1.StatefulSetUpdateStrategyType',
};

function typeName(schema: Schema): string {
  switch (schema.type) {
    case 'object':
      return schema.additionalProperties && !schema.properties
        ? mapName(schema.additionalProperties)
        : structType(schema);
    case 'array':
      return `[]${schema.items ? typeName(schema.items) : 'interface {}'}`;
    case 'integer':
      return schema.format ?? 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'string':
      return scalarName(schema);
    case 'any':
      break;
  }
  return schema.format === 'int-or-string' ? 'intstr.IntOrString' : 'interface {}';
}

function mapName(values: Schema): string {
  return values.format === 'quantity' ? 'v1.ResourceList' : `map[string]${typeName(values)}`;
}

/** `v1.PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
function structType({ definition }: Schema): string {
  return definition === undefined
    ? 'map[string]interface {}'
    : definition.split('.').slice(-2).join('.');
}

function scalarName({ format = '' }: Schema): string {
  return SCALARS[format] ?? 'string';
}

/** Go types of formatted strings. */
const SCALARS: Readonly<Record<string, string>> = {
  quantity: 'resource.Quantity',
  'date-time': 'v1.Time',
  'date-time-micro': 'v1.MicroTime',
  byte: '[]uint8',
};
