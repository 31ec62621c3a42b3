#!/usr/bin/env bash
# Cycles of whole networks on the simulated chip, by layer, against tests/perf/expected.csv; every run
# also has to give the bytes of the C model, and about what the compiler predicted: within 5 % of all
# cycles and 10 % of every layer's.
#
#     tests/perf/perf.sh WEFT small|all|update [VIA]
#
# small   the quick ones: fails if any layer takes other cycles than expected.csv says
# all     every network, checked likewise, and the tables of the README; with a VIA of another shape
#         (sim:shape=8x8) only the tables
# update  every network; writes expected.csv and the tables between the marks in README.md, whose
#         difference is then for review
#
# Networks are those of networks.list; one whose file is not here is left out and named.
set -u
weft=$1 mode=$2 via=${3:-sim:}
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
data=${WEFT_DATA:-$root/../shared/data}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
expected=$here/expected.csv failures=0 networks=0 layers=0 skipped=

# The path of a network, made if need be; fails if it is not here.
fetch() { # name source
    case $2 in
    zoo:*) "$weft" zoo $(echo "${2#zoo:}" | tr : ' ') -o "$dir/$1.onnx" && echo "$dir/$1.onnx" ;;
    data:*) [ -e "$data/${2#data:}" ] && echo "$data/${2#data:}" ;;
    file:*) echo "$root/${2#file:}" ;;
    esac
}

measure() { # name source
    local path
    path=$(fetch "$1" "$2") || { skipped="$skipped $1"; return 1; }
    "$weft" profile "$path" --via "$via" --check --csv "$dir/$1.csv" --json >"$dir/$1.json" || { failures=$((failures + 1)); return 1; }
    rm -f "$dir/$1.onnx"
    awk -F, -v n="$1" '{ print n "," $1 "," $2 }' "$dir/$1.csv" >"$dir/$1.got"
    networks=$((networks + 1))
    layers=$((layers + $(wc -l <"$dir/$1.got") - 1))
}

check() { # name
    grep "^$1," "$expected" >"$dir/want"
    cmp -s "$dir/want" "$dir/$1.got" && return
    failures=$((failures + 1))
    echo "FAIL perf: $1 takes other cycles (< expected.csv, > now); make perf-update if that is meant"
    diff "$dir/want" "$dir/$1.got" | grep '^[<>]' | head -n 20
}

predicted() { # name
    awk -F, -v n="$1" '{ e = $2 ? 100 * ($3 - $2) / $2 : 0; a = e < 0 ? -e : e
        if (a > ($1 == "all" ? 5 : 10)) { bad = 1; printf "FAIL perf: %s %s takes %d cycles, %d were predicted (%+.1f %%)\n", n, $1, $2, $3, e } }
        END { exit bad }' "$dir/$1.csv" || failures=$((failures + 1))
}

row() { # name cycles-target utilisation-target title; a line of the table
    awk -F, -v want="$2" -v least="$3" -v title="$4" -v peak="$peak" '
        $1 != "all" { e = $2 ? 100 * ($3 - $2) / $2 : 0; a = e < 0 ? -e : e
            if (a > worst || !n++) { worst = a; signed = e; name = $1 } if (a > 10) over++ }
        $1 == "all" { u = 100 * $4 / ($2 * peak); printf "| %s | %d | %.1f %% | %s | %s | %d | %+.1f %% | %+.1f %% %s | %d of %d |\n",
            title, $2, u, want == "-" ? "" : want ($2 <= want ? "" : " MISSED"),
            least == "-" ? "" : least " %" (u >= least ? "" : " MISSED"), $3, 100 * ($3 - $2) / $2, signed, substr(name, 1, index(name ";", ";") - 1), over, n }' \
        "$dir/$1.csv"
}

kind_row() { # kind
    local json title
    for json in "$dir"/*.json; do
        title=$(basename "$json" .json)
        grep '^"kinds"' "$json" | tr '{' '\n' | grep "\"kind\":\"$1\"" | sed 's/[":]/ /g; s/,/ /g' |
            awk -v n="$title" -v k="$1" -v peak="$peak" '$4 > 0 { printf "| %s, %s commands | %d | %.1f %% |\n", n, k, $6, 100 * $10 / ($6 * peak) }'
    done
}

while read -r name when source cycles share title; do
    case $name in '' | '#'*) continue ;; esac
    [ "$mode" = small ] && [ "$when" != small ] && continue
    measure "$name" "$source" || continue
    predicted "$name"
    [ "$via" = sim: ] || cycles=- share=- # targets are those of the default array
    [ "$mode" != update ] && [ "$via" = sim: ] && check "$name"
    peak=$(grep -oE '"(rows|cols)":[0-9]+' "$dir/$name.json" | head -n 2 | awk -F: '{ p = p ? p * $2 : $2 } END { print p }')
    [ "$mode" = small ] || row "$name" "$cycles" "$share" "$title" >>"$dir/table"
done <"$here/networks.list"

tables() {
    echo "| network ($via) | cycles | of the multipliers | cycles at most | at least | predicted | error | worst layer | layers beyond 10 % |"
    echo "|---|---|---|---|---|---|---|---|---|"
    cat "$dir/table"
    echo
    echo "| by kind of command | cycles of the compute queue | of the multipliers |"
    echo "|---|---|---|"
    kind_row depthwise
}

[ "$mode" = all ] && [ $networks -gt 0 ] && tables
if [ "$mode" = update ]; then
    for name in $skipped; do grep "^$name," "$expected" >"$dir/$name.got"; done
    { echo "network,layer,cycles"; while read -r name rest; do [ -e "$dir/$name.got" ] && cat "$dir/$name.got"; done <"$here/networks.list"; } >"$dir/new"
    tables >"$dir/tables"
    # Tables that lack a network would be poorer than those that stand there.
    [ -n "$skipped" ] || sed "/^<!-- perf begin/,/^<!-- perf end/{/^<!-- perf begin/r $dir/tables
/^<!-- perf/!d}" "$root/README.md" >"$dir/readme"
    [ $failures = 0 ] && cat "$dir/new" >"$expected" && [ -e "$dir/readme" ] && cat "$dir/readme" >"$root/README.md"
fi
[ -z "$skipped" ] || echo "not here:$skipped"
[ $failures = 0 ] && [ $networks -gt 0 ] || exit 1
case $mode-$via in
*-sim:) echo "ok perf $mode: $networks networks, $layers layers, bytes of the C model, cycle for cycle" ;;
*) echo "ok perf $mode: $networks networks, $layers layers on $via, bytes of the C model" ;;
esac
