#!/usr/bin/env bash
# The command `weft` as a user meets it: results, refusals, exit codes, full disks, Ctrl-C.
#
#     tests/e2e/test_tool.sh WEFT MODEL.onnx [VIA]        WEFT: the program; VIA: ref: if absent, else
#                                                         another device of the default shape
#
# Every failure must be one line "weft: ..." and the documented exit status.
set -u
suite=tool
weft=$1 model=$2 via=${3:-ref:}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. tests/e2e/want.sh

want 0 "usage" "$weft" help
want 0 "usage" "$weft" --help
want 0 "ISA version" "$weft" --version
# Every command of the list tells its options, with exit status 0 and nothing on stderr.
commands=$("$weft" help | awk '/^  [a-z]/ { print $1 }')
[ "$(wc -w <<<"$commands")" -ge 12 ] || fail "weft help lists too few commands"
for command in $commands; do
    for words in "$command --help" "$command -h" "help $command" "$command whatever --json --help"; do
        want 0 "usage: weft $command" "$weft" $words
        grep -q -- "--json" "$dir/out" && [ ! -s "$dir/err" ] || fail "weft $words"
    done
done
want 0 "--seed N" "$weft" zoo --help
want 0 "(minmax)" "$weft" quantize --help
want 2 "no command" "$weft" help nonsense
want 2 "--help=3" "$weft" zoo --help=3
want 0 "ref:" "$weft" devices
want 0 '"uri":"ref:"' "$weft" devices --json
want 0 "predicted" "$weft" compile "$model" -o "$dir/a.weft"
want 0 "on the array" "$weft" compile "$model" -o "$dir/a.weft" -v
want 0 '"where":"device"' "$weft" compile "$model" -o "$dir/a.weft" -v --json
want 0 "COMPUTE" "$weft" dump "$dir/a.weft"
want 0 '"commands"' "$weft" dump "$dir/a.weft" --json
want 0 "layer" "$weft" info "$dir/a.weft"
# Where it came from: the name without its directory, and what others say of size and CRC-32.
name=$(basename "$model") size=$(wc -c <"$model")
crc=$(gzip -c "$model" | tail -c 8 | od -An -tu4 -N4 --endian=little | xargs printf %08x)
for command in dump info; do
    want 0 "from \"$name\": ONNX" "$weft" $command "$dir/a.weft"
    want 0 ", $size bytes, CRC-32 $crc" "$weft" $command "$dir/a.weft"
    want 0 "\"source\":{\"kind\":\"ONNX\",\"name\":\"$name\"" "$weft" $command "$dir/a.weft" --json
    want 0 "\"crc32\":\"$crc\",\"options\":\"\",\"made_by\":\"weft " "$weft" $command "$dir/a.weft" --json
    want 0 "from a network made in memory" "$weft" $command tests/models/corpus_weft_file/conv.weft
    want 0 '"source":{"kind":"none","made_by":"weft ' "$weft" $command tests/models/corpus_weft_file/conv.weft --json
done
want 0 "equal" "$weft" compare "$model" --via "$via" -n 2
want 0 "equal" "$weft" compare tests/onnx/cases/softmax_quantised_0/model.onnx --via "$via" # quantised again on the host
want 0 '"equal":true' "$weft" compare "$model" --via "$via" -n 1 --outputs --json
want 0 "" "$weft" run "$dir/a.weft" --via "$via" -o "$dir/1.bin" --int8
want 0 "" "$weft" run "$model" --via ref: -o "$dir/2.bin" --int8
want 0 "" bash -c '"$1" run "$2" --via "$3" --int8 -o - >"$4"' - "$weft" "$model" "$via" "$dir/3.bin"
want 0 "" cmp "$dir/1.bin" "$dir/3.bin"
want 0 '"counters"' "$weft" run "$model" --via "$via" --json
want 0 "" cmp "$dir/1.bin" "$dir/2.bin"

