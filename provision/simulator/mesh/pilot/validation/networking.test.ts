import { test } from 'node:test';

import { assertRows, listed, type Row } from './test-verdicts.ts';

const port = { number: 80, name: 'http', protocol: 'HTTP' };

const egress = (...listeners: readonly object[]) => ({ egress: listeners });

test('A Gateway is refused for its servers', () => {
  const served = (server: object) => ({ servers: [{ port, hosts: ['*'], ...server }] });
  const secure = (tls: object) =>
    served({ port: { number: 443, name: 'https', protocol: 'HTTPS' }, tls });
  const rows: readonly Row[] = [
    [{}, 'gateway must have at least one server'],
    [{ servers: [{ port }] }, 'server config must contain at least one host'],
    [served({ hosts: ['web'] }), 'short names (non FQDN) are not allowed'],
    [served({ hosts: ['*.a.com', './*', '*/b.com'] }), ''],
    [
      served({ hosts: ['~/a.com', 'b_/', '*a.com'] }),
      listed(
        'invalid namespace value "~" in gateway',
        'config namespace and dnsName in host entry cannot be empty',
        'invalid namespace value "b_" in gateway',
        'short names (non FQDN) are not allowed',
        'empty domain name not allowed',
        'partial wildcard "*a.com" not allowed',
      ),
    ],
    [{ servers: [{ hosts: ['*'] }] }, 'port is required'],
    [
      served({ port: { number: 80, name: 'a', protocol: 'WWW' } }),
      'invalid protocol "WWW", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP',
    ],
    [
      served({ port: { number: 0, protocol: 'HTTP', targetPort: 1 } }),
      listed(
        'port number 0 must be in the range 1..65535',
        'targetPort has no impact on Gateways',
        'port name must be set: protocol:"HTTP" target_port:1',
      ),
    ],
    [served({ bind: 'here' }), 'here is not a valid IP'],
    [
      served({ bind: 'unix://a/' }),
      listed(
        'a/ is not an absolute path to a file',
        'port number must be 0 for unix domain socket: number:80 protocol:"HTTP" name:"http"',
      ),
    ],
    [
      {
        servers: [
          { port, hosts: ['*'] },
          { port: { ...port, number: 81 }, hosts: ['*'] },
        ],
      },
      'port names in servers must be unique: duplicate name http',
    ],
    [secure({}), ''],
    [
      served({ port: { number: 443, name: 'a', protocol: 'TLS' } }),
      'server must have TLS settings for HTTPS/TLS protocols',
    ],
    [served({ tls: { httpsRedirect: true } }), ''],
    [
      served({ tls: { mode: 'SIMPLE', credentialName: 'a' } }),
      'server cannot have TLS settings for plain text HTTP ports',
    ],
    [
      served({
        port: { number: 27_017, name: 'a', protocol: 'MONGO' },
        tls: { httpsRedirect: true },
      }),
      'server cannot have TLS settings for non HTTPS/TLS ports',
      'tls.httpsRedirect should only be used with http servers',
    ],
    [
      secure({ mode: 'SIMPLE' }),
      listed('SIMPLE TLS requires a server certificate', 'SIMPLE TLS requires a private key'),
    ],
    [
      secure({ mode: 'MUTUAL', serverCertificate: '/a', privateKey: '/b' }),
      'MUTUAL TLS requires a client CA bundle',
    ],
    [
      secure({ mode: 'SIMPLE', credentialName: 'a', credentialNames: ['b'] }),
      'only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified',
    ],
    [
      secure({ mode: 'ISTIO_MUTUAL', credentialName: 'a', privateKey: '/b' }),
      listed(
        'ISTIO_MUTUAL TLS cannot have associated private key',
        'ISTIO_MUTUAL TLS cannot have associated credentialName',
      ),
    ],
    [
      secure({ mode: 'SIMPLE', serverCertificate: '/a', privateKey: '/b', caCrl: '/c' }),
      'CRL is not supported with SIMPLE TLS',
    ],
    [
      secure({ mode: 'PASSTHROUGH', credentialName: 'a' }),
      '',
      'PASSTHROUGH mode does not use certificates, they will be ignored',
    ],
    [
      secure({ minProtocolVersion: 'TLSV1_0' }),
      '',
      'TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.',
    ],
    [
      secure({ cipherSuites: ['X', 'AES128-SHA', 'A', 'AES128-SHA'] }),
      '',
      'ignoring invalid cipher suites: [A X]',
      'ignoring duplicate cipher suites: [AES128-SHA]',
    ],
  ];
  assertRows('Gateway', rows);
});

