/**
 * Values of headers with Envoy's variables in them, `%NAME%` and `%NAME(arguments)%`
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers).
 */

const INVALID = 'invalid header configuration.';

/** What was read last: each state says what may come next. */
type State =
  | 'literal'
  | 'name'
  | 'arguments'
  | 'item'
  | 'text'
  | 'after item'
  | 'after list'
  | 'after arguments';

/** Which state a character leads to from each; where it is missing, blanks stay and the rest is wrong. */
const NEXT: Readonly<Record<State, Readonly<Record<string, State>>>> = {
  literal: { '%': 'name' },
  name: { '%': 'literal', '(': 'arguments' },
  arguments: { '[': 'item' },
  item: { '"': 'text' },
  text: { ')': 'after arguments', '"': 'after item' },
  'after item': { ',': 'item', ']': 'after list' },
  'after list': { ')': 'after arguments' },
  'after arguments': { '%': 'literal' },
};

/** What is said of another character; states that are not here take any. */
const EXPECTED: Readonly<Partial<Record<State, string>>> = {
  item: `Expecting '"'`,
  'after item': `Expecting ',', ']', or whitespace`,
  'after list': `Expecting ')' or whitespace after '{}', but found '{}'`,
  'after arguments': `Expecting '%' or whitespace after`,
};

/** What is wrong with the variables in a value; nothing in most. */
export function headerFormatProblem(value: string): string | undefined {
  let state: State = 'literal';
  for (let place = 0; place < value.length; place++) {
    const character = value.charAt(place);
    const isLast = place === value.length - 1;
    if (state === 'literal' && character === '%' && isLast) return `${INVALID} Un-escaped %`;
    if (state === 'text' && character === '\\' && isLast) {
      return `${INVALID} Un-terminated backslash in JSON string`;
    }
    if (isEscape(state, character, value.charAt(place + 1))) {
      place++;
      continue;
    }
    const next = stateAfter(state, character);
    if (next === undefined) return `${INVALID} ${EXPECTED[state]}`;
    state = next;
  }
  return state === 'literal'
    ? undefined
    : `${INVALID} Un-terminated variable expression '${value}'`;
}

function isEscape(state: State, character: string, following: string): boolean {
  if (state === 'literal') return character === '%' && following === '%';
  return state === 'text' && character === '\\';
}

function stateAfter(state: State, character: string): State | undefined {
  const next = NEXT[state][character];
  if (next !== undefined) return next;
  if (character === ' ' || EXPECTED[state] === undefined) {
    // Arguments that are no list are one text.
    return state === 'arguments' && character !== ' ' ? 'text' : state;
  }
  return undefined;
}
