import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../../fake-clock.ts';
import { HttpHeaders } from '../../../../net/http.ts';
import { filterContext, inboundStream } from '../../../testbed/filter-context.ts';
import type { Downstream } from '../stream.ts';
import { makeRbacFilter } from './rbac.ts';

const POLICY = {
  kind: 'AuthorizationPolicy',
  apiVersion: 'security.istio.io/v1',
  metadata: {
    name: 'ingress-policy',
    namespace: 'istio-system',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { action: 'ALLOW', rules: [{ from: [{ source: { remoteIpBlocks: ['192.168.10.15'] } }] }] },
} as const;

/** What the proxy logs at debug, and counts, of a request with that x-forwarded-for. */
function told(forwardedFor: string, downstream: Partial<Downstream>) {
  const lines: string[] = [];
  const context = { ...filterContext(new FakeClock()), writes: () => true };
  const filter = makeRbacFilter(
    { type: 'rbac', action: 'ALLOW', policies: [POLICY], shadow: [POLICY] },
    { ...context, log: (line) => lines.push(line) },
  );
  const headers = new HttpHeaders([['x-forwarded-for', forwardedFor]]);
  void filter.onRequest?.(inboundStream({ headers }, downstream));
  return { lines: lines.map((line) => line.replace(/^\S+Z\t/, '')), counted: context.counted };
}

test('RBAC at debug tells the addresses, certificate and headers that it looks at, and what comes of them', () => {
  assert.deepEqual(told('192.168.10.15', { isSecure: false }), {
    lines: [
      'debug\tenvoy rbac\tchecking request: requestedServerName: , sourceIP: 10.244.0.5:40000, directRemoteIP: 10.244.0.5:40000, remoteIP: 192.168.10.15:0,localAddress: 10.244.0.9:80, ssl: none, headers: ' +
        "':authority', 'httpbin:8000'",
      "':path', '/headers'",
      "':method', 'GET'",
      "':scheme', 'http'",
      "'x-forwarded-for', '192.168.10.15'",
      ', dynamicMetadata: ',
      'debug\tenvoy rbac\tshadow allowed, matched policy ns[istio-system]-policy[ingress-policy]-rule[0]',
      'debug\tenvoy rbac\tenforced allowed, matched policy ns[istio-system]-policy[ingress-policy]-rule[0]',
    ],
    counted: [
      'http.inbound_0.0.0.0_80;.rbac.istio_dry_run_allow_.shadow_allowed',
      'http.inbound_0.0.0.0_80;.rbac.allowed',
    ],
  });
});

test('RBAC at debug names the caller whose certificate it has seen, and says when no policy fits', () => {
  const peer = {
    ip: '10.244.0.5',
    port: 40_000,
    identity: 'spiffe://cluster.local/ns/foo/sa/curl',
    serverName: 'outbound_.8000_._.httpbin.foo.svc.cluster.local',
  };
  const { lines } = told('10.244.0.5', { peer });
  assert.deepEqual(
    [lines[0], lines.at(-1)],
    [
      'debug\tenvoy rbac\tchecking request: requestedServerName: outbound_.8000_._.httpbin.foo.svc.cluster.local, sourceIP: 10.244.0.5:40000, directRemoteIP: 10.244.0.5:40000, remoteIP: 10.244.0.5:40000,localAddress: 10.244.0.9:80, ' +
        "ssl: uriSanPeerCertificate: spiffe://cluster.local/ns/foo/sa/curl, dnsSanPeerCertificate: , subjectPeerCertificate: , headers: ':authority', 'httpbin:8000'",
      'debug\tenvoy rbac\tenforced denied, matched policy none',
    ],
  );
});
