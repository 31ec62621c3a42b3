#!/usr/bin/env bash
# Fresh random networks of one operator against TensorFlow Lite Micro, live; with TRUTH=litert against LiteRT.
#
#   tests/tflite/live_tflm.sh BUILD      PYTHON= says which has tflite-micro and ai-edge-litert; SEED=, N=, TRUTH=
set -u
out=$1/test/live_${TRUTH:-tflm}.bin
mkdir -p "$1/test"
"${PYTHON:-python3}" tests/tflite/tflm_cases.py "$out" "${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}" "${N:-960}" || exit $?
exec "$1/tests/tflite/test_tflm_cases" "$out" ${TRUTH:+"$TRUTH"}
