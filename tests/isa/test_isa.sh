#!/bin/sh
# The contract as a whole: the prints are fresh, what C packs Verilog unpacks, and the generator refuses
# wrong tables.  usage: test_isa.sh BUILD_DIR; needs cc, and iverilog for the round trip.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build}/isa_test
isa=$root/rtl/isa
cc=${CC:-cc}
generator() { $cc -std=c11 "$@" "$isa/weft_isa_gen.c" "$isa/weft_isa_check.c" "$isa/weft_isa_print.c"; }
mkdir -p "$build"
build=$(cd "$build" && pwd)
fail() { echo "FAIL isa_views: $*"; exit 1; }

generator -o "$build/gen"
check() { # GENERATOR
    "$1" check "$isa/weft_isa_pkg.v" "$root/rtl/lib/weft_params.vh" "$root/rtl/lib/weft_legal.v" "$isa/README.md" \
        "$root/host/tool/weft.1" "$root/tests/isa/isa_probe.v"
}
check "$build/gen" || fail "a print is stale"

# A wrong table must be refused with the sentence that names the fault.
refuse() {
    sed "$1" "$isa/weft_isa.def" > "$build/wrong.def"
    cmp -s "$isa/weft_isa.def" "$build/wrong.def" && fail "'$1' changes nothing"
    generator -DWEFT_ISA_DEF="\"$build/wrong.def\"" -o "$build/wrong"
    if "$build/wrong" vh > "$build/wrong.out" 2> "$build/wrong.err"; then fail "'$1' was accepted"; fi
    [ ! -s "$build/wrong.out" ] || fail "'$1' was printed"
    grep -q "$2" "$build/wrong.err" || fail "'$1': no '$2' in: $(cat "$build/wrong.err")"
}
refuse 's/FIELD(LOAD, TOP, 5, 16, 16/FIELD(LOAD, TOP, 5, 15, 16/' 'LOAD.TOP: overlaps PITCH'
refuse 's/FIELD(LOAD, U_START, 7, 0, 20/FIELD(LOAD, U_START, 8, 0, 20/' 'behind the last unit'
refuse 's/FIELD(COMPUTE, ZP, 5, 20, 8/FIELD(COMPUTE, ZP, 5, 25, 8/' 'COMPUTE.ZP: does not lie in one word'
refuse 's/FIELD(TABLE, ADDR, 1/FIELD(NOTHING, ADDR, 1/' 'no such command: NOTHING'
refuse 's/FIELD(LOAD, POP_STORE, 0, 9, 1, B/FIELD(LOAD, POP_STORE, 0, 11, 2, B/' 'LOAD.POP_STORE: kind is'
refuse 's/FIELD(NOP, OPCODE, 0, 0, 8/FIELD(NOP, OPCODE, 0, 8, 8/' 'opcode is byte 0'
refuse 's/FIELD(LOAD, STRIDE, 2/FIELD(LOAD, ADDR, 2/' 'LOAD.ADDR: is defined twice'
refuse 's/OP(STORE, 0x20, 1/OP(STORE, 0x10, 1/' 'OP_STORE: has the code of LOAD'
refuse 's/OP(COMPUTE, 0x40, 5/OP(COMPUTE, 0x40, 6/' 'OP_COMPUTE: has no units or too many'
refuse 's/REG(ISA, 0x04/REG(ISA, 0x06/' 'REG_ISA: is not word aligned'
refuse 's/REG(ISA, 0x04, RO/REG(ISA, 0x04, XX/' 'REG_ISA: access'
refuse 's/HW(ROWS, rows, 16, 4/HW(ROWS, rows, 16, 17/' 'HW ROWS: the default is out of its range'
refuse 's/HW(LANES, lanes, 16/HW(LANES, lanes, 6/' 'HW LANES: the default does not divide cols'
refuse 's/DIVIDES, cols/DIVIDES, columns/' 'HW LANES: no row before it has the name columns'
refuse 's/HW(FB_WORDS, fb_words, 2048/HW(FB_WORDS, fb_words, 2000/' 'HW FB_WORDS: the default is no power of two'
refuse 's/HW(MEM_SIZE, mem_size, 0x10000000/HW(MEM_SIZE, mem_size, 1000/' 'HW MEM_SIZE: the default is no multiple of 32'
refuse 's/4096, ANY/4096, SOME/' 'HW ACC_DEPTH: there is no rule SOME'
refuse 's/"acc-depth"/"fb-words"/' 'HW ACC_DEPTH: has the option of FB_WORDS'
refuse 's/"acc-depth"/""/' 'HW ACC_DEPTH: has no option'
refuse 's/"port"/"acc"/' 'HW MEM_BYTES: has the key of ACC_DEPTH'
refuse 's/0, "pair"/0, "acc"/' 'HW ACC_DEPTH: has the key of the part PAIR'
refuse 's/2, "float"/2, "tflite"/' 'HW_PART FLOAT: has the key of TFLITE'
refuse 's/float, 2, "float"/float, 1, "float"/' 'INFO_LACKS.FLOAT: overlaps TFLITE'
refuse 's/1, 1, 0x44, "", "cols"/1, 1, 0x40, "", "cols"/' 'REG_INFO_COLS: has the code of INFO_ROWS'
refuse 's/BITS(STATUS, BUSY, 8/BITS(STATUS, BUSY, 7/' 'STATUS.BUSY: overlaps CODE'
refuse 's/BITS(STATUS, DONE, 9, 1/BITS(STATUS, DONE, 30, 3/' 'STATUS.DONE: does not lie in one word'
refuse 's/BITS(CTRL, ABORT/BITS(CONTROL, ABORT/' 'CONTROL.ABORT: no such register: CONTROL'
refuse 's/WORDS(COMPUTE, POST, 26, 3/WORDS(COMPUTE, POST, 25, 3/' 'COMPUTE.POST: overlaps OUTPUT'
refuse 's/WORDS(COMPUTE, POST, 26, 3/WORDS(COMPUTE, POST, 26, 10/' 'COMPUTE.POST: goes beyond the last field of COMPUTE'
refuse 's/WORDS(COMPUTE, POST/WORDS(COMPUTE, ZP1/' 'COMPUTE.ZP1: is defined twice'
refuse 's/WORDS(COMPUTE, POST/WORDS(COMPUTER, POST/' 'COMPUTER.POST: no such command: COMPUTER'
refuse 's/ERR(ACC, 7/ERR(ACC, 6/' 'ERR_ACC: has the code of TOKEN'
refuse 's/PKT(PING, 0x02/PKT(PING, 0x102/' 'PKT_PING: code is not a byte'

