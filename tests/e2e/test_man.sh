#!/usr/bin/env bash
# The manual says what the command takes: every subcommand, every option of its table, every option of a device
# address, and nothing else.
#
#     tests/e2e/test_man.sh WEFT
set -u
weft=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
checks=0 failures=0

equal() { # what, file with a line each as it is, file as the manual says
    checks=$((checks + $(wc -l <"$2")))
    cmp -s "$2" "$3" && return
    echo "FAIL man: $1: $(diff "$2" "$3" | sed -n 's/^< \(.*\)/not in the manual: \1;/p; s/^> \(.*\)/only in the manual: \1;/p' | tr '\n' ' ')"
    failures=$((failures + 1))
}

# The manual as lines "SECTION<tab>FIRST WORD<tab>words", a line for each tagged paragraph: fonts and quotes gone.
awk '
    function flush() { if (words != "" && head != "-") print section "\t" head "\t" words; words = ""; head = "" }
    /^\.SH/ { flush(); section = substr($0, 5); head = "-"; next }
    /^\.(TP|PP)/ { flush(); head = /TP/ ? "" : "-"; next }
    {
        sub(/^\.(BI|BR|IR|RB|RI|B|I|nf|fi) ?/, ""); gsub(/\\f[A-Z]/, ""); gsub(/"/, ""); gsub(/\\-/, "-")
        if (head == "") head = $1
        words = words " " $0
    }
    END { flush() }' host/tool/weft.1 >"$dir/man"
options() { grep -oE '(^|[] (,[])--?[a-z][a-z0-9-]*' | sed 's/^[^-]*//' | sort -u; }

# The tables: names of options in a function cmd_NAME, with those of macros in front of it that it uses.
for source in host/tool/cmd_*.c; do
    tr '\n' ' ' <"$source" | sed 's/#define/\n#define/g; s/int cmd_\([a-z]*\)(tool/\nCMD \1 (tool/g; s/static /\nstatic /g' |
        awk '
            function names(   line, all) {
                line = $0
                while (match(line, /\{[ \\]*"--?[a-z0-9-]+", *\\? *OPTION_/)) {
                    all = all " " substr(line, RSTART, RLENGTH)
                    line = substr(line, RSTART + RLENGTH)
                }
                gsub(/[{"\\]|, *OPTION_/, " ", all); gsub(/,/, " ", all)
                return all
            }
            /^#define/ { name = $2; sub(/\(.*/, "", name); macro[name] = names(); next }
            /^CMD/ && /\{/ {
                all = names()
                for (m in macro) if (index($0, m "(")) all = all " " macro[m]
                n = split(all, a, " ")
                print $2, ""
                for (i = 1; i <= n; i++) print $2, a[i]
            }'
done | sort -u >"$dir/tables"
sed -n 's/.*{ "\(--[a-z]*\)", OPTION_.*/\1/p' host/tool/tool.c | sort -u >"$dir/common"

"$weft" help | awk '/^  [a-z]/ { print $1 }' | sort >"$dir/is"
awk -F '\t' '$1 == "COMMANDS" { print $2 }' "$dir/man" | sort >"$dir/says"
equal "commands" "$dir/is" "$dir/says"
awk '{ print $1 }' "$dir/tables" | sort -u >"$dir/says"
equal "commands with a table (this test reads the sources)" "$dir/is" "$dir/says"

# Those of the array are printed into the manual, and a command takes all or none of them.
array() { awk -F '\t' '$1 == "DEVICE PARAMETERS" { print $2 }' "$dir/man"; }
while read -r command; do
    "$weft" "$command" --help | awk '/^  --?[a-z]/ { print $1 }' | grep -vxFf <(cat "$dir/common"; echo --via) | sort -u >"$dir/is_options"
    awk -F '\t' -v c="$command" '$1 == "COMMANDS" && $2 == c { print $3 }' "$dir/man" >"$dir/text"
    { options <"$dir/text"; ! grep -q "DEVICE PARAMETERS" "$dir/text" || array; } | sort -u >"$dir/says"
    equal "$command" "$dir/is_options" "$dir/says"
done <"$dir/is"

awk -F '\t' '$1 == "OPTIONS" { print $2 }' "$dir/man" | sort >"$dir/says"
{ cat "$dir/common"; echo --via; } | sort >"$dir/is_options"
equal "OPTIONS" "$dir/is_options" "$dir/says"
awk '$2 == "--via" { print $1 }' "$dir/tables" | sort >"$dir/is_options"
awk -F '\t' '$1 == "OPTIONS" && $2 == "--via" { print $3 }' "$dir/man" | tr -c 'a-z\n' ' ' | tr -s ' ' '\n' | grep -Fxf "$dir/is" | sort -u >"$dir/says"
equal "--via: commands that take it" "$dir/is_options" "$dir/says"

# Addresses and their options: the library names them all when it refuses one.
"$weft" run no/such --via nothing: 2>&1 | sed 's/.*there are //' | tr ' ' '\n' | sort >"$dir/schemes"
awk -F '\t' '$1 == "DEVICES" { print $2 }' "$dir/man" | sort >"$dir/says"
equal "addresses" "$dir/schemes" "$dir/says"
while read -r scheme; do
    "$weft" run no/such --via "${scheme}option" 2>&1 </dev/null | sed 's/.*it has: //' | tr ' ' '\n' | sort >"$dir/is_options"
    awk -F '\t' -v s="$scheme" '$1 == "DEVICES" && $2 == s { print $3 }' "$dir/man" | sed 's/([^)]*)//g; s/.*Options: //' | tr ',.' '\n\n' |
        sed 's/^ *//; s/=.*//; s/ .*//' | grep . | sort >"$dir/says"
    equal "$scheme" "$dir/is_options" "$dir/says"
done <"$dir/schemes"

if command -v groff >/dev/null; then
    checks=$((checks + 1))
    groff -man -Tascii -ww -z host/tool/weft.1 >"$dir/groff" 2>&1
    [ -s "$dir/groff" ] && { head -n 3 "$dir/groff" | sed 's/^/FAIL man: /'; failures=$((failures + 1)); }
fi
[ "$checks" -gt 100 ] || { echo "FAIL man: only $checks names compared"; failures=$((failures + 1)); }
[ $failures = 0 ] || exit 1
echo "ok man: commands, options and addresses in weft.1 are those there are, $checks checks"
