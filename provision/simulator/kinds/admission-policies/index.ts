/** Expressions of admission: policies and match conditions. */
export { typeWarnings } from './check-types.ts';
export {
  compileConditions,
  compilePolicy,
  type CompiledPolicy,
  type Expression,
  type MatchCondition,
} from './compile-policy.ts';
export {
  matchConditionErrors,
  validateAdmissionPolicy,
  validateAdmissionPolicyBinding,
} from './validate-policy.ts';
export { namespaceSchema, requestSchema } from './variables.ts';
