#!/bin/sh
# holder.sh: one learner's user, network and mount namespaces, held while standard input is open.
#   STAGE   folder on which the learner's tmpfs is mounted, inside the holder's own mount namespace
#   ETC     folder with the box's hosts file
#   HOMES   folders whose content each new home begins with, separated by colons
#   SIZE, INODES   of everything the learner may write
#   RANGES  addresses that are local to this box
# Prints "ready", reads the kubeconfig up to a line that says "end of kubeconfig", prints "filled".
# Runs under the learner's own host uid, never as root.
set -eu
exec unshare --user --map-root-user --net --mount -- /bin/sh -euc '
ip link set lo up
for range in $RANGES; do ip route add local "$range" dev lo; done
echo 0 0 > /proc/sys/net/ipv4/ping_group_range 2>/dev/null || :
mount -t tmpfs -o "size=$SIZE,nr_inodes=$INODES,mode=0755,nosuid,nodev" lab "$STAGE"
cd "$STAGE"
mkdir -m 700 home; mkdir -m 1777 tmp shm; mkdir run
cat "$ETC/hosts" > hosts
IFS=:
for home in $HOMES; do cp -R "$home/." home/; done
chmod -R u+w home; chmod 700 home
echo ready
umask 077
mkdir -p home/.kube
while IFS= read -r line && [ "$line" != "end of kubeconfig" ]; do printf "%s\n" "$line"; done > home/.kube/config
echo filled
exec cat >/dev/null'
