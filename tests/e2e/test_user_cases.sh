#!/usr/bin/env bash
# Networks as other quantisers write them: each compiles and is, layer by layer, like the reference on ref:, or is
# refused with the sentence that user_cases.list expects.  A float network is quantised first, as the sentence says.
#
#   tests/e2e/test_user_cases.sh BUILD [DIRECTORY]
set -u
build=$1 data=${2:-../shared/data/user_cases} list=$(dirname "$0")/user_cases.list
to=$build/test/user_cases
[ -d "$data" ] || { echo "skip user_cases: no $data here"; exit 77; }
mkdir -p "$to"
runs=0 refused=0 status=0

fail() {
    echo "FAIL user_cases: $*; replay: $build/weft compile -v $data/$name"
    status=1
}

known=$(grep -v '^#' "$list" | awk '{print $1}' | sort)
there=$(cd "$data" && ls | grep -E '\.(onnx|tflite)$' | sort)
[ "$known" = "$there" ] || { name=; fail "the list and $data name other files"; diff <(echo "$known") <(echo "$there"); }
while read -r name outcome words; do
    [ -f "$data/$name" ] || continue
    timeout -s KILL 60 "$build/weft" compile -v "$data/$name" -o "$to/out.weft" >"$to/log" 2>&1
    rc=$?
    if [ "$outcome" = runs ]; then
        runs=$((runs + 1))
        [ $rc -eq 0 ] || { fail "$name is refused: $(tail -n 1 "$to/log")"; continue; }
        timeout -s KILL 60 "$build/weft" compare "$data/$name" --via ref: -n 3 >"$to/log" 2>&1 ||
            fail "$name differs: $(tail -n 1 "$to/log")"
    else
        refused=$((refused + 1))
        { [ $rc -eq 3 ] && grep -qF "$words" "$to/log"; } || fail "$name: status $rc: $(tail -n 1 "$to/log"); the list has: $words"
    fi
done < <(grep -v '^#' "$list")
# What `weft quantize` takes, `weft compile` takes of it.
name=float_torch_attributes.onnx
if "$build/weft" quantize "$data/$name" -o "$to/q.onnx" --calibrate random:1 --samples 2 >"$to/log" 2>&1; then
    "$build/weft" compile "$to/q.onnx" -o "$to/out.weft" >"$to/log" 2>&1 || fail "quantised: $(tail -n 1 "$to/log")"
else
    fail "is not quantised: $(tail -n 1 "$to/log")"
fi
[ $status -eq 0 ] && echo "ok user_cases: $runs files run like the reference, $refused refused as the list says"
exit $status
