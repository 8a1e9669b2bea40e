import { listAt, objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { patternProblem } from '../../../pattern.ts';
import { asObjects, firstDouble, problems } from './parts.ts';

const HOST = /^(\*|(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$/i;
/** A header, or a claim of a token, by which gateways route too. */
const REGEX_LIMIT_CHARACTERS = 1_024;
/** Instructions that the expressions of one object may compile to, about 0.1 s. */
const REGEX_LIMIT_STEPS = 100_000;
const HEADER_NAME = /^(:?[-\w!#$%&'*+.^`|~]+|@request\.auth\.claims[.[].*)$/;
/** Conditions of Envoy's retry policies (x-envoy-retry-on and x-envoy-retry-grpc-on). */
const RETRY_CONDITIONS = new Set([
  '5xx',
  'cancelled',
  'connect-failure',
  'deadline-exceeded',
  'envoy-ratelimited',
  'gateway-error',
  'http3-post-connect-failure',
  'internal',
  'refused-stream',
  'reset',
  'reset-before-request',
  'resource-exhausted',
  'retriable-4xx',
  'retriable-headers',
  'retriable-status-codes',
  'unavailable',
]);

export function validateVirtualService(spec: JsonObject): readonly string[] {
  const regexes = asObjects(spec['http'])
    .flatMap(({ match }) => asObjects(match))
    .map(({ uri }) => stringAt(uri, 'regex'));
  if (regexes.reduce((sum, regex) => sum + stepsOf(regex), 0) > REGEX_LIMIT_STEPS) {
    return ['Regatta: the regular expressions of one VirtualService together are too large'];
  }
  const hosts = listAt(spec, 'hosts').map((value) => stringAt(value));
  const gateways = listAt(spec, 'gateways');
  const isOnMesh = gateways.length === 0 || gateways.includes('mesh');
  const hasRoutes = ['http', 'tcp', 'tls'].some((name) => listAt(spec[name]).length > 0);
  const double = firstDouble(hosts);
  return [
    ...problems(
      [hosts.length === 0, 'virtual service must have at least one host'],
      [
        isOnMesh && hosts.includes('*'),
        'wildcard host * is not allowed for virtual services bound to the mesh gateway',
      ],
      [double !== undefined, `duplicate hosts in virtual service: ${double} & ${double}`],
      [!hasRoutes, 'http, tcp or tls must be provided in virtual service'],
    ),
    ...asObjects(spec['http']).flatMap(validateHttpRoute),
  ];
}

function validateHttpRoute(route: JsonObject): readonly string[] {
  const { redirect, rewrite, directResponse, delegate, mirror, mirrors } = route;
  const routes = asObjects(route['route']);
  const isAnswered = redirect !== undefined || directResponse !== undefined;
  const fault = route['fault'];
  return [
    ...problems(
      [
        routes.length === 0 && !isAnswered && delegate === undefined,
        'HTTP route, redirect or direct_response is required',
      ],
      [
        routes.length > 0 && redirect !== undefined,
        'HTTP route cannot contain both route and redirect',
      ],
      [
        routes.length > 0 && directResponse !== undefined,
        'HTTP route cannot contain both route and direct_response',
      ],
      [
        rewrite !== undefined && redirect !== undefined,
        'HTTP route rule cannot contain both rewrite and redirect',
      ],
      [
        mirror !== undefined && listAt(mirrors).length > 0,
        'HTTP route cannot contain both mirror and mirrors',
      ],
    ),
    ...validateDestinations(routes),
    ...(fault === undefined ? [] : validateFault(objectAt(fault))),
    ...validateRetries(objectAt(route, 'retries')),
    ...validateMirror(objectAt(route, 'mirrorPercentage')['value']),
    ...asObjects(route['match']).flatMap(validateMatch),
    ...asHeaderNames(route['headers']),
  ];
}

function validateDestinations(routes: readonly JsonObject[]): readonly string[] {
  const weights = routes.map(({ weight }) => (typeof weight === 'number' ? weight : 0));
  const negative = weights.find((weight) => weight < 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return [
    ...problems(
      [negative !== undefined, `weight ${negative} < 0`],
      [routes.length > 1 && total === 0, 'total destination weight = 0'],
    ),
    ...routes.flatMap(({ destination, headers }) => {
      if (destination === undefined) return ['destination is required'];
      const { host, subset } = objectAt(destination);
      return [
        ...problems(
          [!HOST.test(stringAt(host)), `invalid destination host ${stringAt(host)}`],
          [subset === '', 'subset name cannot be empty'],
        ),
        ...asHeaderNames(headers),
      ];
    }),
  ];
}

function validateFault({ abort, delay }: JsonObject): readonly string[] {
  if (abort === undefined && delay === undefined) {
    return ['HTTP fault injection must have an abort and/or a delay'];
  }
  const status = objectAt(abort)['httpStatus'];
  const isOut = typeof status === 'number' && (status < 200 || status > 599);
  return [
    ...problems([isOut, `HTTP status ${JSON.stringify(status)} is not in range 200-599`]),
    ...[abort, delay].flatMap((part) => {
      const percentage = objectAt(part, 'percentage')['value'];
      const isWrong = typeof percentage === 'number' && (percentage < 0 || percentage > 100);
      return problems([isWrong, `percentage ${JSON.stringify(percentage)} is not in range 0..100`]);
    }),
  ];
}

function validateRetries(retries: JsonObject): readonly string[] {
  const { attempts, perTryTimeout, retryOn } = retries;
  const isOff = attempts === 0 && (perTryTimeout !== undefined || retryOn !== undefined);
  const conditions = stringAt(retryOn)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return problems(
    [typeof attempts === 'number' && attempts < 0, 'attempts cannot be negative'],
    [isOff, 'http retry policy configured when attempts are set to 0 (disabled)'],
    ...conditions
      .filter((word) => !RETRY_CONDITIONS.has(word) && !/^[1-5]\d\d$/.test(word))
      .map((word) => [true, `"${word}" is not a valid retryOn policy`] as const),
  );
}

function validateMirror(percentage: JsonObject[string]): readonly string[] {
  const isOut = typeof percentage === 'number' && percentage > 100;
  return problems([isOut, 'mirror percentage must have a max value of 100']);
}

function validateMatch(match: JsonObject): readonly string[] {
  const { regex } = objectAt(match, 'uri');
  return [
    ...(regex === undefined ? [] : regexProblems('uri', stringAt(regex))),
    ...Object.keys(objectAt(match, 'headers')).flatMap(headerName),
  ];
}

/** How large an expression becomes at most: a repetition of a repetition is no more than a thousand, says RE2. */
function stepsOf(regex: string): number {
  const repeats = regex.matchAll(/\{(?:\d+,)?(\d+)/g);
  return (
    regex.length *
    repeats.reduce((most, [, count]) => Math.min(most * Math.max(Number(count), 1), 1_000), 1)
  );
}

function regexProblems(where: string, regex: string): readonly string[] {
  if (regex === '') return [`"${where}": regex string match should not be empty`];
  if (regex.length > REGEX_LIMIT_CHARACTERS) {
    return [`"${where}": regex is too large, max length allowed is ${REGEX_LIMIT_CHARACTERS}`];
  }
  const problem = patternProblem(regex);
  if (problem === undefined) return [];
  return [
    `"${where}": ${problem}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`,
  ];
}

function asHeaderNames(headers: JsonObject[string]): readonly string[] {
  const { request, response } = objectAt(headers);
  return [request, response].flatMap((operations) => {
    const { set, add, remove } = objectAt(operations);
    const names = [
      ...Object.keys(objectAt(set)),
      ...Object.keys(objectAt(add)),
      ...listAt(remove).map((value) => stringAt(value)),
    ];
    return names.flatMap(headerName);
  });
}

function headerName(name: string): readonly string[] {
  return problems([!HEADER_NAME.test(name), `header name ${name} is not a valid header name`]);
}
