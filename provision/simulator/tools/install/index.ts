/** What an installation of Istio consists of, as pure functions: used by istioctl and to prepare clusters that start with Istio. */
export { manifestsFor, istioNamespace, type ComponentManifests } from './manifests.ts';
export { resolveOperator, type Operator, type OperatorInput } from './operator.ts';
export { OperatorError } from './operator-error.ts';
export { PROFILE_NAMES, profileSpec } from './profiles.ts';
export { injectionWebhooks } from './injection-webhooks.ts';
export type { ComponentName } from './names.ts';
