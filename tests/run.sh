#!/usr/bin/env bash
# Run a list of tests, two at a time, and judge each: passed needs exit status 0 AND a line that
# begins with "ok" (Icarus ends with 0 after a failed $fatal of some kinds), 77 is a skip.
#
#   tests/run.sh LIST BUILD [DIR]    LIST: lines of "suite name command..."; '#' begins a comment
#
# Logs are written to BUILD/DIR (test).  A command's word "build", alone or before a slash, stands for BUILD.
# Prints one line a test, what failed in full, and last "N passed, N failed[, N skipped]".
set -u
list=$1 build=$2 logs=$2/${3:-test}
mkdir -p "$logs"
rm -f "$logs"/*.log "$logs"/*.rc

one() {
    local name=$1
    shift
    bash -c "$(sed -E "s#(^|[ =;])build(/|[ ;]|\$)#\\1$build\\2#g" <<<"$*")" >"$logs/$name.log" 2>&1 </dev/null
    echo $? >"$logs/$name.rc"
}

judge() { # suite name
    local rc log="$logs/$2.log"
    rc=$(cat "$logs/$2.rc")
    if [ "$rc" = 77 ]; then
        skipped=$((skipped + 1))
        echo "  skip  $2: $(tail -n 1 "$log")"
    elif [ "$rc" = 0 ] && grep -q '^ok' "$log" && ! grep -qE '^(FAIL|ERROR)' "$log"; then
        passed=$((passed + $(grep -c '^ok' "$log")))
        grep '^ok' "$log" | sed 's/^/  /'
    else
        failed=$((failed + 1))
        echo "  FAIL  $2 (exit status $rc), last lines of $log:"
        tail -n 30 "$log" | sed 's/^/        /'
    fi
}

passed=0 failed=0 skipped=0 suite=
while read -r s name command; do
    case $s in '' | '#'*) continue ;; esac
    while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
    one "$name" "$command" &
done <"$list"
wait
while read -r s name command; do
    case $s in '' | '#'*) continue ;; esac
    [ "$s" = "$suite" ] || echo "$s"
    suite=$s
    judge "$s" "$name"
done <"$list"
if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed = 0 ] && [ $passed -gt 0 ]
