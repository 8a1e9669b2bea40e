/** Limits of what proxies do for security: unit in the name, reason beside it. */

/** Keys of one set that are looked at; an identity provider has two or three, old and new. */
export const KEYS_LIMIT = 64;

/** Longer RSA keys take long to use, for every token anew; nobody signs tokens with them. */
export const RSA_KEY_LIMIT_BITS = 8_192;

/** Tokens whose signature has been looked at that one provider of one filter remembers; all are forgotten when there are more. */
export const VERIFIED_TOKENS_LIMIT = 200;

/** Tokens of one request that one provider looks at, from all the places it names. */
export const TOKENS_LIMIT = 16;
