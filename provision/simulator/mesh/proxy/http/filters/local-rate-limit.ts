import type { HttpHeaders } from '../../../../net/http.ts';
import { local, type ProxyAnswer } from '../answers.ts';
import type { FilterContext, MakeFilter } from '../filter.ts';
import type { HttpStream } from '../stream.ts';
import { hits } from '../weights.ts';
import { type AddedHeader, type RateLimitSettings, readRateLimit } from './rate-limit/settings.ts';
import { TokenBucket } from './rate-limit/token-bucket.ts';

const NAME = 'envoy.filters.http.local_ratelimit';

/** Buckets that a proxy keeps; when there are more, all of them are full again. */
const BUCKETS_LIMIT = 500;

/** Settings in force for a request, and where they come from: buckets belong to the place. */
interface Applied {
  readonly settings: RateLimitSettings;
  readonly place: string;
}

/**
 * Envoy's local rate limit (https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/#local-rate-limit): one token of the
 * proxy's own bucket for each request; the settings of a route or virtual host take the place of the filter's.
 */
export const makeLocalRateLimitFilter: MakeFilter<'local-rate-limit'> = (config, context) => {
  const read = new WeakMap<object, RateLimitSettings>();
  const settingsOf = (written: object) => {
    let settings = read.get(written);
    if (!settings) {
      settings = readRateLimit(written);
      sayWhatIsMissing(settings, context);
      read.set(written, settings);
    }
    return settings;
  };
  const applied = (stream: HttpStream): Applied => {
    const [written, place] = mostSpecific(stream) ?? [config.settings, ''];
    return { settings: settingsOf(written), place };
  };
  return {
    onRequest: (stream) => limit(stream, applied(stream), context),
    onAnswer: (stream, answer) => {
      const { settings, place } = applied(stream);
      if (settings.tellsLimit) tellLimit(stream, answer, { settings, place }, context);
    },
  };
};

/** What the route says, else its virtual host. */
function mostSpecific({ route, virtualHost }: HttpStream): readonly [object, string] | undefined {
  const ofRoute = route?.filterConfig?.[NAME];
  if (ofRoute) return [ofRoute, `${virtualHost?.name ?? ''}/${route.name}`];
  const ofHost = virtualHost?.filterConfig?.[NAME];
  return ofHost && [ofHost, virtualHost.name];
}

function limit(
  stream: HttpStream,
  applied: Applied,
  context: FilterContext,
): ProxyAnswer | undefined {
  const { settings } = applied;
  const { clock, random } = context;
  const bucket = bucketOf(stream, applied, context);
  if (!bucket || !hits(settings.enabledPercent, random)) return undefined;
  const count = (what: string) =>
    context.count(`${settings.statPrefix}.http_local_rate_limit.${what}`);
  count('enabled');
  if (bucket.take(clock.now())) {
    count('ok');
    return undefined;
  }
  count('rate_limited');
  if (!hits(settings.enforcedPercent, random)) {
    const headers = stream.request.headers.clone();
    addAll(headers, settings.requestHeaders);
    stream.request = { ...stream.request, headers };
    return undefined;
  }
  count('enforced');
  const answer = local(settings.status, 'local_rate_limited', 'RL', 'local_rate_limited');
  addAll(answer.response.headers, settings.responseHeaders);
  return answer;
}

/** A bucket outlives changes of the configuration as long as its own settings stay the same. */
function bucketOf(
  { manager, destination }: HttpStream,
  { settings, place }: Applied,
  { kept, clock }: FilterContext,
): TokenBucket | undefined {
  const { bucket, statPrefix } = settings;
  if (!bucket) return undefined;
  const { maxTokens, tokensPerFill, fillIntervalMs } = bucket;
  const key = `${NAME} ${manager.direction} ${destination.port} ${place} ${statPrefix} ${maxTokens} ${tokensPerFill} ${fillIntervalMs}`;
  const known = kept.get(key);
  if (known instanceof TokenBucket) return known;
  if (kept.size >= BUCKETS_LIMIT) kept.clear();
  const made = new TokenBucket(bucket, clock.now());
  kept.set(key, made);
  return made;
}

/** The headers of the draft that Envoy follows (draft-polli-ratelimit-headers-03). */
function tellLimit(
  stream: HttpStream,
  { response }: ProxyAnswer,
  applied: Applied,
  context: FilterContext,
): void {
  const { bucket: settings } = applied.settings;
  const bucket = bucketOf(stream, applied, context);
  if (!settings || !bucket) return;
  const left = bucket.remaining(context.clock.now());
  const resetS = Math.ceil(settings.fillIntervalMs / 1_000);
  response.headers.set('x-ratelimit-limit', String(settings.maxTokens));
  response.headers.set('x-ratelimit-remaining', String(left));
  response.headers.set('x-ratelimit-reset', String(resetS));
}

function addAll(headers: HttpHeaders, added: readonly AddedHeader[]): void {
  for (const { name, value, isAppended } of added) {
    if (isAppended) headers.append(name, value);
    else headers.set(name, value);
  }
}

function sayWhatIsMissing(
  { notSimulated }: RateLimitSettings,
  { log, clock }: FilterContext,
): void {
  if (notSimulated.length === 0) return;
  const time = new Date(clock.now()).toISOString();
  log(
    `${time}\twarning\tenvoy filter\tRegatta does not simulate ${notSimulated.join(', ')} of ${NAME}: only its token_bucket limits`,
  );
}