# A data set of three samples of 28 x 28; files of predictions, alike on any device.
printf '\0\0\10\1\0\0\0\3\7\0\11' >"$dir/t10k-labels-idx1-ubyte"
{ printf '\0\0\10\3\0\0\0\3\0\0\0\34\0\0\0\34'; head -c 9000 "$dir/a.weft" | tail -c 2352; } >"$dir/t10k-images-idx3-ubyte"
want 0 "of 3 right" "$weft" eval "$model" --data "$dir" --via "$via" --predictions "$dir/p1"
want 0 '"total":3' "$weft" eval "$model" --data "$dir" --via ref: --jobs 2 --predictions "$dir/p2.json" --json
want 0 "" "$weft" eval "$model" --data "$dir" --via ref: --predictions "$dir/p2"
want 0 "" cmp "$dir/p1" "$dir/p2"
want 0 "" grep -qE '^2 9 [0-9] [0-9a-f]{8}$' "$dir/p1"
want 0 '"sample":2,"label":9,"answer":' cat "$dir/p2.json"
want 5 "no/dir" "$weft" eval "$model" --data "$dir" -n 1 --predictions no/dir/p

# A network that ends in a position answers with it: the last of the least, not the first of the greatest.
positions=$(dirname "$0")/../onnx/cases/arg_min_0/model.onnx
printf '\5\5\1\7\1\7\7\7\7\11' >"$dir/ten.bin"
echo 4 >"$dir/ten.csv"
want 0 "1 of 1 right" "$weft" eval "$positions" --data "$dir/ten.bin" --labels "$dir/ten.csv" --via "$via" --predictions "$dir/p3"
want 0 "" grep -q '^0 4 4 ' "$dir/p3"
head -c 42 "$dir/a.weft" >"$dir/many.bin"
mkdir "$dir/ten"
printf '\0\0\10\1\0\0\0\1\4' >"$dir/ten/t10k-labels-idx1-ubyte"
{ printf '\0\0\10\3\0\0\0\1\0\0\0\2\0\0\0\5'; cat "$dir/ten.bin"; } >"$dir/ten/t10k-images-idx3-ubyte"
want 0 "says 4, is 4: right; all bytes agree" "$weft" demo "$positions" --data "$dir/ten" --mean 0.02 --std 0.001 -n 1 --via "$via"
many=$(dirname "$0")/../onnx/cases/arg_max_0/model.onnx
want 3 "positions, not one" "$weft" eval "$many" --data "$dir/many.bin" --labels "$dir/ten.csv" --via "$via"

# Products that are exact halves take three layers.
want 0 "equal" "$weft" compare "$(dirname "$0")/../onnx/cases/qlinear_mul_ties_0/model.onnx" --via "$via" -n 2

want 2 "which command" "$weft"
want 2 "no command" "$weft" knit
want 2 "no option" "$weft" run "$model" --colour
want 2 "needs a number" "$weft" run "$model" -n many
want 2 "tflm or litert" "$weft" run "$model" --truth keras
want 2 "LiteRT does not run it" "$weft" compile "$model" --truth litert -o "$dir/truth.weft"
want 2 "-n must be" "$weft" run "$model" -n 0
want 2 "-n must be" "$weft" compare "$model" -n 0
want 2 "no way to reach" "$weft" run "$model" --via tape:
want 2 "has no option" "$weft" run "$model" --via ref:speed=9
want 2 "is missing" "$weft" compile "$model"
want 2 "compiled already" "$weft" compile "$dir/a.weft" -o "$dir/b.weft"
want 2 "holds no graph" "$weft" compare "$dir/a.weft" --outputs

