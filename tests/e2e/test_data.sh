#!/usr/bin/env bash
# Data as people have them: pictures, arrays, folders of classes, lists, labels with a header, names: one set of pictures in every
# form gives the same bytes.
#
#     tests/e2e/test_data.sh WEFT MODEL.onnx          MODEL: LeNet-5, 28 x 28, float32 that means 0..1
set -u
suite=data
weft=$1 model=$2
command -v python3 >/dev/null || { echo "skip data: no python3 here"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. tests/e2e/want.sh

python3 - "$dir" <<'P'
import os, random, struct, sys, zipfile
d = sys.argv[1]
random.seed(1)
SIDE = 28
def npy(kind, shape, data):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (kind, "".join("%d, " % n for n in shape))
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode() + data
def write(name, data):
    os.makedirs(os.path.dirname(os.path.join(d, name)) or d, exist_ok=True)
    open(os.path.join(d, name), "wb").write(data)
pictures = [bytes(min(255, max(0, int(128 + 100 * random.uniform(-1, 1) + 3 * (i % SIDE)))) for i in range(SIDE * SIDE)) for _ in range(6)]
labels = [1, 1, 5, 5, 5, 7]
for k, p in enumerate(pictures):
    pgm = b"P5\n28 28\n255\n" + p
    write("list/%d.pgm" % k, pgm)
    write("classes/c%d/%d.pgm" % (labels[k], k), pgm)
p = pictures[0]
write("one.raw", bytes(b ^ 0x80 for b in p))
write("one.pgm", b"P5\n28 28\n255\n" + p)
write("one.ppm", b"P6\n28 28\n255\n" + b"".join(bytes((b, b, b)) for b in p))
row = lambda y: b"".join(bytes((b, b, b)) for b in p[y * SIDE:(y + 1) * SIDE])
write("one.bmp", b"BM" + struct.pack("<IIIIiiHHIIiiII", 54 + 84 * SIDE, 0, 54, 40, SIDE, -SIDE, 1, 24, 0, 0, 0, 0, 0, 0) + b"".join(row(y) for y in range(SIDE)))
write("one.npy", npy("|u1", (SIDE, SIDE), p))
floats = struct.pack("<%df" % len(p), *(b / 255 for b in p))
write("floats.npy", npy("<f4", (1, 1, SIDE, SIDE), floats))
write("doubles.npy", npy("<f8", (1, 1, SIDE, SIDE), struct.pack("<%dd" % len(p), *(b / 255 for b in p))))
write("floats.raw", floats)
write("wrong.npy", npy("<f4", (SIDE, SIDE, 2), floats * 2))
write("shorts.npy", npy("<i2", (SIDE, SIDE), bytes(2 * len(p))))
write("all.npy", npy("|u1", (6, SIDE, SIDE), b"".join(pictures)))
write("labels.npy", npy("<i8", (6,), struct.pack("<6q", *labels)))
write("labels.csv", ("file,label\n" + "".join("%d.pgm,%d\n" % (k, l) for k, l in enumerate(labels))).encode())
write("words.csv", ("file,label\n" + "".join("%d.pgm,c%d\n" % (k, l) for k, l in enumerate(labels))).encode())
write("names.txt", "".join("c%d of ten\n" % i for i in range(10)).encode())
write("numbered.txt", "".join("%d  digit %d\n" % (i, i) for i in range(9, -1, -1)).encode())
write("smooth.raw", bytes((60 + 4 * (i % SIDE) + i // 100) % 256 for i in range(6 * SIDE * SIDE)))
with zipfile.ZipFile(os.path.join(d, "all.npz"), "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("x_train.npy", npy("|u1", (1, 2), b"no"))
    z.writestr("x_test.npy", npy("|u1", (6, SIDE, SIDE), b"".join(pictures)))
    z.writestr("y_test.npy", npy("|u1", (6,), bytes(labels)))
write("cal.npy", npy("<f4", (6, 1, SIDE, SIDE), b"".join(struct.pack("<%df" % len(q), *(b / 255 for b in q)) for q in pictures)))
write("last.npy", npy("<f4", (SIDE, SIDE, 6), b"".join(struct.pack("<%df" % len(q), *(b / 255 for b in q)) for q in pictures)))
P

# One picture in every form.
want 0 "" "$weft" run "$model" "$dir/one.raw" -o "$dir/want" --int8
for f in one.pgm one.ppm one.bmp; do
    want 0 "" "$weft" run "$model" "$dir/$f" -o "$dir/got" --int8
    same "$dir/want" "$dir/got" "$f"
done
want 0 "" "$weft" run "$model" "$dir/one.npy" --pixels -o "$dir/got" --int8
same "$dir/want" "$dir/got" one.npy
want 0 "" "$weft" run "$model" "$dir/floats.raw" -o "$dir/want_float" --int8
for f in floats.npy doubles.npy; do
    want 0 "" "$weft" run "$model" "$dir/$f" -o "$dir/got" --int8
    same "$dir/want_float" "$dir/got" "$f"
done
want 0 "" "$weft" run "$model" "$dir/one.pgm" --divide 255 -o "$dir/got" --int8
same "$dir/want_float" "$dir/got" "divided by 255"
want 0 "" "$weft" run "$model" "$dir/one.pgm" --mean 0 --std 255 -o "$dir/got" --int8
same "$dir/want_float" "$dir/got" "a deviation of 255"
want 2 "say --pixels" "$weft" run "$model" "$dir/one.npy"
want 3 "numpy.transpose" "$weft" run "$model" "$dir/wrong.npy"
want 2 "astype" "$weft" run "$model" "$dir/shorts.npy"
want 3 "run takes one" "$weft" run "$model" "$dir/all.npy" --pixels
want 2 "--mean is a number" "$weft" run "$model" "$dir/one.pgm" --mean a,b
want 2 "--fit is" "$weft" run "$model" "$dir/one.pgm" --fit 20

# What it says, in words.
want 0 "" "$weft" run "$model" "$dir/one.pgm" --names "$dir/names.txt" --top 3
[ "$(grep -c ' of ten$' "$dir/out")" = 3 ] || fail "--top 3 does not name three: $(cat "$dir/out")"
want 0 " digit " "$weft" run "$model" "$dir/one.pgm" --names "$dir/numbered.txt"
first=$("$weft" run "$model" "$dir/one.pgm" --names "$dir/numbered.txt" | awk '/digit/ { print $1 == $4; exit }')
[ "$first" = 1 ] || fail "a numbered name stands beside another number"

# Six pictures in every form: the same predictions.
want 0 "of 6 right" "$weft" eval "$model" --data "$dir/classes" --names "$dir/names.txt" --predictions "$dir/want"
for words in "$dir/all.npz --pixels" "$dir/all.npy --pixels --labels $dir/labels.npy" "$dir/all.npy --pixels --labels $dir/labels.csv" \
    "$dir/list --labels $dir/labels.csv" "$dir/list --labels $dir/words.csv --names $dir/names.txt" "$dir/all.npz --pixels --jobs 2"; do
    want 0 "of 6 right" "$weft" eval "$model" --data $words --predictions "$dir/got"
    same "$dir/want" "$dir/got" "$words"
done
want 0 "of 6 right" "$weft" eval "$model" --data "$dir/classes" --predictions "$dir/got"
[ "$(cut -d' ' -f2 "$dir/got" | tr '\n' ' ')" = "0 0 1 1 1 2 " ] || fail "classes are not in the order of their folders"
want 3 "is not file,label" "$weft" eval "$model" --data "$dir/list" --labels "$dir/names.txt"
want 3 "does not end in a label" "$weft" eval "$model" --data "$dir/all.npy" --pixels --labels "$dir/names.txt"
want 0 "look like pixels" "$weft" eval "$model" --data "$dir/smooth.raw" --labels "$dir/labels.csv"
want 0 "of 6 right" "$weft" eval "$model" --data "$dir/smooth.raw" --pixels --labels "$dir/labels.csv"
! grep -q "look like" "$dir/err" || fail "--pixels is suggested to who has said it"
printf 'P5\n28 28\n255\nshort' >"$dir/list/3.pgm"
want 3 "3.pgm is cut short" "$weft" eval "$model" --data "$dir/list" --labels "$dir/labels.csv"

# What is fed to calibration.
float=../shared/data/onnx/lenet5_float.onnx
if [ -f "$float" ]; then
    want 0 "calibrated on 6 samples" "$weft" quantize "$float" --calibrate "$dir/cal.npy" -o "$dir/q.onnx"
    want 3 "samples go first" "$weft" quantize "$float" --calibrate "$dir/last.npy" -o "$dir/q.onnx"
    want 2 "a file more" "$weft" quantize "$float" --calibrate "$dir/cal.npy,$dir/cal.npy" -o "$dir/q.onnx"
fi
# What a TensorFlow Lite model says of itself: names, and how pixels are normalised; damaged at every byte it says less, and no more.
here=$(dirname "$0")
python3 "$here/add_metadata.py" "$here/../models/corpus_compile/lower_move_oob.tflite" "$dir/meta.tflite" 127.5 64 ant bee cat dog elk fox || fail add_metadata
want 0 " ant" "$weft" run "$dir/meta.tflite" --top 6
size=$(wc -c <"$dir/meta.tflite")
for at in $(seq 8 23 $size); do
    { head -c $at "$dir/meta.tflite"; printf '\377'; tail -c +$((at + 2)) "$dir/meta.tflite"; } >"$dir/damaged.tflite"
    "$weft" run "$dir/damaged.tflite" >"$dir/out" 2>"$dir/err"
    code=$?
    checks=$((checks + 1))
    [ $code -lt 100 ] || fail "metadata damaged at $at: exit status $code"
done
mobilenet=../shared/data/coral/tf2_mobilenet_v2_1.0_224_ptq.tflite cat=../shared/data/coral/images/cat.bmp
if [ -f "$mobilenet" ] && [ -f "$cat" ]; then
    python3 "$here/add_metadata.py" "$mobilenet" "$dir/normal.tflite" 100 50 $(seq 0 1000)
    want 0 "" "$weft" run "$mobilenet" "$cat" --mean 100 --std 50 -o "$dir/want" --int8
    want 0 "" "$weft" run "$dir/normal.tflite" "$cat" -o "$dir/got" --int8
    same "$dir/want" "$dir/got" "normalised by metadata"
    want 0 "" "$weft" run "$mobilenet" "$cat" -o "$dir/got" --int8
    ! cmp -s "$dir/want" "$dir/got" || fail "the normalisation changes nothing"
fi
if [ "$failures" != 0 ]; then
    echo "FAIL data: $failures of $checks checks; replay: tests/e2e/test_data.sh $weft $model"
    exit 1
fi
echo "ok data: pictures, arrays, folders, lists, names, $checks checks, seed 1"
