import type { HttpFilterConfig, RbacFilterConfig } from '../../../xds/listener.ts';
import type { ProxyNode } from '../../node.ts';
import type { MeshSnapshot } from '../../snapshot.ts';
import { rbacFilters } from './authorization.ts';
import { jwtFilters } from './request-authentication.ts';

/** What a workload's security policies make of its listeners. */
export interface SecurityFilters {
  /** Of requests: tokens are verified before policies look at them. */
  readonly http: readonly HttpFilterConfig[];
  /** Of connections whose bytes nobody looks at. */
  readonly tcp: readonly RbacFilterConfig[];
}

/** For each proxy of a mesh once: all of its listeners share them, compiled. */
const known = new WeakMap<MeshSnapshot, WeakMap<ProxyNode, SecurityFilters>>();

/** The filters of everything that arrives at a proxy: RequestAuthentication, then AuthorizationPolicy. */
export function securityFilters(mesh: MeshSnapshot, node: ProxyNode): SecurityFilters {
  let ofMesh = known.get(mesh);
  if (!ofMesh) {
    ofMesh = new WeakMap();
    known.set(mesh, ofMesh);
  }
  let filters = ofMesh.get(node);
  if (!filters) {
    const rbac = rbacFilters(mesh, node);
    filters = { http: [...jwtFilters(mesh, node), ...rbac], tcp: rbac };
    ofMesh.set(node, filters);
  }
  return filters;
}
