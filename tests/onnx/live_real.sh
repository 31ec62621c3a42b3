#!/usr/bin/env bash
# Random networks with float32 in their midst or at their ends, by ONNX Runtime at this moment and by weft: real_networks.py.
#
#   tests/onnx/live_real.sh BUILD [COUNT [SEED [KIND..]]]      COUNT networks of each kind, or of those; PYTHON=python3
#
# Exit status 77 where PYTHON has no onnx and onnxruntime (pip install onnx onnxruntime).
set -u
build=$1 count=${2:-6} seed=${3:-${SEED:-1}}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
said=$(PYTHONDONTWRITEBYTECODE=1 nice "${PYTHON:-python3}" tests/onnx/real_networks.py "$build/weft" "$dir" "$count" "$seed" "${@:4}" 2>"$dir/log")
code=$?
[ $code = 77 ] && { echo "$said" | tail -n 1; exit 77; }
if [ $code != 0 ]; then
    echo "$said"
    tail -n 5 "$dir/log"
    echo "FAIL live_real: replay: KIND and number of a line above with its seed: tests/onnx/real_networks.py"
    exit 1
fi
echo "ok live_real: $said, seed $seed"
