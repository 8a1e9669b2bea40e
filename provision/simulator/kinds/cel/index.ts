/** Expressions of the Common Expression Language as Kubernetes 1.34 evaluates them (Kubernetes documentation, "Common Expression Language in Kubernetes"). */
export {
  authorizerType,
  authorizerValue,
  resourceCheckType,
  resourceCheckValue,
  type Authorize,
} from './functions/authorization.ts';
export { mostOften } from './cost/bounds.ts';
export {
  DEFINITION_COST_LIMIT,
  MATCH_CONDITIONS_COST_LIMIT,
  MESSAGE_LIMIT_BYTES,
  OBJECT_COST_LIMIT,
  RULE_COST_LIMIT,
} from './limits.ts';
export {
  compile,
  estimateCost,
  type Compiled,
  type Declarations,
  type Outcome,
  type Program,
} from './program.ts';
export { PLAIN_NAMES, schemaBound, schemaType, toValue, withObjectFields } from './schema.ts';
export {
  bytes,
  dyn,
  listOf,
  mapOf,
  optionalOf,
  SIMPLE_TYPES,
  string,
  timestamp,
  typeText,
  type CelType,
} from './type.ts';
export type { Variables } from './frame.ts';
export { CelOptional, EvaluationError, type CelMap, type CelValue } from './value.ts';
