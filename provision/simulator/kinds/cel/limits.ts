/** All limits of the evaluator of expressions, each with its unit and reason. */

/** Cost of one evaluation, about an operation each, as upstream's PerCallLimit. */
export const CALL_COST_LIMIT = 1_000_000;
/** Cost of all rules for one object or policy, as upstream's RuntimeCELCostBudget. */
export const OBJECT_COST_LIMIT = 10_000_000;
/** Cost of the match conditions of one webhook, as upstream's RuntimeCELCostBudgetMatchConditions. */
export const MATCH_CONDITIONS_COST_LIMIT = 2_500_000;
/** Code points of one expression, as cel-go's default for the parser. */
export const EXPRESSION_LIMIT_CODE_POINTS = 100_000;
/** Nesting of one expression, as cel-go's parser has it. */
export const EXPRESSION_LIMIT_DEPTH = 250;
/** Parts of one expression; a bundle of rules written by hand has a few hundred. */
export const EXPRESSION_LIMIT_NODES = 20_000;
/** Bytes of the result of a messageExpression, as upstream's MaxEvaluatedMessageExpressionSizeBytes. */
export const MESSAGE_LIMIT_BYTES = 5 * 1024;
/** Compiled expressions kept for the next cluster that has the same; all are forgotten when there are more. */
export const PROGRAM_CACHE_LIMIT = 2_000;
/** Bytes of the largest request, which bound values that have no bound of their own, as upstream's DefaultMaxRequestSizeBytes. */
export const REQUEST_LIMIT_BYTES = 3 * 1024 * 1024;
/** Estimated cost of one rule, times how often it may run, as upstream's StaticEstimatedCostLimit. */
export const RULE_COST_LIMIT = 10_000_000;
/** Estimated cost of all rules of a definition, as upstream's StaticEstimatedCRDCostLimit. */
export const DEFINITION_COST_LIMIT = 100_000_000;
/** Characters of a string that replace(), join() or format() makes: it could grow much beyond what was counted for its parts. */
export const STRING_RESULT_LIMIT = 10_000_000;
/** Items of a list that lists.range() makes, which costs nothing by its arguments. */
export const LIST_RANGE_LIMIT = 100_000n;
