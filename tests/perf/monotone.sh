#!/usr/bin/env bash
# A larger feature buffer never gives a larger prediction: networks of weft zoo and LeNet-5 on three
# arrays, with buffers that double from the smallest that is enough.
#
#     tests/perf/monotone.sh WEFT
set -u
weft=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0 points=0

"$weft" zoo resnet50 --size 64 --width 25 --classes 10 -o "$dir/resnet50.onnx" || exit 1
"$weft" zoo mobilenet_v2 --size 96 --width 35 --classes 10 -o "$dir/mobilenet_v2.onnx" || exit 1
"$weft" zoo mobilenet_v1 -o "$dir/mobilenet_v1.onnx" || exit 1
cp "$root/models/nets/lenet5/lenet5_int8.onnx" "$dir/lenet5.onnx"

for net in "$dir"/*.onnx; do
    for shape in 8x8 16x16 32x32; do
        "$weft" sweep "$net" --shapes $shape --fb-words 64,128,256,512,1024,2048,4096 --mem-bytes 16 --json >"$dir/points" ||
            failures=$((failures + 1))
        grep -o '"fb_words":[0-9]*\|"predicted_cycles":[0-9a-z]*' "$dir/points" | tr -d '"' | tr ':' ' ' |
            awk -v what="$(basename "$net" .onnx) $shape" '
                $1 == "fb_words" { words = $2 }
                $1 == "predicted_cycles" && $2 != "null" { n++
                    if (n > 1 && $2 > cycles) { bad = 1; printf "FAIL monotone: %s takes %d cycles with %d words, %d with half\n", what, $2, words, cycles }
                    cycles = $2 }
                END { if (!bad && n < 3) { bad = 1; printf "FAIL monotone: %s: %d points\n", what, n }; print n >"'"$dir/n"'"; exit bad }' ||
            failures=$((failures + 1))
        points=$((points + $(cat "$dir/n")))
    done
done
[ $failures = 0 ] || exit 1
echo "ok monotone: 4 networks on 3 arrays, $points buffers, none slower than half of it"
