kubectl create -f - <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata:
  name: mesh-notes
data:
  data-plane: envoy
  control-plane: istiod
  pilot: istiod
  citadel: istiod
  galley: istiod
  mixer: envoy
EOF