printf 'this is no network' >"$dir/text.onnx"
head -c 5000 "$dir/a.weft" >"$dir/cut.weft"
head -c 7 "$model" >"$dir/7.bin"
{ head -c 9000 "$dir/a.weft"; printf 'x'; tail -c +9002 "$dir/a.weft"; } >"$dir/flip.weft"
want 3 "no/such" "$weft" run no/such
want 3 "ONNX" "$weft" run "$dir/text.onnx"
want 3 "cut.weft" "$weft" run "$dir/cut.weft"
want 3 "flip.weft" "$weft" run "$dir/flip.weft"
truncate -s 3G "$dir/big.onnx"
truncate -s 3G "$dir/big.tflite"
printf '\34\0\0\0TFL3' | dd of="$dir/big.tflite" conv=notrunc 2>/dev/null
want 3 "2 GiB" "$weft" compile "$dir/big.onnx" -o "$dir/b.weft"
want 3 "2 GiB" "$weft" compile "$dir/big.tflite" -o "$dir/b.weft"
want 3 "2 GiB" "$weft" quantize "$dir/big.onnx" --calibrate "$dir/7.bin" -o "$dir/q.onnx"
want 0 "predicted" "$weft" compile <(cat "$model") -o "$dir/b.weft"
want 0 "from a model without a name: ONNX" "$weft" dump "$dir/b.weft"
want 1 "" cmp "$dir/a.weft" "$dir/b.weft"
want 0 "" cmp <("$weft" dump "$dir/a.weft" | grep -v '^from ') <("$weft" dump "$dir/b.weft" | grep -v '^from ')
mkdir "$dir/elsewhere"
cp "$model" "$dir/elsewhere"
want 0 "predicted" "$weft" compile "$dir/elsewhere/$name" -o "$dir/c.weft"
want 0 "" cmp "$dir/a.weft" "$dir/c.weft"
{ head -c 8 "$dir/a.weft"; printf '\4'; tail -c +10 "$dir/a.weft"; } >"$dir/old.weft"
want 3 "format version 4, this weft reads version 5: compile it again" "$weft" info "$dir/old.weft"
want 3 "has 7 bytes" "$weft" run "$model" "$dir/7.bin" --via ref:
want 3 "recompile it: weft compile $name --rows 8 --cols 8" "$weft" run "$dir/a.weft" --via ref:shape=8x8
# A device built without a part refuses a program that needs it, and takes one that was compiled for it.
want 3 "built without (the rounding of ONNX Runtime (KIND_FLOAT)); recompile it: weft compile $name" "$weft" run "$dir/a.weft" --via ref:float=0
want 3 "--float 0" "$weft" run "$dir/a.weft" --via ref:float=0
want 0 "" "$weft" run "$dir/a.weft" --via ref:pair=0,tflite=0,counters=0
want 0 "of the host" "$weft" compile "$model" --float 0 -o "$dir/f.weft"
want 0 "" "$weft" run "$dir/f.weft" --via ref:float=0
want 2 "float" "$weft" run "$dir/f.weft" --via ref:float=2
if [ "$via" = ref: ]; then
    want 3 "cannot show when commands start" "$weft" profile "$model" --via ref:
else
    want 0 "Horowitz" "$weft" profile "$model" --via "$via" --html "$dir/p.html" --trace "$dir/p.json"
    want 0 '"energy_uj"' "$weft" profile "$model" --via "$via" --json
    want 5 "no/dir" "$weft" profile "$model" --via "$via" --html no/dir/p.html
    want 5 "" "$weft" profile "$model" --via "$via" --trace /dev/full
fi
printf 'rows,cols,mem_bytes,lut4,ff,multipliers\n8,8,16,4711,1,2\n' >"$dir/area.csv"
want 0 "4711" "$weft" sweep "$model" --shapes 8x8,16x16 --fb-words 1024,2048 --area "$dir/area.csv" --html "$dir/s.html"
want 0 "</html>" tail -n 1 "$dir/s.html"
want 0 "" "$weft" zoo resnet18 --classes 10 -o "$dir/z.onnx"
want 0 "too small" "$weft" sweep "$dir/z.onnx" --shapes 4x4 --fb-words 64 --acc-depth 16
want 0 '"predicted_cycles":' "$weft" sweep "$model" --shapes 8x8 --json
want 2 "like 8x8,16x16" "$weft" sweep "$model" --shapes 8by8
want 2 "like 1024,2048" "$weft" sweep "$model" --fb-words 1024,
want 2 "" "$weft" sweep "$model" --shapes 99x99
want 2 "compiled already" "$weft" sweep "$dir/a.weft"
want 3 "no/such" "$weft" sweep no/such
want 3 "no/such" "$weft" sweep "$model" --area no/such
want 5 "no/dir" "$weft" sweep "$model" --shapes 8x8 --html no/dir/s.html
want 0 "resnet50" "$weft" zoo
want 0 '"mobilenet_v2"' "$weft" zoo --json
want 2 "there is no network" "$weft" zoo resnet19 -o "$dir/z.onnx"
want 2 "is missing" "$weft" zoo resnet18
want 0 "" "$weft" zoo mobilenet_v1 --size 32 --width 25 --classes 10 -o "$dir/z.onnx"
want 0 "equal" "$weft" compare "$dir/z.onnx" --via "$via" -n 1
want 5 "no/dir" "$weft" zoo mobilenet_v1 --size 32 --width 25 -o no/dir/z.onnx
mkdir "$dir/empty"
want 3 "no MNIST" "$weft" eval "$model" --data "$dir/empty"

