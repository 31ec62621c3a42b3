#!/usr/bin/env bash
# Edit what Verilator wrote of a model, so that it simulates faster; the cycles are the same without.
#
#     sim/edit_model.sh DIR PREFIX VERSION        DIR as --Mdir, PREFIX as --prefix, VERSION as "5.006"
#
# Wide words are made to begin on cache lines, and edges.h says which clock is which of the model's
# triggers, for eval_edge in weft_sim.cpp.  That knows the inside of Verilator 5.006 only: of another version
# no edges.h is written and weft_sim.cpp calls eval().  Fails with a sentence if the output of 5.006, or
# the header of any version, is not what this script expects.
set -euo pipefail
dir=$1 prefix=$2 version=$3
root=$dir/${prefix}___024root.h

fail() {
    echo "edit_model.sh: $1" >&2
    exit 1
}

[ -s "$root" ] || fail "there is no $root: DIR and PREFIX are those of the call of verilator"
sed -i 's/^ *\(VlUnpacked<\|VlWide<\)/        alignas(64) \1/' "$root"
grep -q '^ *alignas(64) Vl' "$root" || fail "$root declares no wide words"

rm -f "$dir/edges.h"
[ "$version" = 5.006 ] || exit 0
trigger='VactTriggered.at([0-9]*U) = ((IData)(vlSelf->[A-Za-z0-9_]*) *& (~'
cat "$dir"/*.cpp | tr -d '\n' | grep -o "$trigger" |
    sed 's/.*at(\([0-9]*\)U.*vlSelf->\([A-Za-z0-9_]*\).*/WEFT_EDGE(\1, \2)/' >"$dir/edges.h" ||
    fail "no trigger in $dir/*.cpp is a clock that rises"
