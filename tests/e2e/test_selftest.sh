#!/usr/bin/env bash
# weft selftest as its user sees it: pages, JSON, exit statuses; a good device and one whose memory fails.
#
#   tests/e2e/test_selftest.sh WEFT
set -u
weft=$1 failures=0 checks=0
# expect STATUS WORDS ARGUMENT...: the exit status, and words in what is printed
expect() {
    local want=$1 words=$2 out status
    shift 2
    out=$("$weft" selftest "$@" 2>&1)
    status=$?
    checks=$((checks + 1))
    [ "$status" = "$want" ] && grep -qF -- "$words" <<<"$out" && return
    printf 'FAIL selftest %s: status %s, want %s and "%s":\n%s\n' "$*" "$status" "$want" "$words" "$out"
    failures=$((failures + 1))
}
expect 0 'March C- over 65536 of 268435456 bytes, no error' ref: --seconds 0 --memory 65536
expect 0 'link      not there no link' sim:shape=8x8 --seconds 0 --memory 65536
expect 0 'no error in' sim:link,shape=4x4 --seconds 0 --memory 65536
expect 0 '"good":true' ref: --json --seconds 0 --memory 65536
expect 1 'weft: link: the memory of the device answered with an error' sim:link,shape=4x4,error=0x2000 --seconds 0 --memory 65536
expect 1 '"good":false' sim:link,shape=4x4,error=0x2000 --json --seconds 0 --memory 65536
expect 2 'are needed'
expect 2 'no way to reach' nothing:
expect 4 'cannot be opened' serial:/no/such/port
[ $failures = 0 ] || exit 1
echo "ok selftest: pages, JSON and exit statuses, $checks checks"
