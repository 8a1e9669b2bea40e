/**
 * What no package holds: how lists are merged by strategic merge patch and by server-side apply
 * (the `x-kubernetes-patch-*`, `-list-type`, `-list-map-keys` and `-map-type` of Kubernetes 1.34's OpenAPI).
 */
import type { StoredSchema } from './stored.ts';

export type MergeRule = Pick<
  StoredSchema,
  'mergeKey' | 'mergeStrategy' | 'listType' | 'listMapKeys'
>;

/** Rules by `<group>.<Type>.<field>`: `core.PodSpec.containers`. */
export const MERGE_RULES: ReadonlyMap<string, MergeRule> = new Map([
  ...rules('meta.ObjectMeta', 'finalizers=[set]! ownerReferences=uid'),
  ...rules(
    'core.PodSpec',
    'containers=name ephemeralContainers=name initContainers=name hostAliases=ip imagePullSecrets=name resourceClaims=name& schedulingGates=name topologySpreadConstraints=topologyKey[topologyKey+whenUnsatisfiable] volumes=name&',
  ),
  ...['Container', 'EphemeralContainer'].flatMap((type) =>
    rules(
      `core.${type}`,
      'env=name ports=containerPort[containerPort+protocol] volumeDevices=devicePath volumeMounts=mountPath',
    ),
  ),
  ...rules(
    'core.PodStatus',
    'conditions=type hostIPs=ip[atomic] podIPs=ip resourceClaimStatuses=name&',
  ),
  ...rules('core.ContainerStatus', 'allocatedResourcesStatus=name volumeMounts=mountPath'),
  ...rules('core.ResourceRequirements', 'claims=[name]'),
  ...rules('core.ResourceStatus', 'resources=[resourceID]'),
  ...rules('core.ServiceSpec', 'ports=port[port+protocol]'),
  ...rules('core.ServiceAccount', 'secrets=name'),
  ...rules('core.NodeSpec', 'podCIDRs=[set]!'),
  ...rules('core.NodeStatus', 'addresses=type conditions=type'),
  ...rules('core.ComponentStatus', 'conditions=type'),
  ...rules('core.NamespaceStatus', 'conditions=type'),
  ...rules('core.PersistentVolumeClaimStatus', 'conditions=type'),
  ...rules('core.ReplicationControllerStatus', 'conditions=type'),
  ...rules('core.ServiceStatus', 'conditions=type'),
  ...rules('core.ContainerRestartRuleOnExitCodes', 'values=[set]'),
  ...rules('apps.DaemonSetStatus', 'conditions=type'),
  ...rules('apps.DeploymentStatus', 'conditions=type'),
  ...rules('apps.ReplicaSetStatus', 'conditions=type'),
  ...rules('apps.StatefulSetStatus', 'conditions=type'),
  ...rules('batch.JobStatus', 'conditions=type[atomic]'),
  ...rules('batch.PodFailurePolicyOnExitCodesRequirement', 'values=[set]'),
  ...rules('batch.UncountedTerminatedPods', 'failed=[set] succeeded=[set]'),
  ...rules('autoscaling.HorizontalPodAutoscalerStatus', 'conditions=type'),
  ...rules('policy.PodDisruptionBudgetStatus', 'conditions=type'),
  ...rules('networking.ServiceCIDRStatus', 'conditions=type'),
  ...rules('discovery.Endpoint', 'addresses=[set]'),
  ...rules('certificates.CertificateSigningRequestStatus', 'conditions=[type]'),
  ...rules('admissionregistration.MutatingWebhook', 'matchConditions=name'),
  ...rules('admissionregistration.ValidatingWebhook', 'matchConditions=name'),
  ...rules('admissionregistration.MutatingWebhookConfiguration', 'webhooks=name'),
  ...rules('admissionregistration.ValidatingWebhookConfiguration', 'webhooks=name'),
  ...rules(
    'admissionregistration.ValidatingAdmissionPolicySpec',
    'matchConditions=name variables=name',
  ),
  ...rules('admissionregistration.ValidatingAdmissionPolicyStatus', 'conditions=[type]'),
  ...rules('admissionregistration.ValidatingAdmissionPolicyBindingSpec', 'validationActions=[set]'),
  ...rules('apiextensions.CustomResourceDefinitionStatus', 'conditions=[type]'),
  ...rules('apiextensions.JSONSchemaProps', 'x-kubernetes-validations=rule'),
  ...rules('apiregistration.APIServiceStatus', 'conditions=type'),
  ...rules('flowcontrol.FlowSchemaStatus', 'conditions=type'),
  ...rules('flowcontrol.PriorityLevelConfigurationStatus', 'conditions=type'),
  ...rules('flowcontrol.NonResourcePolicyRule', 'nonResourceURLs=[set] verbs=[set]'),
  ...rules(
    'flowcontrol.ResourcePolicyRule',
    'apiGroups=[set] namespaces=[set] resources=[set] verbs=[set]',
  ),
  ...rules('resource.AllocatedDeviceStatus', 'conditions=[type]'),
  ...rules('resource.ResourceClaimStatus', 'devices=[driver+device+pool+shareID] reservedFor=uid'),
  ...rules('storage.CSINodeSpec', 'drivers=name'),
  ...rules('storage.CSIDriverSpec', 'volumeLifecycleModes=[set]'),
  ['apps.DeploymentSpec.strategy', { mergeStrategy: ['retainKeys'] }],
  ['policy.PodDisruptionBudgetSpec.selector', { mergeStrategy: ['replace'] }],
]);

