#!/bin/sh
# How many broken designs do the proofs reject?  For each proof: N mutations of its design (Yosys mutate, seed S),
# each proved again; prints killed and surviving ones.  Mutations inside the properties are left out.
#
#   tests/formal/mutate.sh [-n N] [-s S] [proof ..]        from the top of the tree; N 40, S 1
#
# A survivor is equivalent, or a hole in the properties: look at it.  Exit status 1 if fewer than
# three in four are killed.  Works in build/mutate.
set -u
count=40 seed=1
while getopts n:s: option; do
    case $option in n) count=$OPTARG ;; s) seed=$OPTARG ;; *) exit 2 ;; esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- weft_skid weft_fifo weft_commit_fifo weft_link_sequence weft_gearbox weft_packets weft_ft245_bus weft_uart_rx weft_uart_tx
out=build/mutate
mkdir -p $out
status=0

# First line of the properties of a source file: what comes after is not the design.
properties() { grep -n '^`ifdef FORMAL' "$1" | tail -1 | cut -d: -f1; }

for proof in "$@"; do
    # The last configuration of the proof is the one that is mutated.
    sources=$(grep '^read_verilog' tests/formal/$proof.ys)
    params=$(grep '^chparam' tests/formal/$proof.ys | tail -1)
    file=$(echo "$sources" | tr ' ' '\n' | grep "/$proof\.v$")
    limit=$(properties "$file")
    cat > $out/$proof.ys <<EOF
$sources
$params
prep -flatten -top $proof
memory_map
async2sync
chformal -cover -remove
opt
write_rtlil $out/$proof.il
EOF
    yosys -q $out/$proof.ys > $out/$proof.log 2>&1 || { echo "FAIL mutate $proof: the design does not load"; exit 1; }
    yosys -q -p "read_rtlil $out/$proof.il; mutate -list 1000 -seed $seed -o $out/$proof.all" >> $out/$proof.log 2>&1
    awk -v file="$file" -v limit="$limit" -v count="$count" '
        /-mode none/ { next }
        { keep = 0
          for (i = 1; i < NF; i++) if ($i == "-src" && split($(i+1), part, ":") >= 2 && part[1] == file && part[2] + 0 > 0 && part[2] + 0 < limit + 0) keep = 1
          if (keep && n++ < count) print }' $out/$proof.all > $out/$proof.list
    total=0 killed=0
    : > $out/$proof.alive
    while read -r mutation; do
        total=$((total + 1))
        if yosys -q -p "read_rtlil $out/$proof.il; $mutation; opt; sat -prove-asserts -set-assumes -tempinduct -maxsteps 6 -verify $proof" > /dev/null 2>&1
        then echo "$mutation" >> $out/$proof.alive
        else killed=$((killed + 1))
        fi
    done < $out/$proof.list
    [ $total -gt 0 ] || { echo "FAIL mutate $proof: nothing to mutate"; status=1; continue; }
    if [ $((killed * 4)) -ge $((total * 3)) ]; then word=ok; else word=FAIL status=1; fi
    echo "$word mutate $proof: $killed of $total killed, seed $seed; survivors in $out/$proof.alive"
done
exit $status
