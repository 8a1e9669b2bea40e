import type { Clock } from '../../../../../clock.ts';
import { stringAt } from '../../../../../kinds/json.ts';
import { parseDurationMs } from '../../../../istio/duration.ts';
import type { JwtRule } from '../../../../istio/security.ts';
import { FETCH_TIMEOUT_MS, KEY_SETS_LIMIT, KEYS_REFRESH_MS, KEYS_RETRY_MS } from '../limits.ts';

export interface KeySetsOptions {
  readonly clock: Clock;
  /** Reads a document; rejects when there is none. */
  readonly fetchText: (url: string, signal: AbortSignal) => Promise<string>;
  readonly log: (line: string) => void;
}

interface KeySet {
  /** undefined until the first try is over. */
  jwks: string | undefined;
  /** When it is to be fetched again; undefined while somebody does. */
  dueMs: number | undefined;
}

/**
 * The keys of identity providers, fetched by istiod on behalf of all proxies: when they are first asked for, and again when somebody
 * asks after twenty minutes (https://istio.io/latest/docs/reference/config/security/jwt/#JWTRule, jwksUri). While keys cannot be had,
 * proxies get one that nothing is signed with, and refuse every token.
 */
export class KeySets implements Disposable {
  readonly #options: KeySetsOptions;
  readonly #sets = new Map<string, KeySet>();
  readonly #stop = new AbortController();

  constructor(options: KeySetsOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error('istiod has been stopped'));
  }

  /** The JSON Web Key Set of a rule; undefined while it is being fetched for the first time. */
  keysOf(rule: JwtRule): string | undefined {
    if (rule.jwks) return rule.jwks;
    const key = `${rule.issuer ?? ''} ${rule.jwksUri ?? ''}`;
    let set = this.#sets.get(key);
    if (!set) {
      if (this.#sets.size >= KEY_SETS_LIMIT) this.#sets.clear();
      set = { jwks: undefined, dueMs: 0 };
      this.#sets.set(key, set);
    }
    if (set.dueMs !== undefined && this.#options.clock.now() >= set.dueMs) {
      set.dueMs = undefined;
      void this.#refresh(set, rule);
    }
    return set.jwks;
  }

  async #refresh(set: KeySet, rule: JwtRule): Promise<void> {
    const { clock, log } = this.#options;
    try {
      set.jwks = await this.#fetch(rule);
      set.dueMs = clock.now() + KEYS_REFRESH_MS;
    } catch (error) {
      const uri = rule.jwksUri ?? rule.issuer ?? '';
      const why = error instanceof Error ? error.message : String(error);
      if (!this.#stop.signal.aborted) log(`Failed to fetch public key from "${uri}": ${why}`);
      // Keys that were good before stay in use.
      set.jwks ??= unusableKeys(uri);
      set.dueMs = clock.now() + KEYS_RETRY_MS;
    }
  }

  async #fetch(rule: JwtRule): Promise<string> {
    const { clock, fetchText } = this.#options;
    const tooLate = new AbortController();
    const timeoutMs = parseDurationMs(rule.timeout) ?? FETCH_TIMEOUT_MS;
    const timer = clock.after(timeoutMs, () =>
      tooLate.abort(new Error('context deadline exceeded')),
    );
    const signal = AbortSignal.any([this.#stop.signal, tooLate.signal]);
    try {
      const uri = rule.jwksUri || (await this.#discover(rule.issuer ?? '', signal));
      return await fetchText(uri, signal);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /** Where an issuer that follows OpenID Connect Discovery has its keys. */
  async #discover(issuer: string, signal: AbortSignal): Promise<string> {
    const text = await this.#options.fetchText(`${issuer}${DISCOVERY_PATH}`, signal);
    const uri = stringAt(JSON.parse(text), 'jwks_uri');
    if (uri === '')
      throw new Error(`invalid jwks_uri in openID discovery configuration of ${issuer}`);
    return uri;
  }
}

const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** A key that nobody has the other half of, as Istio writes it for keys that it could not fetch. */
function unusableKeys(uri: string): string {
  const n = Buffer.from(`Error-IstiodFailedToFetchJwksUri-${uri}`).toString('base64url');
  return `{"keys":[ {"e":"AQAB","kid":"abc","kty":"RSA","n":"${n}"}]}`;
}
