#!/bin/sh
# Replaces every pod of Sigap, a few at a time, and waits until all are new, for 15 minutes at most for each workload:
#
#   deploy/k8s/restart.sh
set -eu

kubectl -n sigap rollout restart deployment,statefulset -l app.kubernetes.io/part-of=sigap
kubectl -n sigap rollout status deployment,statefulset -l app.kubernetes.io/part-of=sigap --timeout=15m