if [ -w /dev/full ]; then
    want 5 "/dev/full" "$weft" compile "$model" -o /dev/full
    want 5 "/dev/full" "$weft" run "$model" -o /dev/full
    want 5 "/dev/full" "$weft" eval "$model" --data "$dir" --predictions /dev/full
    "$weft" info "$model" >/dev/full 2>"$dir/err"
    [ $? = 5 ] || fail "info to a full disk"
fi
want 5 "no/dir" "$weft" compile "$model" -o no/dir/a.weft

# What is meant by a misspelt option, and by a number with a unit.
want 2 "did you mean --via?" "$weft" run "$model" --vai ref:
want 2 "did you mean --mem-size?" "$weft" compile "$model" --memsize=4M -o "$dir/unit.weft"
want 2 "there is no option --nothing here" "$weft" run "$model" --nothing
! grep -q "did you mean" "$dir/err" || fail "a word like no option was taken for one"
want 0 "predicted" "$weft" compile "$model" --mem-size 4M -o "$dir/unit.weft"
want 2 "needs a number" "$weft" compile "$model" --mem-size 4Q -o "$dir/unit.weft"
want 2 "1 inputs, 20 files" "$weft" run "$dir/a.weft" $(seq 20)
# Errors of --json are JSON too.
"$weft" dump "$dir/none.weft" --json 2>"$dir/err" >"$dir/out"
grep -qxF '{"error":{"status":"ERR_IO","text":"'"$dir/none.weft"' cannot be opened: No such file or directory"}}' "$dir/err" ||
    fail "--json said $(cat "$dir/err")"

# A result never replaces its own source, and a file that cannot be written whole leaves the old one and nothing beside.
cp "$model" "$dir/own.onnx"
want 2 "overwritten by its own program" "$weft" compile "$dir/own.onnx" -o "$dir/own.onnx"
ln -s own.onnx "$dir/link.onnx"
want 2 "overwritten by its own program" "$weft" compile "$dir/own.onnx" -o "$dir/link.onnx"
cmp -s "$model" "$dir/own.onnx" || fail "a model was overwritten"
mkdir "$dir/kept" && cp "$dir/a.weft" "$dir/kept/old.weft" && cp "$dir/a.weft" "$dir/kept/old.html"
(ulimit -f 1; trap '' XFSZ; "$weft" compile "$model" -o "$dir/kept/old.weft" >/dev/null 2>&1; [ $? = 5 ]) ||
    fail "compile to a full disk"
(ulimit -f 1; trap '' XFSZ; "$weft" sweep "$model" --html "$dir/kept/old.html" >/dev/null 2>&1; [ $? = 5 ]) ||
    fail "sweep to a full disk"
