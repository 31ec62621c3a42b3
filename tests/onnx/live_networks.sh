#!/usr/bin/env bash
# Networks of the well-known kinds as ONNX Runtime quantises them at this moment, operator by operator against it.
#
#   tests/onnx/live_networks.sh BUILD      SEED=1 COUNT=1 of each kind; PYTHON=python3; KEEP=DIRECTORY keeps them;
#                                          LEAST=0 networks that must be equal, so that no other may be refused
#
# Exit status 77 where PYTHON has no onnx and onnxruntime (pip install onnx onnxruntime sympy).
set -u
build=$1
dir=${KEEP:-$(mktemp -d)} || exit 1
[ -n "${KEEP:-}" ] && mkdir -p "$dir" || trap 'rm -rf "$dir"' EXIT
export PYTHONDONTWRITEBYTECODE=1
said=$("${PYTHON:-python3}" tests/onnx/live_networks.py "$dir" "${COUNT:-1}" "${SEED:-1}" 2>"$dir/log")
code=$?
if [ $code != 0 ]; then
    echo "$said" | tail -n 1
    [ $code = 77 ] || { tail -n 5 "$dir/log"; echo "FAIL live_networks: the networks cannot be made"; }
    exit $code
fi
# What ONNX Runtime leaves in float32 between int8 operators is refused; so is ConvTranspose, which has no QOperator.
float='is not quantised: put QuantizeLinear and DequantizeLinear between
its weights must be constant int8 or uint8 behind DequantizeLinear'
failed=0 refused=0
while read -r name how; do
    if ! "$build/tests/onnx/test_onnx_networks" --write "$dir" "$name" "$dir/$name.onnx" >"$dir/$name.log" 2>&1; then
        grep -qF "$float" "$dir/$name.log" && { refused=$((refused + 1)); echo "   refused $name: $(sed -n '1s/^.*test_onnx_networks.c:[0-9]*: //p' "$dir/$name.log")"; continue; }
        echo "FAIL live_networks: $name ($how): $(head -n 1 "$dir/$name.log")"
        failed=1
    fi
    timeout 60 "$build/weft" compare "$dir/$name.onnx" -n 1 >"$dir/$name.log" 2>&1 ||
        { echo "FAIL live_networks: $name ($how): $(tail -n 1 "$dir/$name.log")"; failed=1; }
done <<<"$said"
"${PYTHON:-python3}" tests/onnx/check_networks_ort.py "$dir" >"$dir/log" || failed=1
grep -v "the levels differ\|other names" "$dir/log"
equal=$(($(wc -l <<<"$said") - refused))
[ "$equal" -ge "${LEAST:-0}" ] || { echo "FAIL live_networks: $equal networks are equal, $LEAST were"; failed=1; }
[ $failed = 0 ] && echo "ok live_networks: $(wc -l <<<"$said") networks by ONNX Runtime's quantize_static, $refused of them refused for float32 in the midst, seed ${SEED:-1}" ||
    { echo "$said"; exit 1; }
