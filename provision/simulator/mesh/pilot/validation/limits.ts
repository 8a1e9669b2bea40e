/** What one object may cost to validate; beyond it less is said, or the object is refused in words. */

/** Errors and warnings each; what a hostile object repeats beyond it is not said. */
export const FINDINGS_LIMIT = 1_000;
/** Pairs of matches that are compared: all of some 450; what a larger object repeats is not looked for. */
export const OVERLAP_LIMIT_COMPARISONS = 100_000;
/** Pairs of hosts that are compared: all of some 600; beyond it only equal hosts are found. */
export const HOSTS_LIMIT_COMPARISONS = 200_000;
/** Comparisons of SNI hosts with hosts in one VirtualService; beyond it an SNI host is taken as it is. */
export const SNI_LIMIT_COMPARISONS = 200_000;
/** The longest regular expression that istiod takes. */
export const REGEX_LIMIT_CHARACTERS = 1_024;
/** Instructions that the expressions of one object may compile to, about 0.1 s. */
export const REGEX_LIMIT_STEPS = 100_000;
/** The longest body of a direct response, and the one that istiod warns of. */
export const DIRECT_RESPONSE_LIMIT_BYTES = 1_048_576;
export const DIRECT_RESPONSE_LARGE_BYTES = 102_400;
/** How deep a set of keys may be nested; Go's limit is ten times as much. */
export const JWKS_LIMIT_DEPTH = 1_000;
