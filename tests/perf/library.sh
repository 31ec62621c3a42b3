#!/usr/bin/env bash
# What the installed libraries cost: size and needs of each, and of a C program that runs ResNet-8 once on the C model the
# memory and the time; samples a second on VWW.
#
#     tests/perf/library.sh BUILD      from the top of the tree, after `make all libraries`; data: ../shared/data or $WEFT_DATA
set -u
build=$1 data=${WEFT_DATA:-../shared/data}/mlperf_tiny failures=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

echo "| library | bytes, stripped | exported | needs |"
echo "|---|---|---|---|"
for l in weft weft_compiler weft_sim; do
    so=$build/lib/lib$l.so
    [ -e "$so" ] || continue
    strip -o "$dir/$l.so" "$so"
    needs=$(objdump -p "$so" | awk '/NEEDED/ { sub(/\.so.*/, "", $2); printf "%s ", $2 }')
    echo "| lib$l | $(stat -c %s "$dir/$l.so") | $(nm -D --defined-only "$so" | grep -vc ' A ') | $needs|"
done
[ -d "$data" ] || { echo "skipped: no $data"; exit 77; }

cat >"$dir/once.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <weft/weft.h>
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
int main(int argc, char **argv)
{
    static char image[3072], scores[10];
    weft_error err = { 0 };
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    const double start = now();
    int rc = argc > 1 ? weft_open("ref:", &dev, &err) : WEFT_ERR_ARG;
    const double open = now();
    if (rc == WEFT_OK)
        rc = weft_load_file(dev, argv[1], &net, &err);
    const double load = now();
    weft_input in = { sizeof in, WEFT_FORM_MODEL, image, sizeof image };
    weft_output out = { sizeof out, WEFT_FORM_MODEL, scores, sizeof scores };
    if (rc == WEFT_OK)
        rc = weft_run(net, &in, &out, WEFT_FOREVER, &err);
    const double run = now();
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    if (rc != WEFT_OK)
        fprintf(stderr, "%s\n", err.text);
    else
        printf("%ld %.2f %.2f %.2f\n", used.ru_maxrss, 1e3 * (open - start), 1e3 * (load - open), 1e3 * (run - load));
    weft_unload(net);
    weft_close(dev);
    return rc != WEFT_OK;
}
C
gcc -O2 -D_POSIX_C_SOURCE=200809L -Ihost/include -o "$dir/once" "$dir/once.c" -L"$build/lib" -lweft -Wl,-rpath,"$(realpath "$build/lib")" &&
    "$build/weft" compile "$data/models/pretrainedResnet_quant.tflite" -o "$dir/resnet8.weft" >/dev/null || exit 1
read -r resident open load run < <(for i in 1 2 3 4 5; do "$dir/once" "$dir/resnet8.weft"; done | sort -n -k 4 | head -n 1)
echo
echo "ResNet-8 on ref: from C: $resident KB resident; open $open ms, load $load ms, run $run ms (best of 5)"
[ "${resident:-99999}" -le 20480 ] || { echo "FAIL library: more than 20 MB resident"; failures=1; }

for weft in "$build/weft" "$build/lib/weft"; do
    [ -x "$weft" ] || continue
    best=$(for i in 1 2 3; do "$weft" eval "$data/models/vww_96_int8.tflite" --data "$data/data/vww01.bin" --labels "$data/data/vww01_labels.csv" \
        --pixels --via ref: -n 400; done | sed -n 's/.*, \([0-9.]*\) images.*/\1/p' | sort -rn | head -n 1)
    echo "VWW on ref:, $weft: $best samples a second (best of 3)"
done
[ $failures = 0 ] || exit 1
echo "ok library: sizes, memory and times"
