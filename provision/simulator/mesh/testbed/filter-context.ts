import type { Clock } from '../../clock.ts';
import { HttpHeaders, type HttpRequest } from '../../net/http.ts';
import { nodeOf } from '../pilot/node.ts';
import type { FilterContext } from '../proxy/http/filter.ts';
import { type Downstream, type HttpStream, newStream } from '../proxy/http/stream.ts';

/** What a filter has beside its settings, with everything that it counts in `counted`. */
export function filterContext(clock: Clock): FilterContext & { readonly counted: string[] } {
  const counted: string[] = [];
  const metadata = {
    name: 'httpbin',
    namespace: 'foo',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const pod = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { containers: [] }, status: {} };
  return {
    clock,
    random: () => 0,
    node: nodeOf({ ...pod, spec: { containers: [], restartPolicy: 'Always' } }, 'sidecar', ''),
    log: () => undefined,
    count: (statistic) => counted.push(statistic),
    kept: new Map(),
    counted,
  };
}

/** A request that has come to an inbound listener on port 80. */
export function inboundStream(
  request: Partial<HttpRequest> = {},
  downstream: Partial<Downstream> = {},
): HttpStream {
  const whole = {
    method: 'GET',
    path: '/headers',
    authority: 'httpbin:8000',
    headers: new HttpHeaders(),
    body: new Uint8Array(),
    ...request,
  };
  const manager = {
    type: 'http',
    direction: 'INBOUND',
    isEdge: false,
    routes: '',
    filters: [],
  } as const;
  const destination = { ip: '10.244.0.9', port: 80 };
  const peer = { ip: '10.244.0.5', port: 40_000 };
  return newStream(manager, whole, {
    peer,
    destination,
    isSecure: true,
    ...downstream,
    startMs: 0,
  });
}
