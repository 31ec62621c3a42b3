# What the tests of the command share; sourced with `suite` and `dir` set.
#
#     want STATUS TEXT command...     it ends with this status and says TEXT ("": anything) on either output, which are left in
#                                     $dir/out and $dir/err; a failure (2 and above) is one line "weft: ..."
#     same FILE FILE WHAT             equal bytes
#     fail WORDS...                   anything else that went wrong
checks=0 failures=0
fail() {
    echo "FAIL $suite: $*"
    failures=$((failures + 1))
}
want() {
    local status=$1 text=$2 got
    shift 2
    "$@" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    checks=$((checks + 1))
    { [ "$got" = "$status" ] && { [ -z "$text" ] || cat "$dir/out" "$dir/err" | grep -qF -- "$text"; }; } ||
        fail "\"$*\": exit status $got, want $status and \"$text\"; it said: $(tail -n 2 "$dir/out" "$dir/err")"
    [ "$status" -le 1 ] || { [ "$(wc -l <"$dir/err")" = 1 ] && grep -q '^weft: ' "$dir/err"; } ||
        fail "\"$*\" did not say exactly one line \"weft: ...\""
}
same() {
    checks=$((checks + 1))
    cmp -s "$1" "$2" || fail "$1 and $2 differ: $3"
}
