/** What upstream demands of ingresses (Kubernetes, pkg/apis/networking/validation). */
import { isIP } from 'node:net';

import { asText, isObject, isUnset, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { invalid, invalids, notSupported, required } from './fields/field-errors.ts';
import {
  dns1035Problems,
  portNameProblems,
  portNumberProblems,
  subdomainProblems,
  wildcardProblems,
} from './fields/names.ts';

export function validateIngress(ingress: JsonObject): readonly FieldError[] {
  const spec = objectAt(ingress, 'spec');
  const rules = listAt(spec, 'rules');
  const backend = spec['defaultBackend'];
  const className = stringAt(spec, 'ingressClassName');
  // Upstream shows the spec in Go's names; without rules and backend there is little in it.
  const shown = {
    IngressClassName: spec['ingressClassName'] ?? null,
    DefaultBackend: null,
    TLS: spec['tls'] ?? null,
    Rules: null,
  };
  return [
    ...(rules.length === 0 && isUnset(backend)
      ? [invalid('spec', shown, 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(isUnset(backend) ? [] : backendErrors(backend, 'spec.defaultBackend')),
    ...rules.flatMap((rule, i) => ruleErrors(rule, `spec.rules[${i}]`)),
    ...listAt(spec, 'tls').flatMap((entry, i) =>
      listAt(entry, 'hosts').flatMap((host, j) =>
        nameErrors(asText(host), `spec.tls[${i}].hosts[${j}]`),
      ),
    ),
    ...(className === ''
      ? []
      : invalids('spec.ingressClassName', className, subdomainProblems(className))),
  ];
}

/** The spec of an IngressClass names its controller, which never changes. */
export function validateIngressClass(
  ingressClass: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const controller = stringAt(ingressClass, 'spec', 'controller');
  const before = stringAt(old, 'spec', 'controller');
  return [
    ...(controller === '' ? [required('spec.controller')] : []),
    ...(old && before !== controller
      ? [invalid('spec.controller', controller, 'field is immutable')]
      : []),
  ];
}

function ruleErrors(rule: Json, field: string): readonly FieldError[] {
  const host = stringAt(rule, 'host');
  const { http } = objectAt(rule);
  const paths = listAt(http, 'paths');
  return [
    ...(host !== '' && isIP(host) !== 0
      ? [invalid(`${field}.host`, host, 'must be a DNS name, not an IP address')]
      : []),
    ...(host === '' ? [] : nameErrors(host, `${field}.host`)),
    ...(isObject(http) && paths.length === 0 ? [required(`${field}.http.paths`)] : []),
    ...paths.flatMap((path, i) => pathErrors(path, `${field}.http.paths[${i}]`)),
  ];
}

function nameErrors(host: string, field: string): readonly FieldError[] {
  return invalids(
    field,
    host,
    host.includes('*') ? wildcardProblems(host) : subdomainProblems(host),
  );
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_ENDS = ['/..', '/.'];

function pathErrors(path: Json, field: string): readonly FieldError[] {
  const type = stringAt(path, 'pathType');
  if (type === '') return [required(`${field}.pathType`, 'pathType must be specified')];
  return [
    ...(PATH_TYPES.includes(type)
      ? pathTextErrors(stringAt(path, 'path'), type, `${field}.path`)
      : [notSupported(`${field}.pathType`, type, PATH_TYPES)]),
    ...backendErrors(objectAt(path)['backend'], `${field}.backend`),
  ];
}

function pathTextErrors(text: string, type: string, field: string): readonly FieldError[] {
  const isStrict = type !== 'ImplementationSpecific';
  const isAbsolute = text.startsWith('/') || (!isStrict && text === '');
  return [
    ...(isAbsolute ? [] : [invalid(field, text, 'must be an absolute path')]),
    ...(isStrict
      ? [
          ...BAD_SEQUENCES.filter((bad) => text.includes(bad)).map(
            (bad) => `must not contain '${bad}'`,
          ),
          ...BAD_ENDS.filter((bad) => text.endsWith(bad)).map((bad) => `cannot end with '${bad}'`),
        ].map((why) => invalid(field, text, why))
      : []),
  ];
}

function backendErrors(backend: Json | undefined, field: string): readonly FieldError[] {
  const { service, resource } = objectAt(backend);
  if (!isUnset(resource)) {
    return isUnset(service)
      ? []
      : [invalid(field, '', 'cannot set both resource and service backends')];
  }
  if (!isObject(service)) return [invalid(field, '', 'resource or service backend is required')];
  const name = stringAt(service, 'name');
  return [
    ...(name === ''
      ? [required(`${field}.service.name`)]
      : invalids(`${field}.service.name`, name, dns1035Problems(name))),
    ...servicePortErrors(objectAt(service, 'port'), field),
  ];
}

function servicePortErrors(port: JsonObject, field: string): readonly FieldError[] {
  const name = stringAt(port, 'name');
  const number = numberAt(port, 'number') ?? 0;
  if (name !== '' && number !== 0) {
    return [invalid(field, '', 'cannot set both port name & port number')];
  }
  if (name !== '') return invalids(`${field}.service.port.name`, name, portNameProblems(name));
  return number === 0
    ? [required(field, 'port name or number is required')]
    : invalids(`${field}.service.port.number`, number, portNumberProblems(number));
}
