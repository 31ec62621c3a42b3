#!/usr/bin/env bash
# The page of `weft serve`: what it answers is what `weft run` says of the same picture; who is not asked in is refused with the
# right status; broken requests change nothing; Ctrl-C ends it.
#
#     tests/e2e/test_serve.sh WEFT MODEL.onnx         MODEL: LeNet-5, 28 x 28
#     SEED=1 N=60     of the broken requests
#
# On ref:, and on sim: where it is built.  The page itself is used in Chromium where that and Python are (serve_browser.py).
set -u
weft=$1 model=$2
RANDOM=${SEED:-1}
command -v curl >/dev/null || { echo "skip serve: no curl here"; exit 77; }
dir=$(mktemp -d) || exit 1
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
checks=0 failures=0 seen=
fail() { echo "FAIL serve: $*"; failures=$((failures + 1)); }

"$weft" serve "$model" --port 70000 >"$dir/out" 2>&1
! grep -q "built without libmicrohttpd" "$dir/out" || { echo "skip serve: $(cat "$dir/out")"; exit 77; }

begin() { # words: url, host, pid of a server that runs
    "$weft" serve "$@" >"$dir/address" 2>"$dir/log" &
    pid=$!
    for _ in $(seq 200); do [ -s "$dir/address" ] || sleep 0.05; done
    url=$(cat "$dir/address") host=${url#http://} host=${host%%/*}
    [ -n "$url" ] || { echo "FAIL serve: $*: no address: $(cat "$dir/log")"; exit 1; }
}
# Ctrl-C: it must be over in 2 s, well.
end() { # what
    local status
    kill -INT "$pid" 2>/dev/null
    for _ in $(seq 40); do kill -0 "$pid" 2>/dev/null && sleep 0.05; done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid"
    status=$?
    pid=
    checks=$((checks + 1))
    [ $status = 0 ] || fail "$1: Ctrl-C gave exit status $status: $(tail -n 2 "$dir/log")"
}
# want STATUS TEXT words of curl...: the status of the answer, and what is in it or its headers
want() {
    local status=$1 text=$2 got
    shift 2
    got=$(curl -sS -m 20 -D "$dir/head" -o "$dir/body" -w '%{http_code}' "$@" 2>"$dir/curl")
    checks=$((checks + 1))
    { [ "$got" = "$status" ] && { [ -z "$text" ] || cat "$dir/head" "$dir/body" | grep -qF -- "$text"; }; } ||
        fail "curl $*: status $got, want $status and \"$text\": $(head -c 300 "$dir/body") $(cat "$dir/curl")"
}
# usage STATUS TEXT words...: serve refuses them
usage() {
    local status=$1 text=$2 got
    shift 2
    timeout 20 "$weft" serve "$@" >"$dir/out" 2>&1
    got=$?
    checks=$((checks + 1))
    { [ $got = "$status" ] && grep -qF -- "$text" "$dir/out"; } || fail "serve $*: exit status $got, want $status and \"$text\": $(cat "$dir/out")"
}

picture() { # file: random pixels, with a bright stroke
    local pixels='' y x v at=$((4 + RANDOM % 18))
    for ((y = 0; y < 28; y++)); do
        for ((x = 0; x < 28; x++)); do
            v=$((RANDOM % 40))
            ((x >= at && x < at + 3)) && v=$((200 + RANDOM % 56))
            printf -v v '\\x%02x' $v
            pixels+=$v
        done
    done
    { printf 'P5\n28 28\n255\n'; printf "$pixels"; } >"$1"
}

# The same numbers as weft run, the class with the largest first; of the first picture the same cycles, as later ones begin with a
# device that has run before.
compare() { # device, pictures, seconds the fastest may take
    local k times='' best said
    for k in $(seq "$2"); do
        picture "$dir/p.pgm"
        times+=" $(curl -sS -o "$dir/answer" -w '%{time_total}' --data-binary "@$dir/p.pgm" "${url}answer")"
        "$weft" run "$model" "$dir/p.pgm" --via "$1" --json >"$dir/run" || fail "$1: weft run"
        checks=$((checks + 3))
        [ -n "$(grep '^"outputs"' "$dir/run")" ] && [ "$(grep '^"outputs"' "$dir/run")" = "$(grep '^"outputs"' "$dir/answer")" ] ||
            fail "$1: $(cat "$dir/answer") is not $(grep '^"outputs"' "$dir/run")"
        best=$(grep '^"outputs"' "$dir/run" | sed 's/.*"values":\[\([^]]*\).*/\1/' | tr ',' '\n' | awk 'NR == 1 || $1 > m { m = $1; i = NR - 1 } END { print i }')
        said=$(sed -n 's/^"top":\[{"class":\([0-9]*\).*/\1/p' "$dir/answer")
        [ "$best" = "$said" ] || fail "$1: the page says $said, the largest is $best"
        [ $k != 1 ] || [ "$(grep '^"cycles"' "$dir/run")" = "$(grep '^"cycles"' "$dir/answer")" ] || fail "$1: $(grep -h '^"cycles"' "$dir/run" "$dir/answer")"
    done
    # The loop looks by itself ten times a second: who waits for that was not woken.
    checks=$((checks + 1))
    echo "$times" | tr ' ' '\n' | grep . | sort -n | awk -v most="$3" 'NR == 1 && $1 > most { exit 1 }' || fail "$1: the fastest of$times seconds took more than $3"
    seen+="; $1 $(echo "$times" | tr ' ' '\n' | grep . | sort -n | awk '{ t[NR] = $1 } END { printf "%.1f ms from request to answer (median of %d)", 1000 * t[int((NR + 1) / 2)], NR }')"
}

refusals() {
    local other=0123456789abcdef0123456789abcdef p=$dir/p.pgm
    want 200 "script-src 'nonce-" "$url"
    checks=$((checks + 2))
    [ "$(sed -n "s/.*script-src 'nonce-\([0-9a-f]*\)'.*/\1/p" "$dir/head")" = "$(sed -n 's/.*<script nonce="\([^"]*\)".*/\1/p' "$dir/body")" ] || fail "the nonce of the page"
    ! grep -qiE 'src=|href=|@import|https?://|@NONCE@' "$dir/body" || fail "the page fetches: $(grep -iE 'src=|href=|@import|https?://|@NONCE@' "$dir/body")"
    want 200 '"height":28' "${url}about"
    want 200 "" -I "$url"
    want 200 '"top"' -H "Origin: http://$host" --data-binary "@$p" "${url}answer"
    want 403 "only the page" -H "Origin: http://evil.example" --data-binary "@$p" "${url}answer"
    want 403 "only the page" -H "Origin: https://$host" --data-binary "@$p" "${url}answer"
    want 403 "only the page" -H "Origin: null" --data-binary "@$p" "${url}answer"
    want 421 "this name" -H "Host: evil.example" "$url"
    want 421 "this name" -H "Host: evil.example:${host##*:}" --data-binary "@$p" "${url}answer"
    want 421 "this name" -H "Host: 127.0.0.1:1" "$url"
    want 421 "this name" -H "Host: 192.168.0.1:${host##*:}" "$url"
    want 200 "" -H "Host: localhost:${host##*:}" "$url"
    want 403 "whole address" "http://$host/"
    want 403 "whole address" "http://$host/$other/"
    want 403 "whole address" "http://$host/$other/about"
    want 403 "whole address" "${url%/}0/"
    want 403 "whole address" "${url%??/}/"
    want 403 "whole address" --data-binary "@$p" "http://$host/$other/answer"
    want 404 "" "${url}../etc/passwd" --path-as-is
    want 404 "" "${url}nothing"
    want 405 "Allow: POST" "${url}answer"
    want 405 "Allow: POST" -X PUT --data-binary "@$p" "${url}answer"
    want 405 "Allow: GET, HEAD" --data-binary "@$p" "$url"
    want 405 "Allow: GET, HEAD" -X DELETE "${url}about"
    want 411 "length" -H "Transfer-Encoding: chunked" --data-binary "@$p" "${url}answer"
    want 411 "length" -X POST "${url}answer"
    want 400 "no picture" -X POST -d "" "${url}answer"
    head -c 8388609 /dev/zero >"$dir/large"
    want 413 "8 MiB" --data-binary "@$dir/large" "${url}answer"
    want 413 "8 MiB" -H "Expect:" --data-binary "@$dir/large" "${url}answer"
    head -c 8388608 /dev/zero >"$dir/large"
    want 415 "no picture" --data-binary "@$dir/large" "${url}answer"
    head -c 300 "$p" >"$dir/cut"
    want 400 "cut short" --data-binary "@$dir/cut" "${url}answer"
    printf 'P5\n30000 4000\n255\n' >"$dir/cut"
    want 400 "cut short" --data-binary "@$dir/cut" "${url}answer"
    want 415 "no picture" --data-binary "hello" "${url}answer"
    printf 'RIFF____WAVEfmt ' >"$dir/cut"
    want 415 "no picture" --data-binary "@$dir/cut" "${url}answer"
    want 400 "" -H "Content-Length: -5" --data-binary "@$p" "${url}answer"
    want 431 "" -H "X: $(head -c 60000 /dev/zero | tr '\0' x)" "$url"
}

# One broken request, by hand: whatever comes back, the server goes on.
broken() {
    local port=${host##*:} cut request junk what=$((RANDOM % 6))
    request="POST ${url#http://$host}answer HTTP/1.1\r\nHost: $host\r\nContent-Length: $((RANDOM % 900))\r\n\r\n"
    printf -v junk '\\x%02x' $((RANDOM % 256)) $((RANDOM % 256)) $((RANDOM % 256)) $((RANDOM % 256))
    case $what in
    0) request=${request:0:$((RANDOM % ${#request}))} ;;                                                      # cut
    1) cut=$((RANDOM % ${#request})) request=${request:0:$cut}$junk${request:$((cut + 1))} ;;                 # bytes in it
    2) request=${request/Content-Length/Content-Length: 7\\r\\nContent-Length} ;;                            # twice
    3) request=${request/1.1/9.$((RANDOM % 10))} ;;
    4) request=${request/POST/$(head -c $((RANDOM % 3000)) /dev/zero | tr '\0' Q)} ;;
    5) request=${request/Content-Length: /Content-Length: 99999999999999999999} ;;
    esac
    local body=$((RANDOM % 900)) reads=$((RANDOM % 4))
    (   # a shell of its own, which a closed connection may end
        exec 3<>"/dev/tcp/127.0.0.1/$port"
        printf "$request" >&3 && head -c $body "$dir/p.pgm" >&3
        [ $reads != 0 ] || timeout 0.1 cat <&3 >/dev/null
    ) 2>/dev/null
}
resident_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
# Twenty bodies of 8 MiB that are no pictures: none stays.
bodies() {
    local first k
    head -c 8388608 /dev/zero >"$dir/large"
    for k in $(seq 20); do
        want 415 "no picture" --data-binary "@$dir/large" "${url}answer"
        [ "$k" != 2 ] || first=$(resident_kb)
    done
    checks=$((checks + 1))
    [ "$(resident_kb)" -lt $((first + 50000)) ] || fail "$first KiB were resident, after eighteen bodies more $(resident_kb)"
}
open_files() { ls "/proc/$pid/fd" 2>/dev/null | wc -l; }

# Of many at once each is answered or told to come again, and all are well afterwards.
crowd() {
    local k
    for k in $(seq 40); do curl -s -m 20 -o /dev/null -w '%{http_code}\n' --data-binary "@$dir/p.pgm" "${url}answer" >"$dir/crowd.$k" & done
    for k in $(jobs -p); do [ "$k" = "$pid" ] || wait "$k"; done
    checks=$((checks + 1))
    cat "$dir"/crowd.* | sort | uniq -c >"$dir/crowd"
    { grep -q ' 200$' "$dir/crowd" && ! grep -qvE ' (200|503|000)$' "$dir/crowd"; } || fail "forty at once: $(tr '\n' ' ' <"$dir/crowd")"
    want 200 '"top"' --data-binary "@$dir/p.pgm" "${url}answer"
}

usage 2 "0 to 65535" "$model" --port 70000
usage 2 "address of this machine" "$model" --listen no.invalid
usage 2 "cannot listen" "$model" --listen 192.0.2.1
usage 3 "cannot be opened" "$dir/none.onnx"
"$weft" zoo mobilenet_v1 --size 32 -o "$dir/color.onnx" >/dev/null || fail "weft zoo"
usage 2 "say what a pixel" "$dir/color.onnx"

begin "$model"
usage 2 "another program listens" "$model" --port "${host##*:}"
compare ref: 8 0.09
# A body that never comes whole: the connection ends by itself, with no answer (curl: 52).
curl -s -m 20 -H "Content-Length: 5000" --data-binary "@$dir/p.pgm" "${url}answer" >/dev/null & slow=$!
refusals
crowd
bodies
wait $slow
slow=$?
checks=$((checks + 1))
[ $slow = 52 ] || fail "a cut body: curl's exit status is $slow, not 52"
before=$(open_files)
for _ in $(seq "${N:-60}"); do broken; done
compare ref: 1 20
checks=$((checks + 1))
for _ in $(seq 150); do [ "$(open_files)" -gt "$before" ] && sleep 0.1; done # those that were cut time out
[ "$(open_files)" -le "$before" ] || fail "$before files were open, now $(open_files)"
exec 4<>"/dev/tcp/127.0.0.1/${host##*:}"
end "after broken requests, with a connection open"
exec 4>&-

# Three channels, and a picture of another size.
begin "$dir/color.onnx" --divide 255
{ printf 'P6\n40 50\n255\n'; head -c 6000 "$weft"; } >"$dir/color.ppm"
want 200 '"outputs"' --data-binary "@$dir/color.ppm" "${url}answer"
"$weft" run "$dir/color.onnx" "$dir/color.ppm" --divide 255 --json >"$dir/run"
checks=$((checks + 1))
[ "$(grep '^"outputs"' "$dir/run")" = "$(grep '^"outputs"' "$dir/body")" ] || fail "a color picture: $(cmp "$dir/run" "$dir/body")"
end "three channels"

if "$weft" devices | grep -q '^sim:'; then
    begin "$model" --via sim:
    compare sim: 8 20
    # Ctrl-C while it works.
    for _ in 1 2 3 4 5 6; do curl -s -m 20 -o /dev/null --data-binary "@$dir/p.pgm" "${url}answer" & done
    sleep 0.05
    end "while pictures wait"
else
    seen+="; no sim: here"
fi

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -n "$browser" ] && command -v python3 >/dev/null; then
    begin "$model"
    checks=$((checks + 1))
    timeout 120 python3 tests/e2e/serve_browser.py "$browser" "$url" "$dir/drawn" >"$dir/browser" 2>&1 || fail "in the browser: $(tail -n 3 "$dir/browser")"
    "$weft" run "$model" "$dir/drawn.pgm" --json >"$dir/run" 2>&1
    checks=$((checks + 1))
    [ "$(grep '^"outputs"' "$dir/run")" = "$(grep '^"outputs"' "$dir/drawn.json")" ] || fail "what was drawn: $(cat "$dir/run" "$dir/drawn.json")"
    end "with the page open"
    seen+="; $(tail -n 1 "$dir/browser")"
else
    seen+="; no browser here"
fi

[ $failures = 0 ] || { echo "FAIL serve: $failures of $checks checks, seed ${SEED:-1}"; exit 1; }
echo "ok serve: the page answers as weft run does, and nobody else$seen, $checks checks, seed ${SEED:-1}"
