import { asText, isList, isObject } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import type { HttpRequest } from '../../../../net/http.ts';
import type { JwtRule } from '../../../istio/security.ts';
import { type Accepted, JwtProvider, type Outcome } from '../../security/jwt/provider.ts';
import { JWT } from '../../security/jwt/status.ts';
import { local, type ProxyAnswer } from '../answers.ts';
import type { MakeFilter } from '../filter.ts';
import type { HttpStream } from '../stream.ts';
import { statPrefixOf } from './stat-prefix.ts';

/**
 * Envoy's JWT filter as istiod sets it up for RequestAuthentications: a token that is there has to be good, one that is missing is no
 * fault (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter).
 */
export const makeJwtFilter: MakeFilter<'jwt'> = ({ rules }, { clock, count }) => {
  const all = rules.map((rule) => new JwtProvider(rule));
  return {
    onRequest: (stream) => {
      const providers = all.filter(({ hasKeys }) => hasKeys);
      if (providers.length === 0 || isPreflight(stream.request)) return undefined;
      stream.request = sanitised(stream.request, providers);
      const verdict = examine(providers, stream.request, clock.now());
      const isRefused = verdict.type === 'refused';
      count(`${statPrefixOf(stream)}jwt_authn.${isRefused ? 'denied' : 'allowed'}`);
      if (isRefused) return refusal(stream, verdict.why);
      if (verdict.type === 'accepted') accept(stream, verdict);
      return undefined;
    },
  };
};

type Verdict =
  | { readonly type: 'accepted'; readonly tokens: readonly Accepted[]; readonly rule: JwtRule }
  | { readonly type: 'none' }
  | { readonly type: 'refused'; readonly why: string };

/**
 * istiod asks for any of the providers, or for each of them that its token is good or missing. So the first good one is enough; else,
 * of several mistakes, the one that Envoy's nested requirements let through to the answer.
 */
function examine(providers: readonly JwtProvider[], request: HttpRequest, nowMs: number): Verdict {
  const reasons: string[] = [];
  for (const provider of providers) {
    const outcome: Outcome = provider.examine(request, nowMs);
    if (outcome.type === 'accepted') return { ...outcome, rule: provider.rule };
    if (outcome.type === 'refused') reasons.push(outcome.why);
  }
  const [first] = reasons;
  if (first === undefined) return { type: 'none' };
  const telling =
    first === JWT.unknownIssuer ? reasons.findLast((why) => why !== JWT.unknownIssuer) : first;
  return { type: 'refused', why: telling ?? first };
}

function accept(
  stream: HttpStream,
  { tokens, rule }: Extract<Verdict, { type: 'accepted' }>,
): void {
  for (const { token, found } of tokens) {
    if (!rule.forwardOriginalToken) stream.request = found.without(stream.request);
    const added = headersOf(rule, token.payload, token.encodedPayload);
    if (added.length > 0) {
      const headers = stream.request.headers.clone();
      for (const [name, value] of added) headers.set(name, value);
      stream.request = { ...stream.request, headers };
    }
    const { issuer, subject, payload } = token;
    stream.token = { payload: withLists(payload), issuer, subject };
  }
}

/** What the application is told of a token: its payload as it is encoded, and single claims. */
function headersOf(
  { outputPayloadToHeader = '', outputClaimToHeaders = [] }: JwtRule,
  payload: JsonObject,
  encodedPayload: string,
): readonly (readonly [string, string])[] {
  return [
    ...(outputPayloadToHeader === '' ? [] : [[outputPayloadToHeader, encodedPayload] as const]),
    ...outputClaimToHeaders.flatMap(({ header = '', claim = '' }) => {
      const value = claimAt(payload, claim);
      return value === undefined || value === null ? [] : [[header, headerText(value)] as const];
    }),
  ];
}

/** A claim by its name, or by a path with dots. */
function claimAt(payload: JsonObject, claim: string): Json | undefined {
  if (Object.hasOwn(payload, claim)) return payload[claim];
  return claim
    .split('.')
    .reduce<Json | undefined>(
      (one, name) => (isObject(one) && Object.hasOwn(one, name) ? one[name] : undefined),
      payload,
    );
}

/** Lists and objects go in Base64. */
function headerText(value: Json): string {
  if (!isObject(value) && !isList(value)) return asText(value);
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Claims of OAuth that are lists with spaces between their words (RFC 8693, section 4.2). */
function withLists(payload: JsonObject): JsonObject {
  const lists = ['scope', 'permission'].flatMap((name) => {
    const value = payload[name];
    return typeof value === 'string' ? [[name, value.split(' ')] as const] : [];
  });
  return lists.length === 0 ? payload : { ...payload, ...Object.fromEntries(lists) };
}

/** The request without headers in which only this proxy may say something. */
function sanitised(request: HttpRequest, providers: readonly JwtProvider[]): HttpRequest {
  const claimed = providers
    .flatMap(({ rule }) => [
      rule.outputPayloadToHeader ?? '',
      ...(rule.outputClaimToHeaders ?? []).map(({ header = '' }) => header),
    ])
    .filter((name) => name !== '' && request.headers.has(name));
  if (claimed.length === 0) return request;
  const headers = request.headers.clone();
  for (const name of claimed) headers.delete(name);
  return { ...request, headers };
}

function isPreflight({ method, headers }: HttpRequest): boolean {
  return (
    method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
  );
}

function refusal({ request, originalPath }: HttpStream, why: string): ProxyAnswer {
  const status = why === JWT.audience ? 403 : 401;
  const details = `jwt_authn_access_denied{${why.replaceAll(' ', '_')}}`;
  const answer = local(status, why, '-', details);
  const scheme = request.headers.get('x-forwarded-proto') ?? 'http';
  const realm = `${scheme}://${request.authority}${originalPath}`.slice(0, REALM_LIMIT_CHARACTERS);
  answer.response.headers.set('www-authenticate', `Bearer realm="${realm}", error="invalid_token"`);
  return answer;
}

/** Envoy cuts the URL that it tells. */
const REALM_LIMIT_CHARACTERS = 256;