checks=$((checks + 4))
for kept in "$dir"/kept/*; do
    cmp -s "$dir/a.weft" "$kept" || fail "after a write that failed there is $(ls -l "$kept")"
done
ln -s a.weft "$dir/soft.weft"
want 0 "predicted" "$weft" compile "$model" -o "$dir/soft.weft"
[ -L "$dir/soft.weft" ] || fail "a link was replaced by a file"

# Names from a file do nothing to a terminal, and are whole in JSON.
escape=$(printf '\033[31mX')
LC_ALL=C sed "s/logits/$escape/g" "$model" >"$dir/escape.onnx"
case $via in sim:*) profile="profile --via $via" ;; *) profile=dump ;; esac
for command in "compile -v -o $dir/escape.weft" "dump" "info" "$profile"; do
    shown="[31m"
    [ "${command%% *}" != profile ] || shown=c1 # the name of a tensor is not in it
    want 0 "$shown" "$weft" ${command%% *} "$dir/escape.onnx" $(cut -s -d' ' -f2- <<<"$command")
    ! grep -q "$(printf '\033')" "$dir/out" || fail "$command prints escapes of a name"
done
want 0 '"\u001b[31mX"' "$weft" dump "$dir/escape.weft" --json
LC_ALL=C sed "s/logits/$(printf '\303\251\302\265\377a')/g" "$model" >"$dir/accent.onnx"
want 0 "$(printf '"\303\251\302\265')\ufffda" "$weft" dump "$dir/accent.onnx" --json

# A small network takes little address space, whatever memory the device has.
(ulimit -v 200000; want 0 "logits" "$weft" run "$model" --via "$via"; exit $failures) || failures=$((failures + 1))
checks=$((checks + 1))

# A trace must never replace what is no regular file.
case $via in sim:*)
    mkfifo "$dir/fifo"
    options=${via#sim:}
    "$weft" run "$model" --via "sim:${options:+$options,}trace=$dir/fifo" >/dev/null 2>&1
    [ $? != 0 ] && [ -p "$dir/fifo" ] || fail "a trace replaced a pipe"
    checks=$((checks + 1))
    # A disk that is full: an error like any other.
    (ulimit -f 32; trap '' XFSZ; "$weft" run "$model" --via "sim:${options:+$options,}trace=$dir/full.fst" >/dev/null 2>"$dir/err"; [ $? = 5 ]) ||
        fail "a trace to a full disk: $(cat "$dir/err")"
    checks=$((checks + 1))
    want 2 "only these shapes: 16x16" "$weft" run "$model" --via "sim:shape=8x8,trace=$dir/t.fst" ;;
esac

# A network that somebody cuts while it is read: an error or the whole of it, not the end by a signal.
"$weft" zoo resnet50 --size 32 -o "$dir/large.onnx"
for after in 0.01 0.04 0.1; do
    cp "$dir/large.onnx" "$dir/cut.onnx"
    "$weft" info "$dir/cut.onnx" >/dev/null 2>"$dir/err" &
    pid=$!
    sleep $after
    truncate -s 1000 "$dir/cut.onnx"
    wait "$pid"
    code=$?
    checks=$((checks + 1))
    [ "$code" = 0 ] || [ "$code" = 3 ] || fail "a network cut after $after s gave exit status $code: $(cat "$dir/err")"
done

# A reader that has seen enough is no failure; a disk that is full is one.
want 0 "" bash -c '"$1" dump "$2" | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}' - "$weft" "$dir/large.onnx"
[ ! -s "$dir/err" ] || fail "dump | head says $(cat "$dir/err")"
want 0 '"file":"'"$dir/z.onnx"'"' "$weft" zoo resnet18 --size 32 --width 25 --json -o "$dir/z.onnx"

# The first Ctrl-C ends what only reads and computes, at once.
set -m
for command in "compile $dir/large.onnx -o $dir/c.weft" "zoo vgg16 -o $dir/c.onnx" "compile $dir/never -o $dir/c.weft"; do
    [ -p "$dir/never" ] || { mkfifo "$dir/never"; sleep 60 >"$dir/never" & keep=$!; }
    "$weft" $command >/dev/null 2>"$dir/err" &
    pid=$!
    sleep 0.1
    from=$(date +%s%N)
    kill -INT "$pid"
    wait "$pid"
    code=$? took=$((($(date +%s%N) - from) / 1000000))
    checks=$((checks + 1))
    { [ "$code" = 130 ] && [ "$took" -lt 1000 ] && grep -qx "weft: interrupted" "$dir/err"; } ||
        fail "Ctrl-C of $command: exit status $code after $took ms: $(cat "$dir/err")"
done
{ kill "$keep"; wait "$keep"; } 2>/dev/null

# Ctrl-C in the middle: an orderly end, and the next run is as good as ever.
"$weft" run "$model" --via "$via" -n 100000000 >/dev/null 2>"$dir/err" &
pid=$!
sleep 1
kill -INT "$pid"
wait "$pid"
code=$?
checks=$((checks + 1))
[ "$code" = 130 ] || fail "Ctrl-C gave exit status $code: $(cat "$dir/err")"
want 0 "equal" "$weft" compare "$model" --via "$via" -n 1

if [ "$failures" != 0 ]; then
    echo "FAIL tool: $failures of $checks checks; replay: tests/e2e/test_tool.sh $weft $model $via"
    exit 1
fi
echo "ok tool: $via, results, refusals, exit codes, full disk, Ctrl-C, $checks checks, seed 1"