test('A ServiceEntry is refused for its hosts, ports, resolution and endpoints', () => {
  const web = { hosts: ['a.com'], ports: [port] };
  const dns = { ...web, resolution: 'DNS' };
  const fixed = { ...web, resolution: 'STATIC' };
  const tcp = { number: 90, name: 'tcp', protocol: 'TCP' };
  const rows: readonly Row[] = [
    [{ ports: [port] }, 'service entry must have at least one host'],
    [{ ...web, hosts: ['*'] }, 'invalid host *'],
    [{ ...web, hosts: ['*a.com'] }, '', 'partial wildcard "*a.com" not allowed'],
    [
      { ...dns, hosts: ['*.a.com'] },
      'hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode DNS, domain name "*.a.com" invalid (label "*" invalid)',
    ],
    [
      { ...dns, addresses: ['10.0.0.0/8', 'b'] },
      listed(
        'b is not a valid IP',
        'CIDR addresses are allowed only for NONE/STATIC resolution types',
      ),
    ],
    [
      { ...web, ports: [port, { ...port, targetPort: 70_000 }] },
      listed(
        'service entry port name "http" already defined',
        'service entry port 80 already defined',
        'port number 70000 must be in the range 1..65535',
      ),
    ],
    [
      { ...web, ports: [{ number: 0, name: '', protocol: 'WWW' }] },
      listed(
        'invalid port name: ',
        'unsupported protocol: WWW',
        'port number 0 must be in the range 1..65535',
      ),
    ],
    [
      { ...web, ports: [tcp] },
      '',
      'addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled',
    ],
    [{ ...fixed, ports: [tcp] }, ''],
    [
      { ...web, endpoints: [{ address: '10.0.0.1' }] },
      'no endpoints should be provided for resolution type none',
    ],
    [
      { ...web, workloadSelector: { labels: { a: 'b' } } },
      '',
      'workloadSelector should not be set when resolution mode is NONE',
    ],
    [
      { ...fixed, workloadSelector: { labels: { '': 'b*' } } },
      listed(
        'empty key is not supported in selector: "=b*"',
        'wildcard is not supported in selector: "=b*"',
      ),
    ],
    [
      { ...fixed, workloadSelector: {}, endpoints: [{ address: '10.0.0.1' }] },
      'only one of WorkloadSelector or Endpoints is allowed in Service Entry',
      'service entry: workload selector specified without labels, will be applied to all services in namespace',
    ],
    [
      { ...fixed, endpoints: [{ address: 'b.com', ports: { tcp: 1 } }, {}] },
      listed(
        'endpoint address "b.com" is not a valid IP address',
        'endpoint port 1 is not defined by the service entry',
        'address is required',
      ),
    ],
    [
      { ...fixed, ports: [port, tcp], endpoints: [{ address: 'unix://@a' }] },
      'exactly 1 service port required for unix endpoints',
    ],
    [
      { ...dns, resolution: 'DNS_ROUND_ROBIN', endpoints: [{ address: 'b' }, { address: 'b_' }] },
      listed(
        'there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN',
        'endpoint address "b_" is not a valid FQDN or an IP address',
      ),
    ],
    [
      { ...dns, hosts: ['a.com', 'b.com'], ports: [tcp], addresses: ['10.0.0.1'] },
      'multiple hosts provided with non-HTTP, non-TLS ports',
      'service entry can not have more than one host specified simultaneously with address and tcp port',
    ],
    [
      { hosts: ['a.com'], resolution: 'DYNAMIC_DNS', addresses: ['10.0.0.1'], ports: [tcp] },
      listed(
        'host must be wildcarded for resolution mode DYNAMIC_DNS',
        'addresses cannot be set for resolution type DYNAMIC_DNS. HTTP route domains will only be generatedfrom the hosts field values',
        'only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type DYNAMIC_DNS',
      ),
    ],
    [{ ...web, exportTo: ['~'] }, ''],
    [{ ...web, exportTo: ['~', 'b'] }, 'cannot export service entry to no one (~) and someone'],
  ];
  assertRows('ServiceEntry', rows);
});

