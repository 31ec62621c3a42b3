#!/usr/bin/env bash
# Functions of one number on all 256 bytes, by ONNX Runtime at this moment, through test_functions.
#
#   tests/onnx/check_functions_ort.sh BUILD [COUNT [SEED]]   COUNT quantisations of each function; PYTHON=python3
#
# Exit status 77 where PYTHON has no onnx and onnxruntime (pip install onnx onnxruntime).
set -u
build=$1 count=${2:-20} seed=${3:-${SEED:-1}}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" tests/onnx/ort_functions.py "$count" "$seed" >"$dir/cases" 2>"$dir/log"
code=$?
if [ $code = 77 ]; then
    echo "skip ort_functions: PYTHON has no numpy, onnx or onnxruntime"
    exit 77
elif [ $code != 0 ]; then
    tail -n 5 "$dir/log"
    echo "FAIL ort_functions: the cases cannot be made"
    exit 1
fi
LEAST=$((45 * count + 48)) "$build/tests/onnx/test_functions" "$dir/cases" || exit 1
echo "   $(tail -n 1 "$dir/log"), seed $seed"
