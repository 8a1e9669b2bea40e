import { SHELL_FILE, SHELL_TEXT } from './shell-command.ts';

/** The box's own files under /etc, by name. */
export const ETC: Readonly<Record<string, string>> = {
  [SHELL_FILE]: SHELL_TEXT,
  passwd: 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
  group: 'root:x:0:\nnogroup:x:65534:\n',
  // The nodes of the simulated cluster have names here, as on the machines that the shell looks like.
  hosts: '127.0.0.1 localhost\n172.30.1.2 controlplane\n172.30.2.2 node01\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  // As on a node: names of the cluster resolve in its pods, not in this shell.
  'resolv.conf': 'options timeout:1 attempts:1\n',
};