/** Types that server-side apply owns as a whole, by `<group>.<Type>`. */
export const ATOMIC_TYPES: ReadonlySet<string> = new Set([
  'meta.LabelSelector',
  'meta.OwnerReference',
  ...[
    'ConfigMapKeySelector',
    'EndpointAddress',
    'EndpointPort',
    'FileKeySelector',
    'LocalObjectReference',
    'NodeSelector',
    'NodeSelectorTerm',
    'ObjectFieldSelector',
    'ObjectReference',
    'ResourceFieldSelector',
    'ScopeSelector',
    'SecretKeySelector',
    'SecretReference',
    'TopologySelectorTerm',
    'TypedLocalObjectReference',
  ].map((type) => `core.${type}`),
  'autoscaling.CrossVersionObjectReference',
  'discovery.EndpointPort',
  'networking.ServiceBackendPort',
  'rbac.RoleRef',
  'rbac.Subject',
  'admissionregistration.MatchResources',
  'admissionregistration.NamedRuleWithOperations',
  'admissionregistration.ParamKind',
  'admissionregistration.ParamRef',
  'admissionregistration.Variable',
]);

/** Maps that server-side apply owns as a whole, by `<group>.<Type>.<field>`. */
export const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'core.PodSpec.nodeSelector',
  'core.ServiceSpec.selector',
  'core.ReplicationControllerSpec.selector',
  'node.Scheduling.nodeSelector',
]);

/** The one reference to an atomic type that is granular all the same. */
export const GRANULAR_FIELDS: ReadonlySet<string> = new Set(['core.PersistentVolumeSpec.claimRef']);

/**
 * Rules in short: `field=key`, `field=key[apply+keys]`, `field=[apply+keys]` where a strategic patch replaces;
 * `&` at the end adds the strategy retainKeys, `!` merges a list without keys.
 */
function rules(type: string, text: string): readonly (readonly [string, MergeRule])[] {
  return text.split(' ').map((entry) => {
    const [, field = '', key = '', apply, mark] =
      /^(\w[\w-]*)=(\w*)(?:\[([\w+]+)\])?([&!]?)$/.exec(entry) ?? [];
    const listType = apply === 'atomic' || apply === 'set' ? apply : 'map';
    const isMerged = key !== '' || mark === '!';
    return [
      `${type}.${field}`,
      {
        ...(key !== '' && { mergeKey: key }),
        ...(isMerged && { mergeStrategy: mark === '&' ? ['merge', 'retainKeys'] : ['merge'] }),
        listType,
        ...(listType === 'map' && { listMapKeys: (apply ?? key).split('+') }),
      },
    ];
  });
}
