/** Containers of a pod. */
import { asText, isObject, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { compareQuantities, isQuantity, quantityValue } from '../quantity.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalids,
  notFound,
  oneOf,
  required,
} from './field-errors.ts';
import {
  environmentNameProblems,
  labelNameProblems,
  portNameProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from './names.ts';
import { countErrors, NOT_NEGATIVE } from './numbers.ts';
import { portReferenceErrors, PROTOCOLS } from './ports.ts';

/** Init containers and containers of the spec; `volumes` are the names they may mount. */
export function validateContainers(
  spec: JsonObject,
  field: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const containers = listAt(spec, 'containers');
  const inits = listAt(spec, 'initContainers');
  const names = new Set<string>();
  const check = (list: readonly Json[], path: string) =>
    list.flatMap((container, i) => {
      const at = `${path}[${i}]`;
      const found = [
        ...containerNameErrors(stringAt(container, 'name'), `${at}.name`, names),
        ...containerErrors(container, at, volumes),
      ];
      names.add(stringAt(container, 'name'));
      return found;
    });
  const mainErrors = check(containers, `${field}.containers`);
  return [
    ...(containers.length === 0 ? [required(`${field}.containers`)] : mainErrors),
    ...check(inits, `${field}.initContainers`),
    ...inits.flatMap((container, i) => initErrors(container, `${field}.initContainers[${i}]`)),
  ];
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function containerNameErrors(
  name: string,
  field: string,
  names: ReadonlySet<string>,
): readonly FieldError[] {
  if (name === '') return [required(field)];
  const problems = invalids(field, name, labelNameProblems(name));
  return names.has(name) ? [...problems, duplicate(field, name)] : problems;
}

function containerErrors(
  container: Json,
  field: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const image = stringAt(container, 'image');
  return [
    ...(image === '' ? [required(`${field}.image`)] : []),
    ...(image !== image.trim()
      ? [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')]
      : []),
    ...oneOf(
      `${field}.terminationMessagePolicy`,
      stringAt(container, 'terminationMessagePolicy'),
      MESSAGE_POLICIES,
    ),
    ...portErrors(container, `${field}.ports`),
    ...environmentErrors(container, `${field}.env`),
    ...mountErrors(container, `${field}.volumeMounts`, volumes),
    ...oneOf(`${field}.imagePullPolicy`, stringAt(container, 'imagePullPolicy'), PULL_POLICIES),
    ...resourceErrors(objectAt(container, 'resources'), `${field}.resources`),
    ...PROBES.flatMap((key) => {
      const probe = objectAt(container, key);
      return isObject(objectAt(container)[key]) ? probeErrors(probe, `${field}.${key}`, key) : [];
    }),
  ];
}

function initErrors(container: Json, field: string): readonly FieldError[] {
  const isSidecar = stringAt(container, 'restartPolicy') === 'Always';
  if (isSidecar) return [];
  return [...PROBES, 'lifecycle']
    .filter((key) => isObject(objectAt(container)[key]))
    .map((key) =>
      forbidden(
        `${field}.${key}`,
        'may not be set for init containers without restartPolicy=Always',
      ),
    );
}

function portErrors(container: Json, field: string): readonly FieldError[] {
  const names = new Set<string>();
  return listAt(container, 'ports').flatMap((port, i) => {
    const errors: FieldError[] = [];
    const name = stringAt(port, 'name');
    if (name !== '') {
      const problems = portNameProblems(name);
      errors.push(...invalids(`${field}[${i}].name`, name, problems));
      if (problems.length === 0 && names.has(name))
        errors.push(duplicate(`${field}[${i}].name`, name));
      names.add(name);
    }
    const number = numberAt(port, 'containerPort') ?? 0;
    if (number === 0) errors.push(required(`${field}[${i}].containerPort`));
    else
      errors.push(...invalids(`${field}[${i}].containerPort`, number, portNumberProblems(number)));
    const hostPort = numberAt(port, 'hostPort') ?? 0;
    if (hostPort !== 0) {
      errors.push(...invalids(`${field}[${i}].hostPort`, hostPort, portNumberProblems(hostPort)));
    }
    return [...errors, ...oneOf(`${field}[${i}].protocol`, stringAt(port, 'protocol'), PROTOCOLS)];
  });
}

function environmentErrors(container: Json, field: string): readonly FieldError[] {
  return listAt(container, 'env').flatMap((variable, i) => {
    const name = stringAt(variable, 'name');
    const sources = Object.keys(objectAt(variable, 'valueFrom'));
    return [
      ...(name === ''
        ? [required(`${field}[${i}].name`)]
        : invalids(`${field}[${i}].name`, name, environmentNameProblems(name))),
      ...(sources.length > 0 && stringAt(variable, 'value') !== ''
        ? [
            invalid(
              `${field}[${i}].valueFrom`,
              '',
              'may not be specified when `value` is not empty',
            ),
          ]
        : []),
      ...(sources.length > 1
        ? [
            invalid(
              `${field}[${i}].valueFrom`,
              '',
              'may not have more than one field specified at a time',
            ),
          ]
        : []),
    ];
  });
}

function mountErrors(
  container: Json,
  field: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const paths = new Set<string>();
  return listAt(container, 'volumeMounts').flatMap((mount, i) => {
    const name = stringAt(mount, 'name');
    const path = stringAt(mount, 'mountPath');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}[${i}].name`));
    else if (!volumes.has(name)) errors.push(notFound(`${field}[${i}].name`, name));
    if (path === '') errors.push(required(`${field}[${i}].mountPath`));
    if (paths.has(path)) errors.push(invalid(`${field}[${i}].mountPath`, path, 'must be unique'));
    paths.add(path);
    return errors;
  });
}

/** Requests and limits: what they are called, how much, and that no request is above its limit. */
function resourceErrors(resources: JsonObject, field: string): readonly FieldError[] {
  const limits = objectAt(resources, 'limits');
  const requests = objectAt(resources, 'requests');
  const above = Object.entries(requests).flatMap(([name, request]) => {
    const limit = limits[name];
    return isAmount(request) && isAmount(limit) && compareQuantities(request, limit) > 0
      ? [
          invalid(
            `${field}.requests`,
            asText(request),
            `must be less than or equal to ${name} limit of ${asText(limit)}`,
          ),
        ]
      : [];
  });
  return [
    ...amountErrors(limits, `${field}.limits`),
    ...amountErrors(requests, `${field}.requests`),
    ...above,
  ];
}

const STANDARD_RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];

function amountErrors(amounts: JsonObject, field: string): readonly FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const isKnown = STANDARD_RESOURCES.includes(name) || name.startsWith('hugepages-');
    const problems = qualifiedNameProblems(name);
    return [
      ...invalids(field, name, problems),
      ...(problems.length === 0 && !isKnown && !name.includes('/')
        ? [
            invalid(field, name, 'must be a standard resource type or fully qualified'),
            invalid(field, name, 'must be a standard resource for containers'),
          ]
        : []),
      ...(isAmount(amount) && quantityValue(amount) < 0
        ? [invalid(`${field}[${name}]`, asText(amount), NOT_NEGATIVE)]
        : []),
    ];
  });
}

function isAmount(value: Json | undefined): value is string | number {
  return (typeof value === 'string' || typeof value === 'number') && isQuantity(asText(value));
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const;

function probeErrors(
  probe: JsonObject,
  field: string,
  key: (typeof PROBES)[number],
): readonly FieldError[] {
  const handlers = HANDLERS.filter((handler) => isObject(probe[handler]));
  const success = numberAt(probe, 'successThreshold') ?? 1;
  return [
    ...(handlers.length === 0 ? [required(field, 'must specify a handler type')] : []),
    ...handlers
      .slice(1)
      .map((handler) =>
        forbidden(`${field}.${handler}`, 'may not specify more than 1 handler type'),
      ),
    ...handlers.flatMap((handler) =>
      portReferenceErrors(objectAt(probe, handler)['port'], `${field}.${handler}.port`),
    ),
    ...countErrors(probe, NUMBERS, field),
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
