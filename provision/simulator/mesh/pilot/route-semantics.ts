import type { KubeObject } from '../../kinds/object.ts';

/** Annotation of VirtualServices that istiod makes of other objects: how their matches are meant. */
export const ROUTE_SEMANTICS = 'internal.istio.io/route-semantics';
/** Annotation with the object that a VirtualService is made of: `HTTPRoute/reviews.default`. */
export const PARENT = 'internal.istio.io/parents';

/** Whether prefixes take whole segments, as in Ingress objects and the Gateway API. */
export function matchesSegments({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[ROUTE_SEMANTICS] !== undefined;
}

/** Whether routes do as the Gateway API says: answers to missing backends, order of matches, prefixes in redirects. */
export function isGatewayApi({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[ROUTE_SEMANTICS] === 'gateway';
}
