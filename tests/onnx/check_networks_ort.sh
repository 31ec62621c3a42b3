#!/usr/bin/env bash
# Whole networks operator by operator against ONNX Runtime at this moment.
#
#   tests/onnx/check_networks_ort.sh BUILD [RECORDED]      PYTHON=python3; RECORDED is written if all is equal
#
# Exit status 77 where PYTHON has no onnx and onnxruntime (pip install onnx onnxruntime), or there is no data.
set -u
build=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
said=$("$build/tests/onnx/test_onnx_networks" --write "$dir")
code=$?
[ $code = 0 ] || { echo "$said"; exit $code; }
PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" tests/onnx/check_networks_ort.py "$dir" ${2:+"$2"}
