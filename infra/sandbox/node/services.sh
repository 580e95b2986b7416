#!/bin/bash
# Starts the node's programs, each under a supervisor of its own, and then only reaps what ends. Whether all is well is
# judged from outside (health.ts). The environment holds the addresses of this instance.
set -eu
export PATH=/run/programs:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
here=/opt/sandbox/node pki=/state/pki
run() { bash $here/supervise.sh "$@" & }
# The waits below end with the instance: `up` gives up on a boot that does not come through, and says where the logs are.
wait_for() { until "$@" > /dev/null 2>&1; do sleep 0.1; done; }

ip link set lo up
wait_for ip link show eth0
ip addr add "$NODE_IP/30" dev eth0
ip link set eth0 up
ip route add default via "$HOST_IP"
echo 1 > /proc/sys/net/ipv4/ip_forward
mkdir -p /run/cni /run/config /var/lib/kubelet /var/lib/volumes /var/log /var/tmp
mkdir -p -m 700 /var/lib/etcd

# Everything that speaks TLS asks for a client certificate; what cannot listens on the loopback of this namespace.
# Debian's etcd 3.4.23 does not tell on demand how far a watch has come (3.4.31 does), and by default only every ten minutes. Until
# it does, the API server's caches count as stale: a watch waits 3 s for them and ends with "Too large resource version", and a
# kubelet gives a ConfigMap 1 s. So etcd tells twice a second.
run etcd etcd --data-dir=/var/lib/etcd --listen-client-urls=https://127.0.0.1:2379 --advertise-client-urls=https://127.0.0.1:2379 \
  --listen-peer-urls=https://127.0.0.1:2380 --initial-advertise-peer-urls=https://127.0.0.1:2380 --initial-cluster=default=https://127.0.0.1:2380 \
  --cert-file=$pki/etcd.crt --key-file=$pki/etcd.key --client-cert-auth --trusted-ca-file=$pki/ca.crt \
  --peer-cert-file=$pki/etcd.crt --peer-key-file=$pki/etcd.key --peer-client-cert-auth --peer-trusted-ca-file=$pki/ca.crt \
  --logger=zap --log-level=warn --experimental-watch-progress-notify-interval=500ms
run kube-apiserver kube-apiserver --bind-address="$NODE_IP" --advertise-address="$NODE_IP" --secure-port=6443 \
  --etcd-servers=https://127.0.0.1:2379 --etcd-cafile=$pki/ca.crt --etcd-certfile=$pki/etcd.crt --etcd-keyfile=$pki/etcd.key \
  --tls-cert-file=$pki/apiserver.crt --tls-private-key-file=$pki/apiserver.key --client-ca-file=$pki/ca.crt --anonymous-auth=false \
  --kubelet-certificate-authority=$pki/ca.crt --kubelet-client-certificate=$pki/apiserver-kubelet-client.crt \
  --kubelet-client-key=$pki/apiserver-kubelet-client.key --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file=$pki/ca.crt --requestheader-allowed-names=front-proxy --requestheader-username-headers=X-Remote-User \
  --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
  --proxy-client-cert-file=$pki/front-proxy.crt --proxy-client-key-file=$pki/front-proxy.key \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=$pki/accounts.pub \
  --service-account-signing-key-file=$pki/accounts.key --service-cluster-ip-range="$SERVICES"

sed "s#@PAUSE@#$PAUSE_IMAGE#" $here/containerd.toml > /run/config/containerd.toml
sed "s#@PODS@#$PODS_OF_NODE#" $here/pods.conflist > /run/cni/10-pods.conflist
sed "s#@DNS@#$DNS_IP#; s#@NODE@#$NODE_IP#" $here/kubelet.yaml > /run/config/kubelet.yaml
sed "s#@PODS@#$PODS#" $here/kube-proxy.yaml > /run/config/kube-proxy.yaml
run containerd containerd -c /run/config/containerd.toml

wait_for kubectl --kubeconfig=$pki/admin.conf get --raw /readyz
# What an earlier boot left in etcd says Ready, for the node and for pods: not true until this kubelet says so.
# An API server that has just become ready may still be too busy for one of its requests.
until /opt/node/node $here/forget.ts $pki/admin.conf; do sleep 0.5; done
run kube-controller-manager kube-controller-manager --kubeconfig=$pki/controller-manager.conf --bind-address=127.0.0.1 \
  --authentication-kubeconfig=$pki/controller-manager.conf --authorization-kubeconfig=$pki/controller-manager.conf \
  --service-account-private-key-file=$pki/accounts.key --root-ca-file=$pki/ca.crt --use-service-account-credentials=true \
  --cluster-signing-cert-file=$pki/ca.crt --cluster-signing-key-file=$pki/ca.key \
  --allocate-node-cidrs=true --cluster-cidr="$PODS" --leader-elect=false
run kube-scheduler kube-scheduler --kubeconfig=$pki/scheduler.conf --bind-address=127.0.0.1 --leader-elect=false \
  --authentication-kubeconfig=$pki/scheduler.conf --authorization-kubeconfig=$pki/scheduler.conf
# What a killed enforcer said last is not to be taken for the word of the next.
run enforcer env KUBECONFIG=$pki/enforcer.conf NETPOL_RANGE="$PODS_OF_NODE" \
  sh -c 'rm -f /run/netpol/status.json; exec /opt/node/node /opt/sandbox/enforcer/main.ts'
# Closed before the first pod: the enforcer begins with a table that lets nothing through.
wait_for nft list table inet netpol
wait_for ctr version
run kubelet kubelet --config=/run/config/kubelet.yaml --kubeconfig=$pki/kubelet.conf --hostname-override=sandbox --node-ip="$NODE_IP"
run kube-proxy kube-proxy --config=/run/config/kube-proxy.yaml
while :; do wait || sleep 1; done
