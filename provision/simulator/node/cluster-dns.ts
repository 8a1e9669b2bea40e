/** The address of Service kube-dns: what pods' resolv.conf names, as the kubelet's clusterDNS setting does. */
export const CLUSTER_DNS_IP = '10.96.0.10';
