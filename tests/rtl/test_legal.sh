#!/usr/bin/env bash
# Parameters that weft_legal.v does not allow are refused by name in every tool that is here, those at the
# ends of what it does allow are not; and the chip hands it all of them.
#
#     tests/rtl/test_legal.sh BUILD
set -u
dir=$1/legal checks=0 failures=0 tools=
mkdir -p "$dir"
rtl=$(cat rtl/files.f)
for tool in verilator iverilog yosys; do
    command -v $tool >/dev/null && tools="$tools $tool"
done
[ -n "$tools" ] || { echo "skip legal: neither Verilator nor Icarus nor Yosys"; exit 77; }

elaborate() { # tool module files PARAMETER=value...
    local tool=$1 module=$2 files=$3 words=
    shift 3
    case $tool in
    verilator)
        for p; do words="$words -G$p"; done
        verilator --lint-only -Wall -Wno-DECLFILENAME -Irtl/lib $words --top-module "$module" $files ;;
    iverilog)
        for p; do words="$words -P$module.$p"; done
        iverilog -g2012 -Wall -Wno-timescale -Irtl/lib $words -s "$module" -o "$dir/vvp" $files ;;
    yosys)
        for p; do words="$words -chparam ${p%=*} ${p#*=}"; done
        yosys -q -p "read_verilog -sv -Irtl/lib $(echo $files); hierarchy -check -top $module $words" ;;
    esac >"$dir/log" 2>&1
}

fail() { # what
    failures=$((failures + 1))
    echo "FAIL legal: $1"
    head -n 3 "$dir/log"
}

alone="rtl/isa/weft_isa_pkg.v rtl/lib/weft_legal.v"
refused() { # word-of-the-refusal PARAMETER=value...
    local word=$1
    shift
    for tool in $tools; do
        checks=$((checks + 1))
        elaborate $tool weft_legal "$alone" "$@" && fail "$tool takes $*"
        grep -q "$word" "$dir/log" || fail "$tool does not say $word of $*"
    done
}
legal() { # PARAMETER=value...
    for tool in $tools; do
        checks=$((checks + 1))
        elaborate $tool weft_legal "$alone" "$@" && [ ! -s "$dir/log" ] || fail "$tool refuses $*"
    done
}
refused ROWS_is_not ROWS=3
refused ROWS_is_not ROWS=33
refused COLS_is_not COLS=3 LANES=3
refused COLS_is_not COLS=33 LANES=11
refused LANES_does_not LANES=0
refused LANES_does_not LANES=5
refused LANES_does_not COLS=8 LANES=16
refused FB_WORDS_is_no FB_WORDS=32
refused FB_WORDS_is_no FB_WORDS=65536
refused FB_WORDS_is_no FB_WORDS=96
refused ACC_DEPTH_is_not ACC_DEPTH=15
refused ACC_DEPTH_is_not ACC_DEPTH=4097
refused MEM_BYTES_is_no_power MEM_BYTES=2
refused MEM_BYTES_is_no_power MEM_BYTES=12
refused MEM_BYTES_is_no_power MEM_BYTES=64
refused MEM_SIZE_is_no MEM_SIZE=1000
refused MEM_SIZE_is_no MEM_SIZE=0
refused HAS_PAIR_is_not HAS_PAIR=2
refused HAS_FLOAT_is_not HAS_FLOAT=2
legal
legal ROWS=4 COLS=4 LANES=1 FB_WORDS=64 ACC_DEPTH=16 MEM_BYTES=4 MEM_SIZE=4096
legal ROWS=32 COLS=32 LANES=32 FB_WORDS=32768 ACC_DEPTH=4096 MEM_BYTES=32 MEM_SIZE=2147483648
legal HAS_PAIR=0 HAS_TFLITE=0 HAS_FLOAT=0 HAS_COUNTERS=0
legal ROWS=31 COLS=29 LANES=29 FB_WORDS=128 ACC_DEPTH=17 MEM_BYTES=8

# In the chip: one value each, of which Verilator sees the whole at once.
if command -v verilator >/dev/null; then
    for p in ROWS=3 COLS=33 LANES=5 FB_WORDS=96 ACC_DEPTH=15 MEM_BYTES=2 MEM_SIZE=1000 LINK_BYTES=3 LINK_DATA=256 LINK_DATA=3000 LINK_WINDOW=0; do
        checks=$((checks + 1))
        elaborate verilator weft_top "sim/weft_top.vlt $rtl" $p && fail "weft_top takes $p"
        grep -q "${p%=*}_" "$dir/log" || fail "weft_top does not refuse $p by name"
    done
fi
[ $failures = 0 ] || exit 1
echo "ok legal: parameters beyond the contract are refused by$tools, $checks checks"
