#!/usr/bin/env bash
# Fresh random networks of many operators against TensorFlow Lite Micro, live.
#
#   tests/tflite/live_graphs.sh BUILD      PYTHON= says which has tflite-micro; SEED=, N=
set -u
out=$1/test/live_graphs
rm -rf "$out"
mkdir -p "$out"
"${PYTHON:-python3}" tests/tflite/run_graphs.py "$out" check || exit $?
SEED=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')} N=${N:-200} "$1/tests/e2e/rand_tflite" --write "$out" || exit 1
exec "${PYTHON:-python3}" tests/tflite/run_graphs.py "$out"
