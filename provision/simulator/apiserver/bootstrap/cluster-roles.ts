/** ClusterRoles that an API server of 1.34 makes for people and components (Kubernetes documentation, "Using RBAC Authorization", default roles). */
import { EVENTS } from './rule-text.ts';

const REPORT = [
  'create authentication.k8s.io tokenreviews',
  'create authorization.k8s.io subjectaccessreviews',
];
const INFO_PATHS = '/healthz,/livez,/readyz,/version,/version/';
const SIGNERS = 'certificates.k8s.io signers kubernetes.io';

/** Rules that `view` gathers; Secrets, roles and bindings are not among them. */
export const VIEW_RULES: readonly string[] = [
  'READ core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status',
  'READ core bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status',
  'READ core namespaces',
  'READ discovery.k8s.io endpointslices',
  'READ apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status',
  'READ autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status',
  'READ batch cronjobs,cronjobs/status,jobs,jobs/status',
  'READ extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale',
  'READ policy poddisruptionbudgets,poddisruptionbudgets/status',
  'READ networking.k8s.io ingresses,ingresses/status,networkpolicies',
];

/** Rules that `edit` gathers besides those of `view`. */
export const EDIT_RULES: readonly string[] = [
  'READ core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy',
  'impersonate core serviceaccounts',
  'WRITE core pods,pods/attach,pods/exec,pods/portforward,pods/proxy',
  'create core pods/eviction',
  'WRITE core configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
  'create core serviceaccounts/token',
  'WRITE apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale',
  'WRITE autoscaling horizontalpodautoscalers',
  'WRITE batch cronjobs,jobs',
  'WRITE extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale',
  'WRITE policy poddisruptionbudgets',
  'WRITE networking.k8s.io ingresses,networkpolicies',
  'ALL coordination.k8s.io leases',
];

/** Rules that `admin` gathers besides those of `edit`. */
export const ADMIN_RULES: readonly string[] = [
  'create authorization.k8s.io localsubjectaccessreviews',
  'ALL rbac.authorization.k8s.io rolebindings,roles',
];

/** All others, by name. */
export const CLUSTER_ROLES: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['* * *', '* *'],
  'system:auth-delegator': REPORT,
  'system:basic-user': [
    'create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews',
    'create authentication.k8s.io selfsubjectreviews',
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [
    'create certificates.k8s.io certificatesigningrequests/nodeclient',
  ],
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [
    'create certificates.k8s.io certificatesigningrequests/selfnodeclient',
  ],
  'system:certificates.k8s.io:kube-apiserver-client-approver': [
    `approve ${SIGNERS}/kube-apiserver-client`,
  ],
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': [
    `approve ${SIGNERS}/kube-apiserver-client-kubelet`,
  ],
  'system:certificates.k8s.io:kubelet-serving-approver': [`approve ${SIGNERS}/kubelet-serving`],
  'system:certificates.k8s.io:legacy-unknown-approver': [`approve ${SIGNERS}/legacy-unknown`],
  'system:discovery': [
    'get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/',
  ],
  'system:heapster': ['READ core events,namespaces,nodes,pods', 'READ extensions deployments'],
  'system:kube-aggregator': ['READ core endpoints,services'],
  'system:kube-controller-manager': [
    EVENTS,
    'create coordination.k8s.io leases',
    'get,update coordination.k8s.io leases kube-controller-manager',
    'create core secrets,serviceaccounts',
    'delete core secrets',
    'get core configmaps,namespaces,secrets,serviceaccounts',
    'update core secrets,serviceaccounts',
    ...REPORT,
    'list,watch * *',
    'create core serviceaccounts/token',
  ],
  'system:kube-dns': ['list,watch core endpoints,services'],
  'system:kube-scheduler': [
    EVENTS,
    'create coordination.k8s.io leases',
    'get,update coordination.k8s.io leases kube-scheduler',
    'READ core nodes',
    'delete,get,list,watch core pods',
    'create core bindings,pods/binding',
    'patch,update core pods/status',
    'READ core replicationcontrollers,services',
    'READ apps,extensions replicasets',
    'READ apps statefulsets',
    'READ policy poddisruptionbudgets',
    'READ core persistentvolumeclaims,persistentvolumes',
    ...REPORT,
    'READ storage.k8s.io csinodes',
    'READ core namespaces',
    'READ storage.k8s.io csidrivers',
    'READ storage.k8s.io csistoragecapacities',
    'READ storage.k8s.io volumeattachments',
  ],
  'system:kubelet-api-admin': [
    'READ core nodes',
    'proxy core nodes',
    '* core nodes/configz,nodes/healthz,nodes/log,nodes/metrics,nodes/pods,nodes/proxy,nodes/stats',
  ],
  'system:monitoring': [
    'get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*',
  ],
  'system:node': [
    'create authentication.k8s.io tokenreviews',
    'create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews',
    'READ core services',
    'create,get,list,watch core nodes',
    'patch,update core nodes/status',
    'patch,update core nodes',
    'create,patch,update core events',
    'READ core pods',
    'create,delete core pods',
    'patch,update core pods/status',
    'create core pods/eviction',
    'READ core configmaps,secrets',
    'get core persistentvolumeclaims,persistentvolumes',
    'get core endpoints',
    'create,get,list,watch certificates.k8s.io certificatesigningrequests',
    'create,delete,get,patch,update coordination.k8s.io leases',
    'get storage.k8s.io volumeattachments',
    'create core serviceaccounts/token',
    'get,patch,update core persistentvolumeclaims/status',
    'READ storage.k8s.io csidrivers',
    'create,delete,get,patch,update storage.k8s.io csinodes',
    'READ node.k8s.io runtimeclasses',
  ],
  'system:node-bootstrapper': [
    'create,get,list,watch certificates.k8s.io certificatesigningrequests',
  ],
  'system:node-problem-detector': ['get core nodes', 'patch core nodes/status', EVENTS],
  'system:node-proxier': [
    'list,watch core endpoints,services',
    'READ core nodes',
    EVENTS,
    'list,watch discovery.k8s.io endpointslices',
    'list,watch networking.k8s.io servicecidrs',
  ],
  'system:persistent-volume-provisioner': [
    'create,delete,get,list,watch core persistentvolumes',
    'get,list,update,watch core persistentvolumeclaims',
    'READ storage.k8s.io storageclasses',
    'watch core events',
    EVENTS,
  ],
  'system:public-info-viewer': [`get ${INFO_PATHS}`],
  'system:service-account-issuer-discovery': [
    'get /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/',
  ],
  'system:volume-scheduler': [
    'get,list,patch,update,watch core persistentvolumes',
    'READ storage.k8s.io storageclasses',
    'get,list,patch,update,watch core persistentvolumeclaims',
  ],
};

/** What kubeadm adds; without the labels of the API server's own. */
export const KUBEADM_CLUSTER_ROLES: Readonly<Record<string, readonly string[]>> = {
  'kubeadm:get-nodes': ['get core nodes'],
  'system:coredns': [
    'list,watch core endpoints,services,pods,namespaces',
    'list,watch discovery.k8s.io endpointslices',
  ],
};
