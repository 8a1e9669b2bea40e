import { CONTROLLER_ROLES } from '../bootstrap/controller-roles.ts';
import type { User } from '../rest/context.ts';
import { AUTHENTICATED, serviceAccountUser } from './authenticate.ts';

/** Accounts of control loops whose events come under another name. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  controllermanager: 'disruption-controller',
  'daemonset-controller': 'daemon-set-controller',
  'endpoint-slice-controller': 'endpointslice-controller',
  'endpoint-slice-mirroring-controller': 'endpointslicemirroring-controller',
  'garbage-collector-controller': 'generic-garbage-collector',
  'persistentvolume-controller': 'persistent-volume-binder',
  'pod-garbage-collector-controller': 'pod-garbage-collector',
  'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher',
  'serviceaccount-controller': 'service-account-controller',
  'taint-eviction-controller': 'node-controller',
};
const USERS: Readonly<Record<string, User>> = {
  'default-scheduler': { name: 'system:kube-scheduler', groups: [AUTHENTICATED] },
  kubelet: { name: 'system:node:node01', groups: ['system:nodes', AUTHENTICATED] },
};

/** As whom a part of the cluster speaks to the API server, for webhooks and policies: the user that kubeadm gives it. */
export function componentUser(name: string): User {
  const account = ACCOUNTS[name] ?? name;
  if (CONTROLLER_ROLES[account]) return serviceAccountUser('kube-system', account);
  return USERS[name] ?? { name, groups: [AUTHENTICATED] };
}
