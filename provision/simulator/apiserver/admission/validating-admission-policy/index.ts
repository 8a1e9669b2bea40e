/** ValidatingAdmissionPolicies: asked before validating webhooks. */
export { validatingAdmissionPolicies } from './plugin.ts';
export { policyStatus } from './status.ts';
