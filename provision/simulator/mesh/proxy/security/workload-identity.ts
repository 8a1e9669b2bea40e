import type { WorkloadMetadata } from '../../../net/network.ts';
import { identityOf } from '../../pilot/registry/workload.ts';

/**
 * Who a proxy is to others of the mesh. Its trust domain is the one that the mesh had when istiod first signed, whatever the pod's
 * environment says; a mesh that changes its own reaches workloads when they are started again
 * (https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/).
 */
export class WorkloadIdentity {
  readonly workload: WorkloadMetadata;
  #name: string;
  #signedDomain: string | undefined;

  constructor(workload: WorkloadMetadata) {
    const domain = () => this.#signedDomain ?? workload.trustDomain ?? 'cluster.local';
    this.workload = {
      ...workload,
      get trustDomain() {
        return domain();
      },
    };
    this.#name = identityOf(this.workload);
  }

  /** `spiffe://cluster.local/ns/default/sa/bookinfo-reviews` */
  get name(): string {
    return this.#name;
  }

  /** Notes the mesh's trust domain; only the first one counts. */
  sign(trustDomain: string | undefined): void {
    if (this.#signedDomain !== undefined || trustDomain === undefined) return;
    this.#signedDomain = trustDomain;
    this.#name = identityOf(this.workload);
  }
}
