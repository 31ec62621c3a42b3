#!/usr/bin/env bash
# Small files that cost too much once: each compiles within SECONDS of processor time.
#
#   tests/e2e/test_hostile.sh BUILD [DIRECTORY]
set -u
build=$1 data=${2:-../shared/data/hostile} seconds=${SECONDS_EACH:-15} status=0 files=0
[ -d "$data" ] || { echo "skip hostile: no $data here"; exit 77; }
mkdir -p "$build/test"
for f in "$data"/*.onnx; do
    files=$((files + 1))
    (ulimit -t "$seconds" && "$build/weft" compile "$f" -o "$build/test/hostile.weft") >"$build/test/hostile.log" 2>&1 ||
        { echo "FAIL hostile: $f in $seconds s: $(tail -n 1 "$build/test/hostile.log"); replay: time $build/weft compile $f"; status=1; }
done
[ $status -eq 0 ] && echo "ok hostile: $files files compiled in $seconds s each at most"
exit $status
