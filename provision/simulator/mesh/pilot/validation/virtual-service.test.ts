import { test } from 'node:test';

import { assertRows, listed, type Row } from './test-verdicts.ts';

const destination = { host: 'web' };
const route = [{ destination }];
const http = [{ route }];

/** A VirtualService whose only route is this one. */
function routed(changes: object): object {
  return { hosts: ['web'], http: [{ route, ...changes }] };
}

test('A VirtualService is refused for its hosts, gateways and visibility', () => {
  const rows: readonly Row[] = [
    [{ hosts: ['web'] }, 'http, tcp or tls must be provided in virtual service'],
    [{ hosts: [''], http }, 'empty domain name not allowed'],
    [{ hosts: ['web_1'], http }, 'domain name "web_1" invalid (label "web_1" invalid)'],
    [{ hosts: ['a.*.com'], http }, 'domain name "*.com" invalid (label "*" invalid)'],
    [
      { hosts: ['web.8'], http },
      'domain name "8" invalid (top level domain "8" cannot be all-numeric)',
    ],
    [{ hosts: ['10.0.0.1', '*.web', 'web.shop.', '*-a.com'], http }, ''],
    [
      { hosts: ['*'], http },
      'wildcard host * is not allowed for virtual services bound to the mesh gateway',
    ],
    [{ hosts: ['*'], gateways: ['front'], http }, ''],
    [{ hosts: ['a', 'a'], http }, 'duplicate hosts in virtual service: a & a'],
    [
      { hosts: ['*.com', 'a.com', 'a.org'], http },
      'duplicate hosts in virtual service: *.com & a.com',
    ],
    [{ http }, ''],
    [
      { gateways: ['front'], http, tcp: [{ route }] },
      listed(
        'delegate virtual service must have no gateways specified',
        'delegate virtual service must have no tcp route specified',
      ),
    ],
    [{ http: [{ delegate: { name: 'b' }, route }] }, 'delegate HTTP route cannot contain delegate'],
    [
      { hosts: ['web'], http: [{ name: 'r', delegate: { name: 'b' }, route, redirect: {} }] },
      listed(
        'root HTTP route r must not specify redirect',
        'root HTTP route r must not specify route',
        'redirect must specify URI, authority, scheme, or port',
      ),
    ],
    [
      { hosts: ['web'], gateways: ['a/', 'b_/front'], http },
      listed(
        'config namespace and gateway name cannot be empty',
        'invalid value for gateway name: ""',
        'invalid value for namespace: "b_"',
      ),
    ],
    [
      { hosts: ['web'], gateways: ['front.shop.svc'], http },
      '',
      'using legacy gatewayName format "front.shop.svc"; prefer the <namespace>/<name> format: "shop/front"',
    ],
    [
      { hosts: ['web'], http, exportTo: ['shop', '.', '~', 'A_'] },
      listed(
        'duplicate entries in exportTo: . and current namespace shop',
        'exportTo ~ (none) is not allowed for Istio configuration objects',
        'only .,*, or a valid DNS 1123 label is allowed as exportTo entry',
      ),
    ],
    [
      { hosts: ['web'], http, exportTo: ['*', 'b'] },
      'cannot have both public (*) and non-public exportTo values for a resource',
    ],
    [
      routed({ match: [{ headers: { '@request.auth.claims.sub': { exact: 'a' } } }] }),
      'JWT claim based routing (key: @request.auth.claims.sub) is only supported for gateway, found no gateways: []',
    ],
  ];
  assertRows('VirtualService', rows);
});

