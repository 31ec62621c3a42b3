#!/usr/bin/env bash
# weft dump as text and as JSON, of programs with every kind of port and step: check_dump.c.
#
#     tests/e2e/test_dump.sh BUILD MODEL...
set -u
build=$1
shift
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
models=0 failures=0
for model; do
    "$build/weft" dump "$model" >"$dir/txt" 2>"$dir/log" || continue # one that is refused: other tests
    models=$((models + 1))
    "$build/weft" dump "$model" --json >"$dir/json" && "$build/tests/e2e/check_dump" "$dir/txt" "$dir/json" >"$dir/log" ||
        { failures=$((failures + 1)); echo "FAIL dump: $model"; head -n 6 "$dir/log"; }
    cat "$dir/txt" >>"$dir/all"
done
# What the models are to have between them.
for what in quantize dequantize ', softmax of' 'log-softmax of' 'argmax of' 'of equals' 'host step' ', constant' ' ...$' 'made in memory'; do
    grep -q -- "$what" "$dir/all" || { failures=$((failures + 1)); echo "FAIL dump: no model has \"$what\""; }
done
[ "$failures" = 0 ] && [ "$models" -ge 20 ] || { echo "FAIL dump: $failures failures, $models models"; exit 1; }
echo "ok dump: text and JSON of $models programs say the same"