# A changed table makes the prints stale.
sed 's/FIELD(COMPUTE, CHAIN, 11, 24, 8/FIELD(COMPUTE, CHAIN, 11, 23, 8/' "$isa/weft_isa.def" > "$build/other.def"
generator -DWEFT_ISA_DEF="\"$build/other.def\"" -o "$build/other"
if check "$build/other" 2> /dev/null; then
    fail "a stale print was not noticed"
fi

if ! command -v iverilog > /dev/null; then
    echo "ok isa_views: prints fresh, 33 wrong tables refused, no iverilog for the round trip, seed 1"
    exit 0
fi
$cc -std=c11 -I "$root" -o "$build/test_isa" "$root/tests/isa/test_isa.c" "$isa/weft_disasm.c"
"$build/test_isa" "$build/fields"
# round_trip PACKAGE: 0 if Verilog sees what C has put in
round_trip() {
    iverilog -g2012 -s tb_isa_probe -o "$build/probe" "$1" "$root/tests/isa/isa_probe.v" \
        "$root/tests/isa/tb_isa_probe.v"
    vvp -n "$build/probe" "+file=$build/fields" | grep '^[A-Z]*\.' | sed 's/  */ /' > "$build/fields.out"
    diff "$build/fields.txt" "$build/fields.out" > "$build/fields.diff"
}
round_trip "$isa/weft_isa_pkg.v" || fail "round trip: $(head -3 "$build/fields.diff" | tr '\n' ' ')"
# One bit off on the Verilog side only must show.
sed 's/COMPUTE_SEG_LSB = 352/COMPUTE_SEG_LSB = 353/' "$isa/weft_isa_pkg.v" > "$build/off.v"
cmp -s "$isa/weft_isa_pkg.v" "$build/off.v" && fail "COMPUTE_SEG_LSB is not where this test expects it"
if round_trip "$build/off.v"; then fail "a shifted field was not noticed"; fi
echo "ok isa_views: prints fresh, 33 wrong tables refused, $(wc -l < "$build/fields.txt") fields C to Verilog, seed 1"
