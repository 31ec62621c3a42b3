#!/usr/bin/env bash
# Fresh random networks of one operator against LiteRT's reference kernels, live: uint8, int4, dead channels.
#
#   tests/tflite/live_litert.sh BUILD      PYTHON= says which has ai-edge-litert and tflite-micro; SEED=, N=
set -u
out=$1/test/live_litert_cases.bin
mkdir -p "$1/test"
"${PYTHON:-python3}" tests/tflite/litert_cases.py "$out" "${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}" "${N:-620}" || exit $?
exec "$1/tests/tflite/test_tflm_cases" "$out"