test('A VirtualService is refused for what its routes of HTTP combine or leave out', () => {
  const rows: readonly Row[] = [
    [{ hosts: ['web'], http: [{}] }, 'HTTP route, redirect or direct_response is required'],
    [
      routed({ redirect: { uri: '/' }, fault: { abort: { httpStatus: 500 } } }),
      listed(
        'HTTP route cannot contain both route and redirect',
        'HTTP route cannot contain both fault and redirect',
      ),
    ],
    [
      routed({ directResponse: { status: 199 }, rewrite: { uri: '/' } }),
      listed(
        'HTTP route cannot contain both route and direct_response',
        'HTTP route rule cannot contain both rewrite and direct_response',
        'HTTP status 199 is not in range 200-599',
      ),
    ],
    [
      routed({ mirror: destination, mirrors: [{}] }),
      listed(
        'HTTP route cannot contain both mirror and mirrors',
        'destination is required for mirrors',
      ),
    ],
    [
      routed({ mirrorPercent: 101 }),
      'mirror_percent must have a max value of 100 (it has 101)',
      'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead',
    ],
    [
      routed({ mirror: destination, mirrorPercentage: { value: 100.5 } }),
      'mirror_percentage must have a max value of 100 (it has 100.500000)',
    ],
    [
      routed({ mirrors: [{ destination, percentage: { value: -1 } }] }),
      'mirror percentage must have a min value of 0 (it has -1.000000)',
    ],
    [routed({ route: [{}] }), listed('destination is required')],
    [routed({ route: [{ destination: { host: '*' } }] }), 'invalid destination host *'],
    [routed({ route: [{ destination: {} }] }), 'empty domain name not allowed'],
    [
      routed({ route: [{ destination: { host: 'web', subset: 'v_1', port: { number: 0 } } }] }),
      listed('subset name is invalid: v_1', 'port number 0 must be in the range 1..65535'),
    ],
    [
      routed({
        route: [
          { destination, weight: -1 },
          { destination, weight: 1 },
        ],
      }),
      listed('weight -1 < 0', 'total destination weight = 0'),
    ],
    [routed({ timeout: '0s' }), 'duration must be greater than 1ms'],
    [routed({ timeout: '1.5ms' }), 'only durations to ms precision are supported'],
    [routed({ timeout: '1h30m' }), ''],
    [
      { hosts: ['web'], http: [{ redirect: { uri: '/', redirectCode: 200 } }] },
      '200 is not a valid redirect code, must be 3xx',
    ],
    [
      { hosts: ['web'], http: [{ redirect: { scheme: 'ftp' } }] },
      'invalid redirect scheme, must be "http" or "https"',
    ],
    [
      { hosts: ['web'], http: [{ redirect: { port: 70_000 } }] },
      'port number 70000 must be in the range 1..65535',
    ],
    [
      routed({ rewrite: {} }),
      'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified',
    ],
    [
      routed({ rewrite: { uriRegexRewrite: { match: '(', rewrite: 'a' } } }),
      'UriRegexRewrite has errors\n"HTTPRewrite.UriRegexRewrite.Match": error parsing regexp: missing closing ): `(`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)',
    ],
    [
      routed({ rewrite: { uriRegexRewrite: { match: 'a' } } }),
      'UriRegexRewrite has errors\nUriRegexRewrite requires both Rewrite and Match fields to be specified',
    ],
    [
      routed({ rewrite: { authority: 'a' }, headers: { request: { set: { Host: 'b' } } } }),
      'authority header cannot be set multiple times: have "a", attempting to set "b"',
    ],
    [
      {
        hosts: ['web'],
        http: [{ directResponse: { status: 200, body: { string: 'a'.repeat(102_401) } } }],
      },
      '',
      'large direct_responses may impact control plane performance',
    ],
    [
      {
        hosts: ['web'],
        http: [{ directResponse: { status: 200, body: { string: 'a'.repeat(1_048_577) } } }],
      },
      'large direct_responses may impact control plane performance, must be less than 1MB',
    ],
  ];
  assertRows('VirtualService', rows);
});

test('A VirtualService is refused for its faults, retries, CORS policy and headers', () => {
  const grpc =
    "is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'";
  const rows: readonly Row[] = [
    [routed({ fault: {} }), listed('HTTP fault injection must have an abort and/or a delay')],
    [
      routed({ fault: { abort: { httpStatus: 600, percentage: { value: 120 } } } }),
      'percentage 120 is neither 0.0, nor in range [0.0001, 100.0]',
    ],
    [
      routed({ fault: { delay: { fixedDelay: '1s', percentage: { value: 0.00005 } } } }),
      'percentage 5e-05 is neither 0.0, nor in range [0.0001, 100.0]',
    ],
    [routed({ fault: { abort: { httpStatus: 601 } } }), 'HTTP status 601 is not in range 200-599'],
    [routed({ fault: { abort: { grpcStatus: 'LOST' } } }), `gRPC status "LOST" ${grpc}`],
    [
      routed({ fault: { abort: { http2Error: 'a' } } }),
      'HTTP/2 abort fault injection not supported yet',
    ],
    [
      routed({ fault: { delay: { exponentialDelay: '1s' } } }),
      listed('exponentialDelay not supported yet'),
    ],
    [routed({ retries: { attempts: -1 } }), listed('attempts cannot be negative')],
    [
      routed({ retries: { attempts: 0, retryOn: '5xx' } }),
      'http retry policy configured when attempts are set to 0 (disabled)',
    ],
    [
      routed({ retries: { attempts: 1, retryOn: '5xx, reset,503,999,' } }),
      listed(
        '" reset" is not a valid retryOn policy',
        '"999" is not a valid retryOn policy',
        '"" is not a valid retryOn policy',
      ),
    ],
    [
      routed({ corsPolicy: { allowOrigins: [{ exact: '' }], allowMethods: ['get'] } }),
      listed(
        "'' is not a valid match type for CORS allow origins",
        '"get" is not a supported HTTP method',
      ),
    ],
    [
      routed({ corsPolicy: { allowHeaders: ['*', 'a b'], exposeHeaders: [''] } }),
      listed('header name a b is not a valid header name', 'header name cannot be empty'),
    ],
    [
      routed({ corsPolicy: { maxAge: '1.5s' } }),
      listed('max_age duration is accurate only to seconds precision'),
    ],
    [
      routed({
        headers: {
          request: { add: { ':path': '/' }, set: { Host: 'a' }, remove: ['host'] },
          response: { set: { '': 'a' }, remove: [':status'] },
        },
      }),
      listed(
        'invalid header ":path": header cannot have ":" prefix',
        'invalid header "host": cannot set Host header',
        'header name cannot be empty',
        'invalid header ":status": header cannot have ":" prefix',
      ),
    ],
    [
      routed({ headers: { request: { set: { a: '50%' } } } }),
      'header value configuration: invalid header configuration. Un-escaped %',
    ],
    [routed({ headers: { request: { set: { a: '%REQ(x)%', b: '100%%', c: '%A(["b"])%' } } } }), ''],
    [
      routed({ route: [{ destination, headers: { response: { add: { a: '%PROTOCOL' } } } }] }),
      "header value configuration: invalid header configuration. Un-terminated variable expression '%PROTOCOL'",
    ],
    [
      routed({ headers: { request: { set: { a: '%A([b])%' } } } }),
      `header value configuration: invalid header configuration. Expecting '"'`,
    ],
    [
      routed({ headers: { request: { set: { a: 'x\ny' } } } }),
      'header value configuration x\ny is invalid',
    ],
  ];
  assertRows('VirtualService', rows);
});