test('A WorkloadEntry and a WorkloadGroup are refused for address, ports, labels and probe', () => {
  const template = {};
  const probed = (probe: object) => ({ template, probe });
  const entries: readonly Row[] = [
    [{}, 'address is required'],
    [{ network: 'a' }, '', 'address is unset with network "a"'],
    [{ address: 'vm_1' }, 'endpoint address "vm_1" is not a valid FQDN or an IP address'],
    [{ address: 'unix://' }, 'unix address must not be empty'],
    [
      { address: 'unix:///a', ports: { http: 80 } },
      'unix endpoint unix:///a must not include ports',
    ],
    [
      { address: '10.0.0.1', ports: { a_b: 0 } },
      listed('invalid port name: a_b', 'port number 0 must be in the range 1..65535'),
    ],
    [{ address: '10.0.0.1', labels: { a: 'b c' } }, listed('invalid tag value: "b c"')],
  ];
  const groups: readonly Row[] = [
    [{}, 'template is required'],
    [
      { template, metadata: { labels: { 'a b': 'c' } } },
      `invalid labels: ${listed('invalid tag key: "a b"')}`,
    ],
    [probed({}), 'unknown health check method <nil>'],
    [
      probed({
        periodSeconds: -1,
        httpGet: { port: 0, scheme: 'FTP', httpHeaders: [{ name: 'a_b' }] },
      }),
      listed(
        'periodSeconds must be non-negative',
        'port number 0 must be in the range 1..65535',
        'httpGet.scheme must be one of "HTTPS", "HTTP"',
        'header name a_b is not a valid header name',
      ),
    ],
    [probed({ tcpSocket: { port: 80 } }), ''],
    [probed({ exec: {} }), 'exec.command is required'],
  ];
  assertRows('WorkloadEntry', entries);
  assertRows('WorkloadGroup', groups);
});

test('A Sidecar is refused for its listeners and their hosts', () => {
  const ingress = (listener: object) => ({
    ingress: [{ port, defaultEndpoint: '127.0.0.1:80', ...listener }],
  });
  const hosts = ['./*'];
  const endpoint =
    'sidecar: defaultEndpoint must be of form 127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset';
  const rows: readonly Row[] = [
    [{}, 'sidecar: empty configuration provided'],
    [{ workloadSelector: { labels: { a: '*' } } }, 'wildcard is not supported in selector: "a=*"'],
    [egress({}), 'sidecar: egress listener must contain at least one host'],
    [egress({ hosts: ['web'] }), 'host must be of form namespace/dnsName'],
    [egress({ hosts: ['./web'] }), 'short names (non FQDN) are not allowed'],
    [egress({ hosts: ['a/*', 'a/b.com'] }), '', 'duplicated egress host: a/b.com'],
    [
      egress({ hosts: ['*/*', 'a/b.com'] }),
      '',
      '`*/*` host select all resources, no other hosts can be added',
    ],
    [
      egress({ hosts }, { hosts }),
      'sidecar: the egress listener with empty port should be the last listener in the list',
    ],
    [
      egress({ port: { ...port, targetPort: 1 }, hosts }, { port, hosts }),
      listed(
        'targetPort has no impact on Sidecars',
        'sidecar: ports on IP bound listeners must be unique',
      ),
    ],
    [
      egress({ port: { number: 0, protocol: 'HTTP' }, hosts, captureMode: 'IPTABLES' }),
      listed(
        'sidecar: ports with 0 value must have a unix domain socket bind address',
        'sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners',
      ),
    ],
    [{ ingress: [{}] }, 'sidecar: port is required for ingress listeners'],
    [ingress({ bind: 'a' }), 'a is not a valid IP'],
    [ingress({ defaultEndpoint: '10.0.0.1:80' }), endpoint],
    [ingress({ defaultEndpoint: '[::1]:0' }), 'port number 0 must be in the range 1..65535'],
    [
      ingress({ defaultEndpoint: 'here' }),
      listed(
        'address here: missing port in address',
        'sidecar: defaultEndpoint port () is not a number: strconv.Atoi: parsing "": invalid syntax',
      ),
    ],
    [
      ingress({ tls: { mode: 'ISTIO_MUTUAL', httpsRedirect: true } }),
      listed(
        'sidecar: httpsRedirect is not supported',
        'configuration is invalid: cannot set mode to ISTIO_MUTUAL in sidecar ingress tls',
        'server cannot have TLS settings for non HTTPS/TLS ports',
      ),
    ],
    [
      ingress({
        port: { number: 90, name: 'tcp', protocol: 'TCP' },
        connectionPool: { http: { maxRetries: 1 } },
      }),
      '',
      'sidecar: HTTP connection pool settings are configured for port 90 ("tcp") but its protocol is not HTTP (TCP); only TCP settings will apply',
    ],
    [{ inboundConnectionPool: {} }, 'connection pool must have at least one field'],
    [
      { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY', egressProxy: { host: 'a' } } },
      'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode',
    ],
    [
      { outboundTrafficPolicy: { mode: 'ALLOW_ANY', egressProxy: { host: 'a_' } } },
      listed(
        'domain name "a_" invalid (label "a_" invalid)',
        'sidecar: egress_proxy port must be non-nil',
      ),
    ],
  ];
  assertRows('Sidecar', rows);
});
