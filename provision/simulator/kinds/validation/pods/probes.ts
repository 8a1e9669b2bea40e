/** Probes and lifecycle hooks of containers. */
import { asText, isObject, listAt, numberAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import { forbidden, invalid, invalids, notSupported, required } from '../fields/field-errors.ts';
import { countErrors } from '../fields/numbers.ts';
import { portReferenceErrors } from '../fields/ports.ts';

/** What a pod says about its containers' end, for hooks that sleep. */
interface Grace {
  readonly seconds: number;
}

/** Hooks and probes of a container that may have them. */
export function lifecycleErrors(
  container: Json,
  field: string,
  grace: Grace,
): readonly FieldError[] {
  const lifecycle = objectAt(container, 'lifecycle');
  return [
    ...(['postStart', 'preStop'] as const).flatMap((hook) =>
      isObject(lifecycle[hook])
        ? handlerErrors(objectAt(lifecycle, hook), `${field}.lifecycle.${hook}`, HOOKS, grace)
        : [],
    ),
    ...PROBES.flatMap((key) =>
      isObject(objectAt(container)[key])
        ? probeErrors(objectAt(container, key), `${field}.${key}`, key)
        : [],
    ),
  ];
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function probeErrors(
  probe: JsonObject,
  field: string,
  key: (typeof PROBES)[number],
): readonly FieldError[] {
  const success = numberAt(probe, 'successThreshold') ?? 1;
  const graceSeconds = numberAt(probe, 'terminationGracePeriodSeconds');
  const graceText =
    graceSeconds === undefined
      ? ''
      : key === 'readinessProbe'
        ? 'must not be set for readinessProbes'
        : graceSeconds <= 0
          ? 'must be greater than 0'
          : '';
  return [
    ...handlerErrors(probe, field, HANDLERS),
    ...countErrors(probe, NUMBERS, field),
    ...(graceText === ''
      ? []
      : [invalid(`${field}.terminationGracePeriodSeconds`, graceSeconds, graceText)]),
    ...(key !== 'readinessProbe' && success !== 1
      ? [invalid(`${field}.successThreshold`, success, 'must be 1')]
      : []),
  ];
}

const NUMBERS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

type Handler = (handler: JsonObject, field: string, grace: Grace) => readonly FieldError[];
type Handlers = Readonly<Record<string, Handler>>;

const HANDLERS: Handlers = {
  exec: (handler, field) =>
    listAt(handler, 'command').length === 0 ? [required(`${field}.command`)] : [],
  httpGet: httpErrors,
  tcpSocket: (handler, field) => portReferenceErrors(handler['port'], `${field}.port`),
  grpc: (handler, field) => portReferenceErrors(handler['port'], `${field}.port`),
};

const HOOKS: Handlers = { ...HANDLERS, sleep: sleepErrors };

function handlerErrors(
  holder: JsonObject,
  field: string,
  handlers: Handlers,
  grace: Grace = { seconds: 0 },
): readonly FieldError[] {
  const used = Object.entries(handlers).filter(([key]) => isObject(holder[key]));
  if (used.length === 0) return [required(field, 'must specify a handler type')];
  return used.flatMap(([key, check], i) =>
    i === 0
      ? check(objectAt(holder, key), `${field}.${key}`, grace)
      : [forbidden(`${field}.${key}`, 'may not specify more than 1 handler type')],
  );
}

const SCHEMES = ['HTTP', 'HTTPS'];

function httpErrors(get: JsonObject, field: string): readonly FieldError[] {
  const scheme = stringAt(get, 'scheme');
  return [
    ...(stringAt(get, 'path') === '' ? [required(`${field}.path`)] : []),
    ...portReferenceErrors(get['port'], `${field}.port`),
    ...(SCHEMES.includes(scheme) ? [] : [notSupported(`${field}.scheme`, scheme, SCHEMES)]),
    ...listAt(get, 'httpHeaders').flatMap((header) => {
      const name = asText(objectAt(header)['name']);
      return invalids(`${field}.httpHeaders`, name, headerProblems(name));
    }),
  ];
}

function headerProblems(name: string): readonly string[] {
  return /^[-A-Za-z0-9]+$/.test(name)
    ? []
    : [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ];
}

function sleepErrors(sleep: JsonObject, field: string, { seconds }: Grace): readonly FieldError[] {
  const asked = numberAt(sleep, 'seconds') ?? 0;
  return asked >= 0 && asked <= seconds
    ? []
    : [
        invalid(
          field,
          asked,
          `must be non-negative and less than terminationGracePeriodSeconds (${seconds})`,
        ),
      ];
}
