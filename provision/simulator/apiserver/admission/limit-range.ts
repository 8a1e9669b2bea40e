/** Limits on single objects of a namespace (Kubernetes documentation, "Limit Ranges"; upstream's plugin LimitRanger). */
import type { Json, JsonObject } from '../../kinds/object.ts';
import { amountsOf, podAmounts, type Amounts } from '../../kinds/quota/pod-resources.ts';
import {
  canonicalQuantity,
  compareQuantities,
  quantityValue,
} from '../../kinds/values/quantity.ts';
import { forbidden } from '../errors.ts';
import { isObject, listAt, objectAt, stringAt, stringMapAt, withValue } from '../objects/json.ts';
import type { Store } from '../store/store.ts';
import { isFor, isNew, type AdmissionPlugin, type AdmissionRequest } from './admission.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** Gives containers the namespace's defaults, and refuses pods and claims outside of its bounds. */
export function limitRanges(store: Store): AdmissionPlugin {
  const limitsOf = ({ namespace }: AdmissionRequest) =>
    store.list('/limitranges', namespace).items.flatMap((range) => listAt(range, 'spec', 'limits'));
  return {
    mutate(request, object) {
      if (!isNew(request, '/pods')) return object;
      return limitsOf(request)
        .filter((limit) => stringAt(limit, 'type') === 'Container')
        .reduce(withDefaults, object);
    },
    validate(request) {
      const { kind, name, object, operation } = request;
      const isClaim = isFor(request, '/persistentvolumeclaims') && operation !== 'DELETE';
      if (!isClaim && !isNew(request, '/pods')) return;
      const problems = limitsOf(request).flatMap((limit) =>
        isClaim ? claimProblems(limit, object) : podProblems(limit, object),
      );
      if (problems.length === 0) return;
      const unique = [...new Set(problems)];
      throw forbidden(
        kind,
        name,
        unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]`,
      );
    },
  };
}

function withDefaults(pod: JsonObject, limit: Json): JsonObject {
  const requests = stringMapAt(limit, 'defaultRequest');
  const limits = stringMapAt(limit, 'default');
  const notes: string[] = [];
  const fill = (list: 'containers' | 'initContainers') =>
    listAt(pod, 'spec', list).map((container) => {
      if (!isObject(container)) return container;
      const own = {
        requests: amountsOf(container, 'requests'),
        limits: amountsOf(container, 'limits'),
      };
      const missing = {
        requests: lacking(own.requests, requests),
        limits: lacking(own.limits, limits),
      };
      const what = list === 'containers' ? 'container' : 'init container';
      const name = stringAt(container, 'name') ?? '';
      for (const [part, names] of Object.entries(missing)) {
        const word = part === 'requests' ? 'request' : 'limit';
        if (names.length > 0) notes.push(`${names.join(', ')} ${word} for ${what} ${name}`);
      }
      if (missing.requests.length + missing.limits.length === 0) return container;
      const resources = {
        ...objectAt(container, 'resources'),
        ...(missing.limits.length > 0 && { limits: { ...limits, ...own.limits } }),
        ...(missing.requests.length > 0 && { requests: { ...requests, ...own.requests } }),
      };
      return { ...container, resources };
    });
  const containers = fill('containers');
  const initContainers = fill('initContainers');
  if (notes.length === 0) return pod;
  const filled = {
    ...pod,
    spec: {
      ...objectAt(pod, 'spec'),
      containers,
      ...(initContainers.length > 0 && { initContainers }),
    },
  };
  const note = `LimitRanger plugin set: ${notes.join('; ')}`;
  return withValue(filled, ['metadata', 'annotations', ANNOTATION], note);
}

function lacking(own: Amounts, defaults: Amounts): readonly string[] {
  return Object.keys(defaults)
    .filter((name) => own[name] === undefined)
    .toSorted();
}

function podProblems(limit: Json, pod: JsonObject | undefined): readonly string[] {
  switch (stringAt(limit, 'type') ?? '') {
    case 'Container':
      return [
        ...listAt(pod, 'spec', 'containers'),
        ...listAt(pod, 'spec', 'initContainers'),
      ].flatMap((container) =>
        problemsOf(limit, amountsOf(container, 'requests'), amountsOf(container, 'limits')),
      );
    case 'Pod':
      return problemsOf(limit, podAmounts(pod, 'requests'), podAmounts(pod, 'limits'));
    default:
      return [];
  }
}

function claimProblems(limit: Json, claim: JsonObject | undefined): readonly string[] {
  if (stringAt(limit, 'type') !== 'PersistentVolumeClaim') return [];
  const requests = stringMapAt(claim, 'spec', 'resources', 'requests');
  const bound = (list: 'min' | 'max') => boundsOf(limit, list);
  return [
    ...bound('min').flatMap(([name, minimum]) =>
      belowMinimum({ limit, name, bound: minimum }, requests, {}),
    ),
    ...bound('max').flatMap(([name, maximum]) => {
      const request = requests[name];
      return request !== undefined && compareQuantities(request, maximum) > 0
        ? [
            `${boundText('maximum', { limit, name, bound: maximum })}, but request is ${plain(request)}`,
          ]
        : [];
    }),
  ];
}

function problemsOf(limit: Json, requests: Amounts, limits: Amounts): readonly string[] {
  const bounds = (list: string) => boundsOf(limit, list);
  return [
    ...bounds('min').flatMap(([name, bound]) =>
      belowMinimum({ limit, name, bound }, requests, limits),
    ),
    ...bounds('max').flatMap(([name, bound]) =>
      aboveMaximum({ limit, name, bound }, requests, limits),
    ),
    ...bounds('maxLimitRequestRatio').flatMap(([name, bound]) =>
      outOfRatio({ limit, name, bound }, requests[name], limits[name]),
    ),
  ];
}

/** By name, so that messages come in the same order each time. */
function boundsOf(limit: Json, list: string): readonly (readonly [string, string])[] {
  return Object.entries(stringMapAt(limit, list)).toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );
}

/** One bound of a LimitRange. */
interface Bound {
  readonly limit: Json;
  readonly name: string;
  readonly bound: string;
}

function belowMinimum(one: Bound, requests: Amounts, limits: Amounts): readonly string[] {
  const [request, limit] = [requests[one.name], limits[one.name]];
  const text = boundText('minimum', one);
  if (request === undefined) return [`${text}.  No request is specified`];
  if (compareQuantities(request, one.bound) < 0) {
    return [`${text}, but request is ${plain(request)}`];
  }
  return limit !== undefined && compareQuantities(limit, one.bound) < 0
    ? [`${text}, but limit is ${plain(limit)}`]
    : [];
}

function aboveMaximum(one: Bound, requests: Amounts, limits: Amounts): readonly string[] {
  const [request, limit] = [requests[one.name], limits[one.name]];
  const text = boundText('maximum', one);
  if (limit === undefined) return [`${text}.  No limit is specified`];
  if (compareQuantities(limit, one.bound) > 0) return [`${text}, but limit is ${plain(limit)}`];
  return request !== undefined && compareQuantities(request, one.bound) > 0
    ? [`${text}, but request is ${plain(request)}`]
    : [];
}

function outOfRatio(
  { limit, name, bound }: Bound,
  request: string | undefined,
  most: string | undefined,
): readonly string[] {
  const text = `${name} max limit to request ratio per ${stringAt(limit, 'type') ?? ''} is ${plain(bound)}`;
  const [asked, allowed] = [request, most].map((one) =>
    one === undefined ? 0 : quantityValue(one),
  );
  if (!asked) return [`${text}, but no request is specified or request is 0`];
  if (!allowed) return [`${text}, but no limit is specified or limit is 0`];
  const ratio = allowed / asked;
  return ratio > quantityValue(bound) ? [`${text}, but provided ratio is ${ratio.toFixed(6)}`] : [];
}

function boundText(word: 'minimum' | 'maximum', { limit, name, bound }: Bound): string {
  return `${word} ${name} usage per ${stringAt(limit, 'type') ?? ''} is ${plain(bound)}`;
}

function plain(quantity: string): string {
  return canonicalQuantity(quantity) ?? quantity;
}
