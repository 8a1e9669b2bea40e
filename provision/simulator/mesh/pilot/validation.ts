import type { JsonObject } from '../../kinds/object.ts';

/**
 * What istiod's webhook says against an object of networking.istio.io, in Istio's words; empty when nothing. Only rules that a
 * schema cannot hold stand here.
 */
export function validateIstioObject(object: JsonObject): readonly string[] {
  const kind = object['kind'];
  const rule = typeof kind === 'string' ? RULES[kind] : undefined;
  return rule ? rule(asObject(object['spec'])) : [];
}

const RULES: Readonly<Record<string, (spec: JsonObject) => readonly string[]>> = {
  Gateway: validateGateway,
  VirtualService: validateVirtualService,
  DestinationRule: validateDestinationRule,
};

function validateGateway(spec: JsonObject): readonly string[] {
  const servers = asObjects(spec['servers']);
  if (servers.length === 0) return ['gateway must have at least one server'];
  return servers.flatMap((server) => {
    const { number, protocol } = asObject(server['port']);
    const name = typeof protocol === 'string' ? protocol.toUpperCase() : '';
    const isTls = name === 'HTTPS' || name === 'TLS';
    const isPlain = name === 'HTTP';
    const isRedirect = asObject(server['tls'])['httpsRedirect'] === true;
    return [
      ...(asList(server['hosts']).length === 0
        ? ['server config must contain at least one host']
        : []),
      ...(typeof number === 'number' && (number < 1 || number > 65_535)
        ? [`port number ${number} must be in the range 1..65535`]
        : []),
      ...(isTls && server['tls'] === undefined
        ? ['server must have TLS settings for HTTPS/TLS protocols']
        : []),
      ...(isPlain && server['tls'] !== undefined && !isRedirect
        ? ['server cannot have TLS settings for plain text HTTP ports']
        : []),
    ];
  });
}

function validateVirtualService(spec: JsonObject): readonly string[] {
  const hosts = asList(spec['hosts']);
  const isOnMesh =
    asList(spec['gateways']).length === 0 || asList(spec['gateways']).includes('mesh');
  const hasRoutes = ['http', 'tcp', 'tls'].some((name) => asList(spec[name]).length > 0);
  return [
    ...(hosts.length === 0 ? ['virtual service must have at least one host'] : []),
    ...(isOnMesh && hosts.includes('*')
      ? ['wildcard host * is not allowed for virtual services bound to the mesh gateway']
      : []),
    ...(hasRoutes ? [] : ['http, tcp or tls must be provided in virtual service']),
    ...asObjects(spec['http']).flatMap(validateHttpRoute),
  ];
}

function validateHttpRoute(route: JsonObject): readonly string[] {
  const routes = asObjects(route['route']);
  const isAnswered = route['redirect'] !== undefined || route['directResponse'] !== undefined;
  const weights = routes.map((one) => one['weight']).filter((weight) => typeof weight === 'number');
  const negative = weights.find((weight) => weight < 0);
  return [
    ...(routes.length === 0 && !isAnswered && route['delegate'] === undefined
      ? ['HTTP route, redirect or direct_response is required']
      : []),
    ...(routes.length > 0 && route['redirect'] !== undefined
      ? ['HTTP route cannot contain both route and redirect']
      : []),
    ...(negative === undefined ? [] : [`weight ${negative} < 0`]),
    ...(routes.length > 1 &&
    weights.length === routes.length &&
    weights.every((weight) => weight === 0)
      ? ['total destination weight = 0']
      : []),
    ...routes.flatMap((one) =>
      one['destination'] === undefined ? ['destination is required'] : [],
    ),
    ...validateFault(route['fault']),
  ];
}

function validateFault(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const fault = asObject(value);
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) {
    return ['HTTP fault injection must have an abort and/or a delay'];
  }
  const status = asObject(abort)['httpStatus'];
  const isOut = typeof status === 'number' && (status < 200 || status > 599);
  return isOut ? [`HTTP status ${status} is not in range 200-599`] : [];
}

function validateDestinationRule(spec: JsonObject): readonly string[] {
  const names = asObjects(spec['subsets']).map((subset) => subset['name']);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  return [
    ...(names.includes('') ? ['subset name cannot be empty'] : []),
    ...(typeof double === 'string' ? [`duplicate subset names: ${double}`] : []),
  ];
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asObjects(value: unknown): readonly JsonObject[] {
  return asList(value).filter(isObject);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
