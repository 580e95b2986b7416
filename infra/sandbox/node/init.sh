#!/bin/bash
# First process of an instance, started in new namespaces. It gives the instance a root of its own and goes on as
# services.sh.
set -eu
. "$SOURCES/host/root.sh"
mkdir -p opt/kube opt/sandbox opt/node
# The binary beside the folder of links must be visible too.
read_only "$(dirname "$(readlink -f "$KUBE/kubelet")")" opt/kube
for program in "$KUBE"/*; do program=${program##*/}; mkdir -p run/programs; ln -s /opt/kube/kube "run/programs/$program"; done
read_only "$SOURCES" opt/sandbox
touch opt/node/node
read_only "$NODE" opt/node/node
# The kubelet insists on these values, which belong to the whole machine: show it files that already hold them.
mkdir run/sysctl
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=run/sysctl/$(basename "${setting%%=*}")
  echo "${setting#*=}" > "$file"
  mount --bind "$file" "proc/sys/${setting%%=*}"
done
hostname sandbox
enter
exec bash /opt/sandbox/node/services.sh
