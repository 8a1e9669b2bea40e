import type { JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';

const BY_NAME: Readonly<Record<string, string>> = {
  grpc: 'GRPC',
  http: 'HTTP',
  http2: 'HTTP2',
  http_proxy: 'HTTP_PROXY',
  https: 'HTTPS',
  mongo: 'Mongo',
  mysql: 'MySQL',
  redis: 'Redis',
  tcp: 'TCP',
  tls: 'TLS',
  udp: 'UDP',
};

const BY_STANDARD_NAME: Readonly<Record<string, string>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

/** SMTP, DNS, MySQL, MongoDB: their servers speak first, so that nothing can be guessed. */
const ALWAYS_TCP: ReadonlySet<string> = new Set(['25', '53', '3306', '27017']);

/** The protocol that Istio takes a Service's port to speak, `UnsupportedProtocol` when it has to find out (Istio's page "Protocol Selection"). */
export function protocolOf(port: JsonObject): string {
  if (textAt(port, 'protocol') === 'UDP') return 'UDP';
  const application = textAt(port, 'appProtocol');
  const standard = BY_STANDARD_NAME[application];
  if (standard !== undefined) return standard;
  const name = (application || textAt(port, 'name')).toLowerCase();
  if (name.startsWith('grpc-web')) return 'GRPC-Web';
  const known = BY_NAME[name.split('-')[0] ?? ''];
  if (known !== undefined) return known;
  return ALWAYS_TCP.has(textAt(port, 'port')) ? 'TCP' : 'UnsupportedProtocol';
}
