import { SHELL_FILE, SHELL_TEXT } from './shell-command.ts';

/** The box's own files under /etc, by name. */
export const ETC: Readonly<Record<string, string>> = {
  [SHELL_FILE]: SHELL_TEXT,
  passwd: 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
  group: 'root:x:0:\nnogroup:x:65534:\n',
  // The nodes of the simulated cluster have names here, as on the machines that the shell looks like.
  hosts: '127.0.0.1 localhost\n172.30.1.2 controlplane\n172.30.2.2 node01\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  // Of a shell that looks names up as pods do (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
  'dns.nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'dns.resolv.conf':
    'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 timeout:1 attempts:2\n',
  // As on a node: names of the cluster resolve in its pods, not in this shell.
  'resolv.conf': 'options timeout:1 attempts:1\n',
};
