#!/usr/bin/env bash
# A changed flag, parameter or list of models builds anew what depends on it, and nothing else; all in the
# directory that B names.
#
#     tests/sim/test_settings.sh
set -u
failures=0 checks=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
before=$(git status --porcelain)

built() { # what, words that make must say, target, arguments
    local what=$1 want=$2 target=$3 got
    shift 3
    checks=$((checks + 1))
    got=$(env -u MAKEFLAGS make --no-print-directory B="$dir" "$dir/$target" "$@" 2>&1)
    got=$(echo "$got" | awk 'NF > 1 { print $1 }' | grep -vx "make:" | sort -u | tr '\n' ' ')
    [ "$got" = "$want" ] && return
    echo "FAIL settings: $what: wanted \"$want\", make said \"$got\""
    failures=$((failures + 1))
}
o=obj/models/base/weft_crc32.o
built "an object" "CC PROTO " $o
built "nothing changed" "" $o
built "a flag of the packager" "CC " $o CFLAGS=-DPACKAGED
built "the same again" "" $o CFLAGS=-DPACKAGED
built "another compiler" "CC " $o CFLAGS=-DPACKAGED CC=clang

m=verilated/4x4/Vweft_4x4.mk
built "a model" "VERILATE " $m
built "nothing changed" "" $m
built "another parameter" "VERILATE " $m PARAM_4x4="-GROWS=4 -GCOLS=4 -GLANES=2 -GFB_WORDS=1024 -GACC_DEPTH=64 -GMEM_BYTES=8"
built "a model not listed before" "VERILATE " verilated/16x8/Vweft_16x8.mk MODELS="4x4 16x8"

tables() { nm "$dir/verilated/models_native.o" | awk '/ U weft_sim_model_/ { printf "%s ", substr($2, 16) }'; }
for list in "4x4" "4x4 16x8" "16x8"; do
    built "the list $list" "" verilated/models_native.o MODELS="$list"
    checks=$((checks + 1))
    [ "$(tables)" = "$(tr ' ' '\n' <<<"$list" | sort | tr '\n' ' ')" ] || {
        echo "FAIL settings: models $list: linked are $(tables)"
        failures=$((failures + 1))
    }
done
checks=$((checks + 1))
said=$(make B="$dir" MODELS="4x4 9x9" 2>&1 >/dev/null)
case $said in *"no parameters for 9x9: write PARAM_9x9 into sim/verilate.mk"*) ;; *)
    echo "FAIL settings: a model without parameters: $said"
    failures=$((failures + 1))
    ;;
esac
checks=$((checks + 1))
[ "$before" = "$(git status --porcelain)" ] || { echo "FAIL settings: written outside $dir: $(git status --porcelain)"; failures=$((failures + 1)); }
[ $failures = 0 ] || exit 1
echo "ok settings: $checks checks"
