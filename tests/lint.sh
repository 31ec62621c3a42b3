#!/usr/bin/env bash
# Every RTL module by itself, the chip at four shapes and the links before it in Verilator, Icarus and Yosys; every C file in
# gcc (the build has no other way) and clang; the layout of C; the prints of the contract.
#
#   tests/lint.sh BUILD CFLAGS FILE.c...      from the top of the tree
set -u
build=$1 cflags=$2
shift 2
mkdir -p "$build/lint"
rtl=$(cat rtl/files.f)
failures=0 modules=0 links=0

complain() {
    failures=$((failures + 1))
    echo "FAIL lint: $1"
    [ -n "${2:-}" ] && head -n 12 "$2"
}

chip() { # name parameters
    local name=$1 log=$build/lint/$1.log
    shift
    verilator --lint-only -Wall -Wno-DECLFILENAME -Irtl/lib sim/weft_top.vlt "$@" --top-module weft_top $rtl >"$log" 2>&1 &&
        [ ! -s "$log" ] || complain "Verilator, chip $name" "$log"
    verilator --lint-only -Wall -Wno-DECLFILENAME -Irtl/lib -DSYNTHESIS sim/weft_top.vlt "$@" --top-module weft_top $rtl >"$log" 2>&1 &&
        [ ! -s "$log" ] || complain "Verilator, chip $name for synthesis" "$log"
}
chip 16x16 -GROWS=16
chip 8x8 -GROWS=8 -GCOLS=8 -GLANES=8 -GFB_WORDS=1024 -GACC_DEPTH=256
chip 12x8 -GROWS=12 -GCOLS=8 -GLANES=4 -GFB_WORDS=512 -GACC_DEPTH=128 -GMEM_BYTES=32 -GLINK_BYTES=4 -GLINK_DATA=4096
chip 4x4 -GROWS=4 -GCOLS=4 -GLANES=4 -GFB_WORDS=1024 -GACC_DEPTH=64 -GMEM_BYTES=8 -GLINK_BYTES=2 -GLINK_DATA=512

for file in $rtl; do
    module=$(basename "$file" .v)
    case $module in *_pkg) continue ;; esac
    modules=$((modules + 1))
    log=$build/lint/$module.log
    iverilog -g2012 -Wall -Wno-timescale -Irtl/lib -s "$module" -o "$build/lint/$module.vvp" $rtl >"$log" 2>&1 &&
        [ ! -s "$log" ] || complain "Icarus, $module" "$log"
done
# One run of Yosys over the whole chip at a small shape: no latch, no loop, no undriven wire.
log=$build/lint/yosys.log
yosys -q -p "read_verilog -sv -Irtl/lib $(echo $rtl); hierarchy -check -top weft_top -chparam ROWS 4 -chparam COLS 4 -chparam LANES 4 -chparam FB_WORDS 64 -chparam ACC_DEPTH 16 -chparam MEM_BYTES 4; proc; opt -fast; check -assert; select -assert-none t:\$dlatch" \
    >"$log" 2>&1 && ! grep -qi 'warning' "$log" || complain "Yosys, chip 4x4" "$log"

# What stands before the chip on a board: every module by itself, and the links with the parameters boards give them.
phy=$(cat rtl/phy/files.f)
quiet() { "$@" >"$log" 2>&1 && [ ! -s "$log" ]; }
link() { # name module PARAMETER=value ..
    local name=$1 module=$2 set=
    shift 2
    for p in "$@"; do set="$set chparam -set ${p%%=*} ${p#*=} $module;"; done
    log=$build/lint/$name.log
    quiet verilator --lint-only -Wall -Wno-DECLFILENAME -Irtl/lib -DSYNTHESIS "${@/#/-G}" --top-module "$module" $phy || complain "Verilator, $name" "$log"
    quiet iverilog -g2012 -Wall -Wno-timescale -Irtl/lib "${@/#/-P$module.}" -s "$module" -o "$build/lint/$name.vvp" $phy || complain "Icarus, $name" "$log"
    yosys -q -p "read_verilog -sv -Irtl/lib $(echo $phy); $set hierarchy -check -top $module; proc; opt -fast; check -assert; select -assert-none t:\$dlatch" \
        >"$log" 2>&1 && ! grep -qi 'warning' "$log" || complain "Yosys, $name" "$log"
}
for file in $phy; do
    module=$(basename "$file" .v)
    case $module in *_pkg) continue ;; esac
    modules=$((modules + 1))
    link "$module" "$module"
done
# The memory of boards, without its pads, and each board's whole top.
for module in weft_sdram_rows weft_sdram_refresh weft_sdram; do
    modules=$((modules + 1))
    phy=$(grep -v pads rtl/sdram/files.f) link $module $module
done
phy=$(grep -v pads rtl/sdram/files.f) link sdram_wide weft_sdram MEM_BYTES=16 CAS=3 COL_BITS=10 CLOCK_HZ=50000000
boards=$(cd rtl/board && ls -d */ | tr -d /)
for board in $boards; do
    log=$build/lint/board_$board.log
    all="$(awk '!seen[$0]++' rtl/files.f rtl/phy/files.f rtl/sdram/files.f rtl/board/files.f) rtl/board/$board/weft_$board.v"
    for form in "" -DSYNTHESIS; do
        quiet verilator --lint-only -Wall -Wno-DECLFILENAME -Irtl/lib sim/weft_top.vlt $form --top-module "weft_$board" $all || complain "Verilator, board $board $form" "$log"
    done
    quiet iverilog -g2012 -Wall -Wno-timescale -Irtl/lib -s "weft_$board" -o "$build/lint/$board.vvp" $all || complain "Icarus, board $board" "$log"
done
while read -r name module parameters; do
    case $name in '' | '#'*) continue ;; esac
    links=$((links + 1))
    link "link_$name" "$module" $parameters
done <rtl/phy/links.list

printf '%s\n' "$@" | xargs -P 2 -n 8 clang $cflags -MF /dev/null -fsyntax-only >"$build/lint/clang.log" 2>&1 &&
    [ ! -s "$build/lint/clang.log" ] || complain "clang" "$build/lint/clang.log"
clang-format --dry-run --Werror $(git ls-files '*.c' '*.h' '*.cpp') >"$build/lint/format.log" 2>&1 ||
    complain "layout: make format" "$build/lint/format.log"
[ $failures = 0 ] || exit 1
echo "ok lint: $modules modules, 4 chips and $links links and $(echo $boards | wc -w) boards in Verilator, Icarus and Yosys, $# C files in clang, layout"