test('A VirtualService is refused for its matches', () => {
  const re2 = 'Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)';
  const rows: readonly Row[] = [
    [routed({ match: [{ uri: { prefix: '' } }] }), ''],
    [
      routed({ match: [{ method: { prefix: '' } }] }),
      '"method": prefix string match should not be empty',
    ],
    [routed({ match: [{ uri: { regex: '' } }] }), '"uri": regex string match should not be empty'],
    [
      routed({ match: [{ authority: { regex: '[' } }] }),
      `"authority": error parsing regexp: missing closing ]: \`[\`; ${re2}`,
    ],
    [
      routed({ match: [{ queryParams: { a: { regex: 'a'.repeat(1_025) } } }] }),
      '"queryParams": regex is too large, max length allowed is 1024',
    ],
    [
      routed({ match: [{ headers: { 'a b': { exact: 'x' }, ':path': { prefix: '' } } }] }),
      listed(
        'header name a b is not a valid header name',
        '"headers": prefix string match should not be empty',
      ),
    ],
    [
      routed({ match: [{ withoutHeaders: { a: { regex: '*' }, b: { regex: '+' } } }] }),
      `"withoutHeaders": error parsing regexp: missing argument to repetition operator: \`+\`; ${re2}`,
    ],
    [
      routed({ match: [{ port: 70_000, sourceNamespace: 'a_b', sourceLabels: { 'a b': 'c d' } }] }),
      listed(
        'port number 70000 must be in the range 1..65535',
        'invalid tag key: "a b"',
        'invalid tag value: "c d"',
        'sourceNamespace match a_b is invalid',
      ),
    ],
    [routed({ match: [{ sourceLabels: { 'a b': 'c' } }] }), listed('invalid tag key: "a b"')],
  ];
  assertRows('VirtualService', rows);
});

test('A VirtualService is refused for its routes of TCP and TLS', () => {
  const tls = [{ match: [{ port: 443, sniHosts: ['a.com'] }], route }];
  const rows: readonly Row[] = [
    [{ hosts: ['*.com'], tls }, ''],
    [
      { hosts: ['b.com', 'c.com'], tls },
      'SNI host "a.com" is not a compatible subset of any of the virtual service hosts: [b.com, c.com]',
    ],
    [
      { hosts: ['a.com'], tls: [{ match: [{ sniHosts: ['*.com'] }], route }] },
      'SNI host "*.com" is not a compatible subset of any of the virtual service hosts: [a.com]',
    ],
    [
      { hosts: ['a.com'], tls: [{}] },
      listed('TLS route must have at least one match condition', 'TLS route is required'),
    ],
    [
      { hosts: ['a.com'], tls: [{ match: [{ port: 443 }], route }] },
      'TLS match must have at least one SNI host',
    ],
    [
      { hosts: ['a.com'], tls: [{ match: [{ sniHosts: ['10.0.0.1'] }], route }] },
      '',
      'using an IP address ("10.0.0.1") goes against SNI spec and most clients do not support this',
    ],
    [
      {
        hosts: ['*'],
        gateways: ['front'],
        tls: [{ match: [{ sniHosts: ['outbound_.80_._.web', 'outbound_.x_._.web'] }], route }],
      },
      'domain name "outbound_.x_._.web" invalid (label "x" invalid). should follow outbound_.<PORT>_._.<HOSTNAME> format',
    ],
    [{ hosts: ['a.com'], tcp: [{}] }, 'TCP route is required'],
    [
      {
        hosts: ['a.com'],
        tcp: [{ match: [{ destinationSubnets: ['10.0.0.0/33', 'a'], port: 66_000 }], route: [{}] }],
      },
      listed(
        '10.0.0.0/33 is not a valid CIDR block',
        'a is not a valid IP',
        'port number 66000 must be in the range 1..65535',
        'destination is required',
      ),
    ],
  ];
  assertRows('VirtualService', rows);
});
