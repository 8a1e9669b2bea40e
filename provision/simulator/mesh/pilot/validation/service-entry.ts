import { listAt, objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { asObjects, firstDouble, problems } from './parts.ts';

export function validateServiceEntry(spec: JsonObject): readonly string[] {
  const hosts = listAt(spec, 'hosts').map((value) => stringAt(value));
  const endpoints = listAt(spec, 'endpoints');
  const double = firstDouble(asObjects(spec['ports']).map(({ number }) => number));
  const hasWildcard = hosts.some((host) => host.startsWith('*'));
  return problems(
    [hosts.length === 0, 'service entry must have at least one host'],
    [double !== undefined, `service entry port ${double} already defined`],
    [
      spec['resolution'] === 'DNS' && hasWildcard && endpoints.length === 0,
      'hosts must be FQDN if no endpoints are provided for resolution mode DNS',
    ],
    [
      (spec['resolution'] ?? 'NONE') === 'NONE' && endpoints.length > 0,
      'no endpoints should be provided for resolution type none',
    ],
  );
}

export function validateSidecar(spec: JsonObject): readonly string[] {
  const egress = asObjects(spec['egress']);
  const listening = egress.flatMap(({ bind, port }) => {
    const { number } = objectAt(port);
    return number === undefined ? [] : [`${stringAt(bind)}:${JSON.stringify(number)}`];
  });
  return problems(
    [
      egress.some(({ hosts }) => listAt(hosts).length === 0),
      'sidecar: egress listener must contain at least one host',
    ],
    [firstDouble(listening) !== undefined, 'sidecar: ports on IP bound listeners must be unique'],
  );
}
