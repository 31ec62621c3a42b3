#!/usr/bin/env bash
# The pins of every board against what two sources outside say of them: each port of its top has one place in its constraints, and
# pins.csv, written down from the sources that the folder's README names, says the same twice.
#
#     tests/rtl/check_pins.sh [folder of boards]        rtl/board; from the top of the tree
set -u
boards=${1:-rtl/board} failures=0 pins=0 count=0
say() { echo "FAIL pins: $1"; failures=$((failures + 1)); }
for folder in "$boards"/*/; do
    board=$(basename "$folder")
    constraints=$folder/$board.lpf
    count=$((count + 1))
    declare -A site=() first=() second=()
    while read -r port place; do
        [ -z "${site[$port]:-}" ] || say "$board: $port is placed twice"
        for other in "${!site[@]}"; do [ "${site[$other]}" != "$place" ] || say "$board: $port and $other are both at $place"; done
        site[$port]=$place
        grep -qF "IOBUF PORT \"$port\" IO_TYPE=" "$constraints" || say "$board: $port has no IO_TYPE"
    done < <(sed -n 's/^LOCATE COMP "\([^"]*\)" SITE "\([A-Z0-9]*\)";.*/\1 \2/p' "$constraints")
    while IFS=, read -r port a b; do
        [ "$port" = pin ] || { first[$port]=$a; second[$port]=$b; }
    done <"$folder/pins.csv"
    for port in "${!site[@]}"; do
        pins=$((pins + 1))
        [ "${first[$port]:-}" = "${site[$port]}" ] || say "$board: $port is at ${site[$port]}, the first source says ${first[$port]:-nothing}"
        [ "${second[$port]:-}" = "${site[$port]}" ] || say "$board: $port is at ${site[$port]}, the second source says ${second[$port]:-nothing}"
    done
    # What the top has and the constraints lack, bit by bit.
    while read -r width name; do
        if [ -z "$width" ] || [ "$width" = - ]; then want=$name; [ -n "${site[$want]:-}" ] || say "$board: port $want has no place"
        else
            for ((i = 0; i <= width; i++)); do [ -n "${site[$name[$i]]:-}" ] || say "$board: port $name[$i] has no place"; done
        fi
    done < <(sed -n 's/^ *\(input\|output\|inout\) *wire *\(\[\([0-9]*\):0\]\)\{0,1\} *\([a-z_0-9]*\).*/\3- \4/p' "$folder/weft_$board.v" | sed 's/^\([0-9][0-9]*\)-/\1/')
    grep -q 'not yet run on hardware' "$folder/README.md" || say "$board: its README does not say that it is not yet run on hardware"
done
[ $failures = 0 ] && echo "ok pins: $pins pins of $count boards, each as two sources have it"
[ $failures = 0 ]
