#!/usr/bin/env bash
# weft quantize on real networks: the trained LeNet-5 of ../shared/data keeps its accuracy under every method, the same
# file comes out twice, all ways to give samples work, and random networks and topologies without weights compile and run.
#
#     tests/e2e/test_quantize.sh BUILD [NETWORK...]     of data/onnx_light; data: ../shared/data or $WEFT_DATA; skipped
#                                                       without it.  PYTHON= says which has onnxruntime, to compare with
set -u
build=$1 weft=$1/weft out=$1/test/quantize data=${WEFT_DATA:-../shared/data}
shift
float=$data/onnx/lenet5_float.onnx pixels="--mean 0.1307 --std 0.3081"
[ -f "$float" ] || { echo "skipped: no $float"; exit 77; }
mkdir -p "$out"
failures=0 said=

fail() {
    echo "FAIL quantize: $*"
    failures=$((failures + 1))
}

lenet() { # name, digits, at least right, options...
    local name=$1 digits=$2 least=$3 right
    shift 3
    "$weft" quantize "$float" -o "$out/lenet.onnx" --at-least 28 "$@" >"$out/lenet.txt" || fail "$name"
    right=$("$weft" eval "$out/lenet.onnx" --data "$data/mnist" -n "$digits" $pixels --predictions "$out/lenet.pred" | sed -n 's/ of .* right.*//p')
    [ "${right:-0}" -ge "$least" ] || fail "$name: $right of $digits right"
    said="$said $name $right of $digits,"
}

lenet minmax 10000 9795 --calibrate "$data/mnist" $pixels
cp "$out/lenet.onnx" "$out/first.onnx"
python=${PYTHON:-python3}
"$python" tests/onnx/check_quantize_ort.py "$out/lenet.onnx" "$data/mnist" "$out/lenet.pred" 0.1307 0.3081 >"$out/ort.txt" 2>&1
case $? in
0) said="$said equal in ONNX Runtime ($(grep -c 'is a tie' "$out/ort.txt") ties)," ;;
77) said="$said no ONNX Runtime here," ;;
*) fail "ONNX Runtime: $(tail -n 1 "$out/ort.txt")" ;;
esac
lenet again 1000 970 --calibrate "$data/mnist" $pixels
cmp -s "$out/lenet.onnx" "$out/first.onnx" || fail "two runs, two files"
lenet percentile 1000 970 --calibrate "$data/mnist" $pixels --method percentile
lenet mse 1000 970 --calibrate "$data/mnist" $pixels --method mse
lenet uint8 1000 970 --calibrate "$data/mnist" $pixels --activations uint8
lenet reduced 1000 970 --calibrate "$data/mnist" $pixels --reduce-range

# The same 4 samples of float32, plain and as .npy, give the same network.
head -c $((4 * 784 * 4)) /dev/zero | tr '\0' '\77' >"$out/samples.raw"
{
    printf '\223NUMPY\1\0v\0'
    printf "%-117s\n" "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1, 28, 28), }"
    cat "$out/samples.raw"
} >"$out/samples.npy"
for kind in raw npy; do
    "$weft" quantize "$float" --calibrate "$out/samples.$kind" -o "$out/$kind.onnx" --json >"$out/$kind.json" || fail "$kind"
done
cmp -s "$out/raw.onnx" "$out/npy.onnx" || fail ".npy and plain float32 differ"
grep -q '"samples":4' "$out/npy.json" || fail "--json: $(head -c 200 "$out/npy.json")"

# Random networks: reference, C model and the simulated chip give the same bytes.
rm -rf "$out/random" && mkdir -p "$out/random"
N=60 "$build/tests/quantize/test_quantize" "$out/random" keep >"$out/random.txt" || fail "$(tail -n 1 "$out/random.txt")"
for i in $(seq 0 59); do
    via=ref:
    [ "$i" -ge 15 ] || via=sim:
    "$weft" compare "$out/random/quantised$i" -n 1 --via $via >"$out/random.txt" 2>&1 || fail "network $i on $via: $(tail -n 1 "$out/random.txt")"
done
said="$said 60 random networks,"

for name in "$@"; do
    "$weft" quantize "$data/onnx_light/light_$name.onnx" --calibrate random:1 --weights random:1 --samples 1 --at-least 20 \
        -o "$out/$name.onnx" >"$out/$name.txt" || fail "$name"
    "$weft" compare "$out/$name.onnx" -n 1 >>"$out/$name.txt" || fail "$name: reference and C model differ"
    said="$said $name,"
    rm -f "$out/$name.onnx"
done

refuse() { # exit status, text, options...
    local want=$1 text=$2 got
    shift 2
    "$weft" quantize "$float" "$@" >"$out/refused.txt" 2>&1
    got=$?
    [ $got = "$want" ] && grep -qF -- "$text" "$out/refused.txt" && return
    fail "status $got, not $want with \"$text\": $(cat "$out/refused.txt")"
}
refuse 2 "--calibrate DATA is missing" -o "$out/x.onnx"
refuse 2 "-o OUT.onnx is missing" --calibrate random:1
refuse 2 "--method is minmax" --calibrate random:1 -o "$out/x.onnx" --method best
refuse 2 "random: needs a seed" --calibrate random:x -o "$out/x.onnx"
refuse 2 "--weights needs a seed" --calibrate random:1 --weights 7 -o "$out/x.onnx"
refuse 3 "no MNIST images" --calibrate "$out" -o "$out/x.onnx"
refuse 3 "no multiple of a sample" --calibrate "$0" -o "$out/x.onnx"
float=$out/lenet.onnx
refuse 3 "quantised already" --calibrate random:1 -o "$out/x.onnx"
float=$data/onnx/lenet5_float.onnx
refuse 1 "dB, less than" --calibrate random:1 -o "$out/x.onnx" --at-least 90

[ $failures = 0 ] || { echo "FAIL quantize: $failures failures"; exit 1; }
echo "ok quantize:${said%,}"
