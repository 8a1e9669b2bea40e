import { issuesText } from '../../../kinds/cel/issues.ts';
import { parse } from '../../../kinds/cel/syntax.ts';

/**
 * What istiod says of an expression of CEL that it cannot read. Apart from the other checks, so that istioctl starts
 * without the library of CEL.
 */
export function expressionProblem(expression: string): string | undefined {
  const parsed = parse(expression);
  return parsed.type === 'parsed'
    ? undefined
    : `must be a valid CEL expression, ${issuesText(expression, parsed.issues)}`;
}
