#!/usr/bin/env bash
# Cells of the core (weft_core) in an ECP5, counted by Yosys, into tests/perf/area.csv.
#
#     tests/perf/area.sh 8x8 16x16 ...        lines of other shapes stay; minutes for each shape
#
# Lanes as many as columns, memory port of 16 bytes, 512 accumulators, 2048 words of a feature bank:
# the logic hardly depends on the depths.  No place and route.
set -eu
cd "$(dirname "$0")/../.."
table=tests/perf/area.csv
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[ -e $table ] || echo "rows,cols,mem_bytes,lut4,ff,multipliers,carry,dp16k,dpr16" >$table

cells() { awk -v c="$1" '$1 == c { n = $2 } END { print n + 0 }' "$log"; }

for shape in "$@"; do
    rows=${shape%x*} cols=${shape#*x}
    yosys -q -p "read_verilog -sv -DSYNTHESIS -Irtl/lib $(tr '\n' ' ' <rtl/files.f);
        chparam -set ROWS $rows -set COLS $cols -set LANES $cols weft_core;
        synth_ecp5 -top weft_core -nowidelut -noflatten; flatten; tee -o $log stat" >/dev/null
    { grep -v "^$rows,$cols,16," $table
      echo "$rows,$cols,16,$(cells LUT4),$(cells TRELLIS_FF),$(cells MULT18X18D),$(cells CCU2C),$(cells DP16KD),$(cells TRELLIS_DPR16X4)"
    } | sort -t, -k1,1n -k2,2n >"$log.new"
    { grep '^rows' "$log.new"; grep -v '^rows' "$log.new"; } >$table
    rm -f "$log.new"
    tail -n +1 $table | grep "^$rows,$cols,"
done
