/**
 * Reads expressions. The library gives the syntax tree; types, costs and messages are ours, because rules are checked
 * against schemas, may not stall the process, and are refused in cel-go's words.
 */
import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';

import type { Issue } from './issues.ts';
import {
  EXPRESSION_LIMIT_CODE_POINTS,
  EXPRESSION_LIMIT_DEPTH,
  EXPRESSION_LIMIT_NODES,
} from './limits.ts';

export type Node = ASTNode;

const BINARY = [
  '||',
  '&&',
  '[]',
  '[?]',
  'in',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
] as const;

/** An operator between two operands, or an index. */
export type BinaryNode = Extract<Node, { readonly op: (typeof BINARY)[number] }>;

export function isBinary(node: Node): node is BinaryNode {
  return BINARY.some((op) => op === node.op);
}

export type Parsed =
  | { readonly type: 'parsed'; readonly root: Node }
  | { readonly type: 'failed'; readonly issues: readonly Issue[] };

const environment = new Environment({
  enableOptionalTypes: true,
  limits: { maxDepth: EXPRESSION_LIMIT_DEPTH, maxAstNodes: EXPRESSION_LIMIT_NODES },
});

/** The syntax tree of an expression, or where it cannot be read. */
export function parse(text: string): Parsed {
  if (text.length > EXPRESSION_LIMIT_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${text.length}, limit ${EXPRESSION_LIMIT_CODE_POINTS}`;
    return { type: 'failed', issues: [{ offset: 0, message }] };
  }
  try {
    return { type: 'parsed', root: environment.parse(text).ast };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { type: 'failed', issues: issuesOf(text, error) };
  }
}

const EXPRESSION_START =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function issuesOf(text: string, error: ParseError): readonly Issue[] {
  const offset = error.range?.start ?? 0;
  const token = tokenAt(text, offset);
  const issue = (message: string, at = offset) => [{ offset: at, message }];
  switch (error.code) {
    case 'unexpected_token':
      return issue(`Syntax error: mismatched input '${token}' expecting ${EXPRESSION_START}`);
    case 'expected_token':
      return issue(expectedText(error.summary, token));
    case 'unexpected_character':
      return isTrailing(error)
        ? issue(trailingText(text, offset, token))
        : unreadable(text, offset);
    case 'reserved_identifier':
      return issue(`reserved identifier: ${token}`);
    case 'invalid_macro_argument':
      return issue('argument must be a simple name');
    case 'invalid_integer':
    case 'invalid_hex_integer':
      return issue(`invalid ${/[uU]$/.test(token) ? 'uint' : 'int'} literal`);
    case 'limit_exceeded':
      return issue(`expression recursion limit exceeded: ${EXPRESSION_LIMIT_DEPTH}`, 0);
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
      return issue(`Syntax error: token recognition error at: '${text.slice(offset)}'`);
    default:
      return issue(`Syntax error: ${error.summary}`);
  }
}

const TOKENS: Readonly<Record<string, string>> = {
  RPAREN: "')'",
  RBRACKET: "']'",
  RBRACE: "'}'",
  COLON: "':'",
  IDENTIFIER: 'IDENTIFIER',
};

function expectedText(summary: string, token: string): string {
  const wanted = TOKENS[/Expected (\w+)/.exec(summary)?.[1] ?? ''] ?? 'IDENTIFIER';
  if (token === '<EOF>' && wanted.startsWith("'")) {
    return `Syntax error: missing ${wanted} at '<EOF>'`;
  }
  return `Syntax error: mismatched input '${token}' expecting ${wanted}`;
}

// The library uses one code for both.
function isTrailing(error: ParseError): boolean {
  return error.summary.includes("'");
}

function trailingText(text: string, offset: number, token: string): string {
  const isLast = text.slice(offset + token.length).trim() === '';
  return `Syntax error: ${isLast ? 'extraneous' : 'mismatched'} input '${token}' expecting <EOF>`;
}

/** A character that no token begins with; a single `=`, `&` or `|` takes the next one with it. */
function unreadable(text: string, offset: number): readonly Issue[] {
  const size = '=&|'.includes(text[offset] ?? '') ? 2 : 1;
  const shown = text.slice(offset, offset + size);
  const first = { offset, message: `Syntax error: token recognition error at: '${shown}'` };
  const next = /\S/.exec(text.slice(offset + size))?.index;
  if (size === 1 || next === undefined) return [first];
  const at = offset + size + next;
  return [first, { offset: at, message: trailingText(text, at, tokenAt(text, at)) }];
}

function tokenAt(text: string, offset: number): string {
  const rest = text.slice(offset);
  if (rest.trim() === '') return '<EOF>';
  return /^([A-Za-z_]\w*|\d[\w.]*|"[^"]*"|'[^']*'|[=!<>]=|&&|\|\||.)/su.exec(rest)?.[0] ?? '<EOF>';
}

/** Where an operator stands behind its left operand, which may be in parentheses. */
export function operatorOffset(text: string, from: number, operator: string): number {
  let at = from;
  while (at < text.length && !text.startsWith(operator, at)) {
    if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else at++;
  }
  return at >= text.length ? from : at;
}
