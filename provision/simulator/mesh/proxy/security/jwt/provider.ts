import type { HttpRequest } from '../../../../net/http.ts';
import type { JwtRule } from '../../../istio/security.ts';
import { VERIFIED_TOKENS_LIMIT } from '../limits.ts';
import { readKeys, type SigningKey } from './keys.ts';
import { type FoundToken, tokenLocations } from './locations.ts';
import { JWT } from './status.ts';
import { type ReadToken, readToken, type Token } from './token.ts';

/** Envoy's allowance for clocks that differ, in seconds. */
const CLOCK_SKEW_S = 60;

/** A token that is believed, and the request as it goes on. */
export interface Accepted {
  readonly token: Token;
  readonly found: FoundToken;
}

/** What a provider finds in a request. */
export type Outcome =
  | { readonly type: 'accepted'; readonly tokens: readonly Accepted[] }
  | { readonly type: 'missing' }
  | { readonly type: 'refused'; readonly why: string };

/**
 * One rule of a RequestAuthentication: looks for tokens and checks them. Signatures that have been checked are remembered, so that a
 * token that comes again costs next to nothing; its times are looked at each time.
 */
export class JwtProvider {
  readonly rule: JwtRule;
  readonly #look: ReturnType<typeof tokenLocations>;
  readonly #audiences: ReadonlySet<string>;
  #jwks: string | undefined;
  #keys: readonly SigningKey[] = [];
  /** What became of a token's form and signature: the token, or why not. */
  readonly #checked = new Map<string, { readonly read: ReadToken; problem?: string }>();

  constructor(rule: JwtRule) {
    this.rule = rule;
    this.#look = tokenLocations(rule);
    this.#audiences = new Set((rule.audiences ?? []).map(bare));
  }

  /** Whether istiod has said anything of keys; before, the rule is as if it had not been sent. */
  get hasKeys(): boolean {
    return this.rule.jwks !== undefined;
  }

  examine(request: HttpRequest, nowMs: number): Outcome {
    const found = this.#look(request);
    if (found.length === 0) return { type: 'missing' };
    const tokens: Accepted[] = [];
    for (const one of found) {
      const token = this.#check(one.text, nowMs);
      if (typeof token === 'string') return { type: 'refused', why: token };
      tokens.push({ token, found: one });
    }
    return { type: 'accepted', tokens };
  }

  /** The token, or why it is refused; in Envoy's order: form, issuer, times, audience, signature. */
  #check(text: string, nowMs: number): Token | string {
    const checked = this.#remembered(text);
    if (checked.read.type === 'bad') return checked.read.why;
    const { token } = checked.read;
    const { issuer = '' } = this.rule;
    if (issuer !== '' && token.issuer !== issuer) return JWT.unknownIssuer;
    const now = Math.floor(nowMs / 1_000);
    if (token.notBefore > now + CLOCK_SKEW_S) return JWT.notYetValid;
    if (token.expires !== 0 && now > token.expires + CLOCK_SKEW_S) return JWT.expired;
    if (
      this.#audiences.size > 0 &&
      !token.audiences.some((one) => this.#audiences.has(bare(one)))
    ) {
      return JWT.audience;
    }
    checked.problem ??= signatureProblem(token, this.#keys);
    return checked.problem === '' ? token : checked.problem;
  }

  #remembered(text: string) {
    // istiod fetches keys anew from time to time; signatures are checked against what it has now.
    const { jwks = '' } = this.rule;
    if (jwks !== this.#jwks) {
      this.#jwks = jwks;
      this.#keys = readKeys(jwks);
      this.#checked.clear();
    }
    let checked = this.#checked.get(text);
    if (!checked) {
      checked = { read: readToken(text) };
      if (this.#checked.size >= VERIFIED_TOKENS_LIMIT) this.#checked.clear();
      this.#checked.set(text, checked);
    }
    return checked;
  }
}

/** Empty when one of the keys has signed the token. */
function signatureProblem(token: Token, keys: readonly SigningKey[]): string {
  if (keys.length === 0) return JWT.noKeys;
  const fitting = keys.filter(
    ({ id, algorithm }) =>
      (id === '' || token.keyId === '' || id === token.keyId) &&
      (algorithm === '' || algorithm === token.algorithm),
  );
  if (fitting.length === 0) return JWT.noFittingKey;
  return fitting.some((key) => key.hasSigned(token)) ? '' : JWT.unverified;
}

/** Audiences are compared without the scheme and a slash at the end. */
function bare(audience: string): string {
  return audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
