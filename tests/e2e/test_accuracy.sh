#!/usr/bin/env bash
# MLPerf Tiny on its official inputs, all samples: the accuracies its reference reports (IC 86.5 %, KWS 90.1 %, VWW
# 85.4 %; thresholds 85, 90 and 80), on the C model or any other device.
#
#     tests/e2e/test_accuracy.sh WEFT [VIA] [SAMPLES]      data: ../shared/data or $WEFT_DATA; skipped without it
set -u
weft=$1 via=${2:-ref:} samples=${3:-0}
data=${WEFT_DATA:-../shared/data}/mlperf_tiny
[ -d "$data" ] || { echo "skipped: no $data"; exit 77; }
failures=0 said=

accuracy() { # name, right answers of all samples, model, set, options...
    local name=$1 right=$2 model=$data/$3 set=$data/data/$4 got
    shift 4
    got=$("$weft" eval "$model" --data "$set.bin" --labels "${set}_labels.csv" --via "$via" -n "$samples" --json "$@" | tr -d "\n") || failures=$((failures + 1))
    if [ "$samples" = 0 ] && ! echo "$got" | grep -q "\"right\":$right,"; then
        echo "FAIL accuracy: $name: want $right right answers, got $got"
        failures=$((failures + 1))
    fi
    said="$said $name $(echo "$got" | sed 's/.*"percent":\([0-9.]*\).*/\1/') %"
}

accuracy IC 173 models/pretrainedResnet_quant.tflite ic01 --pixels
accuracy KWS 901 models/kws_ref_model.tflite kws01
accuracy VWW 854 models/vww_96_int8.tflite vww01 --pixels
accuracy IC-ONNX 173 onnx_qdq/resnet8_qdq.onnx ic01 --pixels
accuracy KWS-ONNX 902 onnx_qdq/kws_dscnn_qdq.onnx kws01 --mean 83 --std 1.710323

# Back to back, every byte over the link of the simulated chip: at most 3 % more than the runs alone.
turn=$("$weft" eval "$data/models/pretrainedResnet_quant.tflite" --data "$data/data/ic01.bin" --labels "$data/data/ic01_labels.csv" \
    --pixels --via sim:link -n 12 --json | tr -d '\n')
number() { echo "$turn" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }
if [ $(($(number turn_cycles_per_image) * 100)) -gt $(($(number cycles_per_image) * 103)) ]; then
    echo "FAIL accuracy: streaming over the link: $turn"
    failures=$((failures + 1))
fi
said="$said; IC over sim:link $(number turn_cycles_per_image) cycles from image to image, $(number cycles_per_image) of them running"

# What is refused, before anything runs.
refuse() { # text, options...
    local text=$1
    shift
    "$weft" eval "$data/models/kws_ref_model.tflite" --via "$via" "$@" 2>&1 >/dev/null | grep -qF -- "$text" && return
    echo "FAIL accuracy: not refused with \"$text\": $*"
    failures=$((failures + 1))
}
refuse "are not a number of samples of 490 bytes" --data "$data/data/ic01.bin" --labels "$data/data/ic01_labels.csv"
refuse "labels for 1000 samples" --data "$data/data/kws01.bin" --labels "$data/data/ic01_labels.csv"
refuse "does not end in a label" --data "$data/data/kws01.bin" --labels "$0"
refuse "--labels FILE.csv is missing" --data "$data/data/kws01.bin"

[ $failures = 0 ] || { echo "FAIL accuracy: $via, $failures failures"; exit 1; }
echo "ok accuracy: MLPerf Tiny, $via,$said"
