#!/usr/bin/env bash
# Run fuzz targets one beside the other and say what came of it.
#
#   tests/fuzz.sh BUILD SECONDS MODELS TARGET...     TARGET: models/fuzz_onnx ..., built with libFuzzer under BUILD/tests;
#                                                    MODELS: a directory of real models as seeds, or ""
#
# A run that takes a minute counts as a hang: all targets share the cores, at the least priority.
# Seeds go into BUILD/corpus/NAME and grow there from run to run; findings go into BUILD/found.  A line per target;
# exit status 1 if any found something.
set -u
build=$1 seconds=$2 models=$3
shift 3
mkdir -p "$build/found"
status=0

seeds() { # name: files to begin with
    case $1 in
    fuzz_onnx) [ -z "$models" ] || find -L "$models" -name '*.onnx' -size -64k; ls tests/models/corpus_onnx/* tests/onnx/cases/*/model.onnx ;;
    fuzz_tflite) [ -z "$models" ] || find -L "$models" -name '*.tflite' -size -120k ;;
    fuzz_compile) [ -z "$models" ] || find -L "$models" \( -name "*.onnx" -size -24k -o -name "*.tflite" -size -24k \); ls tests/models/corpus_compile/* tests/models/corpus_onnx/* tests/onnx/cases/*/model.onnx ;;
    *) ls tests/*/corpus_"${1#fuzz_}"/* ;;
    esac 2>/dev/null
}

for target in "$@"; do
    name=${target##*/} corpus=$build/corpus/${target##*/}
    mkdir -p "$corpus"
    seeds "$name" | while read -r f; do cp -n "$f" "$corpus/$(echo "$f" | md5sum | cut -c1-12)"; done
    under=
    leaks=
    case $target in usb/*) under=umockdev-wrapper leaks=suppressions=tests/usb/leaks.txt ;; esac
    LSAN_OPTIONS=$leaks nice -n 19 $under "$build/tests/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=3000 -max_len=120000 -print_final_stats=1 \
        -artifact_prefix="$build/found/$name-" "$corpus" >"$build/$name.log" 2>&1 &
done
wait
for target in "$@"; do
    name=${target##*/}
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log")
    peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$build/$name.log")
    if grep -q '^SUMMARY' "$build/$name.log" || [ -z "$runs" ]; then
        echo "FAIL $name: $(grep -m1 -E '^SUMMARY|ERROR' "$build/$name.log"); see $build/$name.log"
        status=1
    else
        echo "ok $name: $runs runs in $seconds s, at most $peak MB, no finding"
    fi
done
exit $status
