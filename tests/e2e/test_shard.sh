#!/usr/bin/env bash
# Parts of an eval and of a sweep, merged, are the whole; gaps, duplicates, mixtures and cut files are refused; a part that was killed is
# run again.
#
#     tests/e2e/test_shard.sh WEFT MODEL.onnx
set -u
suite=shard
weft=$1 model=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. tests/e2e/want.sh

# 23 samples of bytes that a generator makes; labels 0 to 9.
awk 'BEGIN { x = 7; for (i = 0; i < 23 * 784; i++) { x = (x * 1103515245 + 12345) % 2147483648; printf "%c", 1 + x / 65536 % 120 } }' >"$dir/data"
[ "$(wc -c <"$dir/data")" = $((23 * 784)) ] || LC_ALL=C awk 'BEGIN { for (i = 0; i < 23 * 784; i++) printf "%c", 1 + i * 31 % 120 }' >"$dir/data"
for i in $(seq 23); do echo $((i % 10)); done >"$dir/labels.csv"
eval=(eval "$model" --data "$dir/data" --labels "$dir/labels.csv")
want 0 "of 23 right" "$weft" "${eval[@]}" --predictions "$dir/whole"
head -n 1 "$dir/out" >"$dir/line"
for n in 1 4 23 30; do
    rm -f "$dir"/r*.json
    for i in $(seq $n); do want 0 "" "$weft" "${eval[@]}" --shard $i/$n --json -o "$dir/r$i.json"; done
    want 0 "of 23 right" "$weft" merge "$dir"/r*.json --predictions "$dir/merged"
    same "$dir/line" <(head -n 1 "$dir/out") "the line of $n parts"
    same "$dir/whole" "$dir/merged" "predictions of $n parts"
done
"$weft" "${eval[@]}" --shard 2/4 >"$dir/stdout.json" || fail "a part to standard output"
for i in 1 2 3 4; do want 0 "" "$weft" "${eval[@]}" --shard $i/4 -o "$dir/q$i.json"; done
same "$dir/stdout.json" "$dir/q2.json" "standard output and -o"
want 0 '"total":23' "$weft" merge "$dir"/q*.json --json
want 1 "fewer than" "$weft" merge "$dir"/q*.json --at-least 101
want 2 "1 are missing: 3" "$weft" merge "$dir"/q[124].json
want 2 "part 2 is there twice" "$weft" merge "$dir"/q*.json "$dir/stdout.json"
want 0 "" "$weft" eval "$model" --data "$dir/data" --labels "$dir/labels.csv" --pixels --shard 3/4 -o "$dir/other.json"
want 2 "different work: another network, data or options" "$weft" merge "$dir"/q[124].json "$dir/other.json"
want 2 "another number of parts" "$weft" merge "$dir"/q[124].json "$dir/r3.json"
sed -i '1s/1/2/' "$dir/labels.csv"
want 0 "" "$weft" "${eval[@]}" --shard 3/4 -o "$dir/other.json"
want 2 "different work" "$weft" merge "$dir"/q[124].json "$dir/other.json"
sed -i '1s/2/1/' "$dir/labels.csv"
for cut in 0 1 100 $(($(wc -c <"$dir/q3.json") - 20)); do
    head -c "$cut" "$dir/q3.json" >"$dir/cut.json"
    want 3 "" "$weft" merge "$dir"/q[124].json "$dir/cut.json"
done
want 2 "like 3/64" "$weft" "${eval[@]}" --shard 5/4
want 2 "like 3/64" "$weft" "${eval[@]}" --shard 0/4
want 2 "like 3/64" "$weft" "${eval[@]}" --shard x
want 2 "weft merge" "$weft" "${eval[@]}" --shard 1/4 --predictions "$dir/p"
want 2 "--shard" "$weft" "${eval[@]}" -o "$dir/p"
want 3 "no/such" "$weft" merge no/such

# A part that is killed leaves its old result, or none; run again, all is as in one run.
rm "$dir/q3.json"
"$weft" "${eval[@]}" --shard 3/4 -n 23 -o "$dir/q3.json" & pid=$!
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
[ ! -e "$dir/q3.json" ] || "$weft" merge "$dir"/q*.json >/dev/null || fail "a killed part left half a result"
want 0 "" "$weft" "${eval[@]}" --shard 3/4 -o "$dir/q3.json"
want 0 "of 23 right" "$weft" merge "$dir"/q*.json --predictions "$dir/merged"
same "$dir/whole" "$dir/merged" "predictions with a part that was killed"

# A sweep, text, JSON and page.
sweep=(sweep "$model" --shapes 4x4,8x8,16x16 --fb-words 512,1024)
want 0 "" "$weft" "${sweep[@]}" --html "$dir/whole.html"
cp "$dir/out" "$dir/whole.txt"
for i in 1 2 3 4; do want 0 "" "$weft" "${sweep[@]}" --shard $i/4 -o "$dir/part$i.json"; done
want 0 "" "$weft" merge "$dir"/part*.json --html "$dir/merged.html"
same "$dir/whole.txt" "$dir/out" "the table of a sweep"
same "$dir/whole.html" "$dir/merged.html" "the page of a sweep"
"$weft" "${sweep[@]}" --json >"$dir/whole.json"
"$weft" merge "$dir"/part*.json --json >"$dir/merged.json"
same "$dir/whole.json" "$dir/merged.json" "JSON of a sweep"
want 2 "another command" "$weft" merge "$dir/q1.json" "$dir/part2.json"
if [ "$failures" != 0 ]; then
    echo "FAIL shard: $failures of $checks checks; replay: tests/e2e/test_shard.sh $weft $model"
    exit 1
fi
echo "ok shard: parts of eval and sweep merged, refused, killed and run again, $checks checks"
