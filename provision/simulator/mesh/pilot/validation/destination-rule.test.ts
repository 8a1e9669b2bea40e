import { test } from 'node:test';

import { assertRows, listed, type Row } from './test-verdicts.ts';

/** A DestinationRule with this policy. */
function policed(trafficPolicy: object): object {
  return { host: 'web', trafficPolicy };
}

const balanced = (loadBalancer: object) => policed({ loadBalancer });

const distribute = (...places: readonly object[]) => ({
  outlierDetection: {},
  loadBalancer: { localityLbSetting: { distribute: places } },
});

test('A DestinationRule is refused for its host, subsets and visibility', () => {
  const rows: readonly Row[] = [
    [{ host: 'web' }, ''],
    [{}, 'empty domain name not allowed'],
    [{ host: 'web:80' }, 'domain name "web:80" invalid (label "web:80" invalid)'],
    [{ host: 'web', subsets: [{}] }, 'subset name cannot be empty'],
    [{ host: 'web', subsets: [{ name: 'v.1' }] }, 'subset name is invalid: v.1'],
    [
      { host: 'web', subsets: [{ name: 'v1' }, { name: 'v1', labels: { version: '-' } }] },
      listed('duplicate subset names: v1', 'invalid tag value: "-"'),
    ],
    [
      { host: 'web', subsets: [{ name: 'v1', trafficPolicy: {} }] },
      'traffic policy must have at least one field',
    ],
    [
      { host: 'web', workloadSelector: { matchLabels: { a: 'b' } }, exportTo: ['*'] },
      'destination rule with workload selector cannot have exportTo beyond current namespace',
    ],
    [
      { host: 'web', workloadSelector: {}, exportTo: ['.', 'b'] },
      'destination rule with workload selector cannot have multiple entries in exportTo',
      'workload selector specified without labels',
    ],
    [{ host: 'web', exportTo: ['b', 'b'] }, 'duplicate entries in exportTo for entry b'],
  ];
  assertRows('DestinationRule', rows);
});

test('A DestinationRule is refused for its connection pool, outlier detection, TLS and tunnel', () => {
  const rows: readonly Row[] = [
    [policed({}), 'traffic policy must have at least one field'],
    [policed({ connectionPool: {} }), 'connection pool must have at least one field'],
    [
      policed({ connectionPool: { http: { http1MaxPendingRequests: -1, maxRetries: -1 } } }),
      listed('http1 max pending requests must be non-negative', 'max retries must be non-negative'),
    ],
    [
      policed({
        connectionPool: { http: { h2UpgradePolicy: 'UPGRADE', useClientProtocol: true } },
      }),
      'use client protocol must not be true when H2UpgradePolicy is UPGRADE',
    ],
    [
      policed({
        connectionPool: {
          tcp: {
            maxConnections: -1,
            connectTimeout: '0s',
            idleTimeout: '0s',
            tcpKeepalive: { time: '0s' },
          },
        },
      }),
      listed(
        'max connections must be non-negative',
        'duration must be greater than 1ms',
        'duration must be greater than 1ms',
      ),
    ],
    [
      policed({ outlierDetection: { consecutiveErrors: 5, maxEjectionPercent: 101 } }),
      'percentage 101 is not in range 0..100',
      'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
    ],
    [
      policed({ outlierDetection: { consecutiveLocalOriginFailures: 5 } }),
      'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
    ],
    [
      policed({ tls: { mode: 'MUTUAL' } }),
      listed('client certificate required for mutual tls', 'private key required for mutual tls'),
    ],
    [
      policed({ tls: { mode: 'SIMPLE', credentialName: 'a', caCertificates: '/b' } }),
      'cannot specify client certificates or CA certificate or CA CRL If credentialName is set',
    ],
    [
      policed({ tls: { mode: 'SIMPLE', insecureSkipVerify: true, subjectAltNames: ['a'] } }),
      'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
    ],
    [
      policed({ tls: { mode: 'SIMPLE', credentialName: 'configmap://other/ca' } }),
      'invalid configmap:// credentialName: namespace must match the configuration namespace "shop"',
    ],
    [
      policed({ tls: { mode: 'SIMPLE', credentialName: 'configmap://ca' } }),
      'invalid configmap:// credentialName: invalid resource name "configmap://ca". Expected namespace and name',
    ],
    [
      policed({ tunnel: {}, proxyProtocol: {} }),
      'tunnel and proxyProtocol must not be set together',
    ],
    [
      policed({ tunnel: { protocol: 'GET', targetHost: 'a_b', targetPort: 0 } }),
      listed(
        'tunnel protocol must be "CONNECT" or "POST"',
        'tunnel target host must be valid FQDN or IP address: domain name "a_b" invalid (label "a_b" invalid); a_b is not a valid IP',
        'tunnel target port is invalid: port number 0 must be in the range 1..65535',
      ),
    ],
    [
      policed({ portLevelSettings: [{}] }),
      listed(
        'portTrafficPolicy must have valid port',
        'port traffic policy must have at least one field',
      ),
    ],
  ];
  assertRows('DestinationRule', rows);
});

