import type { Clock } from '../../clock.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { escalationPrevention } from '../auth/escalation.ts';
import type { ServedKinds } from '../served-kinds.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';
import { certificates } from './certificates.ts';
import { limitRanges } from './limit-range.ts';
import { namespaceLifecycle } from './namespace.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { priorities } from './priority.ts';
import { resourceQuotas } from './quota.ts';
import { runtimeClasses } from './runtime-class.ts';
import { serviceAccounts } from './service-account.ts';
import { serviceAddresses } from './services.ts';
import {
  claimResize,
  defaultIngressClass,
  defaultStorageClass,
  storageProtection,
} from './storage.ts';
import { nodeTaints, tolerationSeconds } from './tolerations.ts';
import { validatingAdmissionPolicies } from './validating-admission-policy/index.ts';
import { webhooks } from './webhooks/webhooks.ts';

/** What admission works with. */
export interface AdmissionSurroundings {
  readonly store: Store;
  readonly kinds: () => ServedKinds;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly network: () => NetworkInterface;
}

/** The plugins that kube-apiserver 1.34 has on by default, in its order (Kubernetes documentation, "Admission Control in Kubernetes"). */
export function admissionChain(surroundings: AdmissionSurroundings): readonly AdmissionPlugin[] {
  const { store, clock, random } = surroundings;
  return [
    namespaceLifecycle(store),
    limitRanges(store),
    serviceAccounts(store, random),
    nodeTaints,
    podSecurity(store),
    priorities(store),
    tolerationSeconds,
    defaultStorageClass(store),
    storageProtection,
    claimResize(store),
    runtimeClasses(store),
    certificates(store, clock),
    defaultIngressClass(store),
    serviceAddresses(store, random),
    validatingAdmissionPolicies(surroundings),
    webhooks(store, surroundings),
    escalationPrevention(store),
    resourceQuotas(store, clock),
  ];
}
