#!/bin/sh
# Asks for /hello until it is interrupted: GATEWAY_URL=host:port ./loadgen.sh
while true; do
  curl -s -o /dev/null "http://$GATEWAY_URL/hello"
done
