#!/bin/bash
# Takes Bookinfo out of a namespace: its routes first, then its services and workloads.
# NAMESPACE=<name> answers the question in advance; no answer means "default".
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
namespace=${NAMESPACE-}
if [ -z "${namespace}" ]; then
  read -r -p "namespace ? [default] " namespace || true
fi
namespace=${namespace:-default}

routes="destinationrules virtualservices gateways.networking.istio.io"
api_resources=$(kubectl api-resources -o name 2>/dev/null)
if echo "${api_resources}" | grep -q '^httproutes.gateway.networking.k8s.io$'; then
  routes="${routes} httproutes.gateway.networking.k8s.io gateways.gateway.networking.k8s.io"
fi

echo "using namespace ${namespace}"
for kind in ${routes}; do
  for object in $(kubectl get -n "${namespace}" "${kind}" -o name 2>/dev/null); do
    kubectl delete -n "${namespace}" "${object}"
  done
done

if kubectl get -n "${namespace}" service productpage >/dev/null 2>&1; then
  kubectl delete -n "${namespace}" --ignore-not-found=true -f "${here}/bookinfo.yaml"
fi
echo "Application cleanup successful"
