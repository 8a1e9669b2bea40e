import { listAt, objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { asObjects, firstDouble, isPort, problems } from './parts.ts';

const PROTOCOLS = ['HTTP', 'HTTPS', 'GRPC', 'GRPC-WEB', 'HTTP2', 'MONGO', 'TCP', 'TLS'];

export function validateGateway(spec: JsonObject): readonly string[] {
  const servers = asObjects(spec['servers']);
  if (servers.length === 0) return ['gateway must have at least one server'];
  const double = firstDouble(servers.map(({ port }) => objectAt(port)['name'] ?? null));
  return [
    ...servers.flatMap(validateServer),
    ...problems([
      double !== undefined,
      `port names in servers must be unique: duplicate name ${double}`,
    ]),
  ];
}

function validateServer(server: JsonObject): readonly string[] {
  const port = objectAt(server, 'port');
  const number = port['number'] ?? 0;
  const protocol = stringAt(port, 'protocol');
  const name = protocol.toUpperCase();
  const isTls = name === 'HTTPS' || name === 'TLS';
  const hasTls = server['tls'] !== undefined;
  const isRedirect = objectAt(server, 'tls')['httpsRedirect'] === true;
  return problems(
    [listAt(server, 'hosts').length === 0, 'server config must contain at least one host'],
    [!isPort(number), `port number ${JSON.stringify(number)} must be in the range 1..65535`],
    [
      !PROTOCOLS.includes(name),
      `invalid protocol "${protocol}", supported protocols are ${PROTOCOLS.join(', ')}`,
    ],
    [isTls && !hasTls, 'server must have TLS settings for HTTPS/TLS protocols'],
    [
      name === 'HTTP' && hasTls && !isRedirect,
      'server cannot have TLS settings for plain text HTTP ports',
    ],
  );
}