test('A DestinationRule is refused for its balancing and localities', () => {
  const failover = (from: string, to: string) =>
    balanced({ localityLbSetting: { failover: [{ from, to }] } });
  const unwatched = 'outlier detection policy must be provided for failover';
  const rows: readonly Row[] = [
    [balanced({ consistentHash: { httpCookie: {} } }), 'name required for HttpCookie'],
    [
      balanced({
        consistentHash: {
          httpCookie: { name: 'a', attributes: [{ name: 'b' }, { name: 'b' }, {}] },
        },
      }),
      listed('duplicate cookie attribute name: b', 'cookie attribute name cannot be empty'),
    ],
    [
      balanced({
        consistentHash: { useSourceIp: true, minimumRingSize: 9, maglev: { tableSize: 8 } },
      }),
      listed(
        'only one of MinimumRingSize or Maglev/Ringhash can be specified',
        'tableSize must be a prime number for maglev',
      ),
      "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
    ],
    [
      balanced({ consistentHash: { useSourceIp: true, maglev: { tableSize: 5_000_011 } } }),
      'tableSize must be less than 5000011 for maglev',
    ],
    [balanced({ warmup: {} }), 'duration is required'],
    [
      balanced({ warmup: { duration: '1s', minimumPercent: 101, aggression: 0.5 } }),
      listed(
        'minimumPercent value should be less than or equal to 100',
        'aggression should be greater than or equal to 1',
      ),
    ],
    [failover('a', 'b'), '', unwatched],
    [failover('a', 'a'), 'locality lb failover settings must specify different regions', unwatched],
    [failover('a/b', 'c'), 'locality lb failover only specify region', unwatched],
    [failover('*', 'c'), "locality lb failover region should not contain '*' wildcard", unwatched],
    [
      balanced({ localityLbSetting: { failover: [{}], distribute: [{}] } }),
      "can not simultaneously specify 'distribute' and 'failover'",
    ],
    [
      balanced({
        localityLbSetting: { failover: [{}], failoverPriority: ['topology.istio.io/subzone'] },
      }),
      "can not simultaneously set 'failover' and topology label 'topology.istio.io/subzone' in 'failover_priority'",
    ],
    [policed(distribute({ from: 'a', to: { b: 99 } })), 'total locality weight 99 != 100'],
    [policed(distribute({ from: 'a', to: { b: 0 } })), 'locality weight must be in range [1, 100]'],
    [
      policed(distribute({ from: 'a/*/b', to: { a: 100 } })),
      "locality a/*/b wildcard '*' number can not exceed 1 and must be in the end",
    ],
    [
      policed(distribute({ from: 'a//b', to: { a: 100 } })),
      'locality a//b must not contain empty region/zone/subzone info',
    ],
    [
      policed(distribute({ from: 'a/b', to: { a: 100 } }, { from: 'a/b/c', to: { a: 100 } })),
      'locality a/b/c overlap with previous specified ones',
    ],
    [policed(distribute({ from: 'a/b/c', to: { 'a/*': 50, b: 50 } })), ''],
  ];
  assertRows('DestinationRule', rows);
});
