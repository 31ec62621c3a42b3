#!/usr/bin/env bash
# sim/edit_model.sh on a small model written here: what it makes of it, and what it refuses.
#
#     tests/sim/test_edit_model.sh
set -u
failures=0 checks=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

model() { # a model of two clocks with one wide word and one memory
    rm -rf "$dir/m"
    mkdir -p "$dir/m"
    printf '    CData/*0:0*/ clk;\n    VlWide<4>/*127:0*/ wide;\n    VlUnpacked<QData, 8> memory;\n' >"$dir/m/Vm___024root.h"
    printf 'void eval() {\n    vlSelf->__VactTriggered.at(0U) = ((IData)(vlSelf->top__DOT__a) \n        & (~ (IData)(vlSelf->prev_a)));\n' >"$dir/m/Vm.cpp"
    printf '    vlSelf->__VactTriggered.at(1U) = ((IData)(vlSelf->top__DOT__b)& (~ (IData)(vlSelf->prev_b)));\n}\n' >>"$dir/m/Vm.cpp"
}
check() { # what, condition as a command
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" && return
    echo "FAIL edit_model: $what"
    failures=$((failures + 1))
}
refused() { # what, sentence, arguments
    local what=$1 sentence=$2
    shift 2
    check "$what" test "$(sim/edit_model.sh "$@" 2>&1 && echo accepted)" = "edit_model.sh: $sentence"
}

model
check "accepted" sim/edit_model.sh "$dir/m" Vm 5.006
check "wide words and memories begin on cache lines" test "$(grep -c '^ *alignas(64) Vl' "$dir/m/Vm___024root.h")" = 2
check "others do not" grep -q '^    CData/\*0:0\*/ clk;$' "$dir/m/Vm___024root.h"
check "clocks by trigger" test "$(cat "$dir/m/edges.h")" = "$(printf 'WEFT_EDGE(0, top__DOT__a)\nWEFT_EDGE(1, top__DOT__b)')"

check "another version accepted" sim/edit_model.sh "$dir/m" Vm 5.048
check "no edges.h for it, nor one of before" test ! -e "$dir/m/edges.h"

model
echo 'void eval() {}' >"$dir/m/Vm.cpp"
refused "no trigger" "no trigger in $dir/m/*.cpp is a clock that rises" "$dir/m" Vm 5.006
model
echo '    CData/*0:0*/ clk;' >"$dir/m/Vm___024root.h"
refused "no wide words" "$dir/m/Vm___024root.h declares no wide words" "$dir/m" Vm 5.006
refused "no model" "there is no $dir/m/Vother___024root.h: DIR and PREFIX are those of the call of verilator" "$dir/m" Vother 5.006
[ $failures = 0 ] || exit 1
echo "ok edit_model: $checks checks"
