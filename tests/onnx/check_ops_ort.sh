#!/usr/bin/env bash
# Random cases of every operator, made by ONNX Runtime at this moment, through test_conformance.
#
#   tests/onnx/check_ops_ort.sh BUILD [COUNT [SEED [OPERATOR..]]]      COUNT cases of each operator, or of those; PYTHON=python3
#
# Exit status 77 where PYTHON has no onnx and onnxruntime (pip install onnx onnxruntime).
set -u
build=$1 count=${2:-6} seed=${3:-${SEED:-1}}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
made=$(PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" tests/onnx/make_ort_cases.py "$dir" "$count" "$seed" "${@:4}" 2>"$dir.log")
code=$?
if [ $code != 0 ]; then
    echo "$made" | tail -n 1
    [ $code = 77 ] || { tail -n 5 "$dir.log"; echo "FAIL ort_ops: the cases cannot be made"; }
    rm -f "$dir.log"
    exit $code
fi
rm -f "$dir.log"
"$build/tests/onnx/test_conformance" "$dir" || exit 1
echo "   $made, seed $seed"
