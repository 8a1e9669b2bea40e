/** What an installation of Istio consists of, as pure functions: used by istioctl and to prepare clusters that start with Istio. */
export { manifestsFor, istioNamespace, type ComponentManifests } from './manifests.ts';
export { resolveOperator, withoutSettings, type Operator, type OperatorInput } from './operator.ts';
export { OperatorError } from './operator-error.ts';
export { PROFILE_NAMES, profileSpec } from './profiles.ts';
export { injectionWebhooks, NEVER_MATCHES } from './injection-webhooks.ts';
export { tagService } from './istiod.ts';
export { validationWebhook } from './validation-webhooks.ts';
export { isLabel, type ComponentName } from './names.ts';
