#!/usr/bin/env bash
# Fresh random networks through `weft quantize` against ONNX Runtime, live.
#
#   tests/quantize/live_quantize.sh BUILD      PYTHON= says which has onnxruntime; SEED=, N=
set -u
out=$1/test/live_quantize
mkdir -p "$out" && rm -f "$out"/*[0-9]
"${PYTHON:-python3}" -c 'import numpy, onnx, onnxruntime' 2>/dev/null || { echo "skipped: no onnx or onnxruntime here"; exit 77; }
SEED=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')} N=${N:-100} "$1/tests/quantize/test_quantize" "$out" keep || exit 1
exec "${PYTHON:-python3}" tests/quantize/live_quantize.py "$out"
