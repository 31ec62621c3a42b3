#!/usr/bin/env bash
# What `weft profile` says must add up, and be what the device counted.
#
#     tests/e2e/test_profile.sh WEFT MODEL...
#
# The page is looked at in Chromium where that is installed.
set -u
weft=$1
shift
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
checks=0 failures=0

check() { # text, condition of awk
    checks=$((checks + 1))
    awk "BEGIN { exit !($2) }" && return
    echo "FAIL profile: $1: $2"
    failures=$((failures + 1))
}

# number FILE KEY: the first number of that name in a line of JSON; total: the sum of all of them
number() { grep -o "\"$2\":[0-9.]*" "$1" | head -n 1 | cut -d: -f2; }
total() { grep -o "\"$2\":[0-9]*" "$1" | awk -F: '{ s += $2 } END { printf "%.0f\n", s }'; }

numbers() { # model
    "$weft" profile "$1" --json >"$dir/all.json" || { failures=$((failures + 1)); return; }
    grep '^"layers"' "$dir/all.json" >"$dir/layers"
    grep '^"all"' "$dir/all.json" >"$dir/all"
    local key sum=0 port runs
    for key in cycles predicted_cycles macs issued load store weights drain lanes operand idle load_busy \
        store_busy read_beats weight_beats write_beats vectors read_bytes weight_bytes written_bytes; do
        check "$1: layers add up in $key" "$(total "$dir/layers" $key) == $(number "$dir/all" $key)"
    done
    for key in issued load store weights drain lanes operand idle; do sum=$((sum + $(number "$dir/all" $key))); done
    check "$1: every cycle has one reason" "$sum == $(number "$dir/all" cycles)"
    check "$1: cycles of a plain run" "$("$weft" run "$1" --via sim: --json | grep -o '"cycles":[0-9]*' | cut -d: -f2) == $(number "$dir/all" cycles)"
    check "$1: vectors" "$(number "$dir/all" vectors) == $(number "$dir/all" issued)"
    port=$(number "$dir/all.json" mem_bytes)
    check "$1: weights" "$(number "$dir/all" weight_bytes) == $port * $(number "$dir/all" weight_beats)"
    check "$1: bytes written" "$(number "$dir/all" written_bytes) == $port * $(number "$dir/all" write_beats)"
    # commands are fetched ahead, at most a burst past the end of a run
    runs=$("$weft" dump "$1" --json | grep -o '"before":[0-9]*' | grep -v ':0$' | sort -u | wc -l)
    sum=$(($(number "$dir/all" read_bytes) + $(number "$dir/all" weight_bytes) + $(number "$dir/all" command_bytes)))
    check "$1: bytes read" "$sum <= $port * $(number "$dir/all" read_beats) && $port * $(number "$dir/all" read_beats) <= $sum + 16 * $port * ($runs + 1)"
}

pictures() { # model
    "$weft" profile "$1" --html "$dir/p.html" --trace "$dir/p.json" --json >"$dir/all.json" || failures=$((failures + 1))
    check "$1: nothing is fetched" "$(grep -ciE '<script|src=|href=|url\(|@import' "$dir/p.html") == 0"
    check "$1: three plots" "$(grep -c '^</svg>' "$dir/p.html") == 3"
    "$(dirname "$weft")/tests/e2e/check_trace" "$dir/p.json" "$dir/all.json" >"$dir/trace.log" || cat "$dir/trace.log"
    check "$1: the trace" "$(grep -c '^ok' "$dir/trace.log") == 1"
    local browser
    browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || return
    "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$dir/chrome" --dump-dom "file://$dir/p.html" \
        >"$dir/dom" 2>"$dir/chrome.log"
    check "$1: bars in the browser" "$(grep -o '<rect' "$dir/dom" | wc -l) == $(grep -o '<rect' "$dir/p.html" | wc -l)"
    check "$1: rows in the browser" "$(grep -o '<tr>' "$dir/dom" | wc -l) == $(grep -o '<tr>' "$dir/p.html" | wc -l)"
    seen=", seen in $(basename "$browser")"
}

seen=
for model in "$@"; do
    numbers "$model"
    pictures "$model"
done
[ $failures = 0 ] || { echo "FAIL profile: $failures of $checks checks"; exit 1; }
echo "ok profile: layers add up to the run and to the counters, so do traces$seen, $checks checks"
