#!/usr/bin/env bash
# Does the order of the rooms (tests/rooms.list) hold?  An include or a call that goes to a later room fails; a call is an
# undefined symbol of an object that an object there defines.  So does a circle of calls between the files of one room.
#
#   tests/check_rooms.sh BUILD      from the top of a tree that is built
set -u
build=$1 found=$1/rooms
mkdir -p "$found"
sources=$(find rtl/isa host models sim -name '*.[ch]')
objects=$(for s in $sources; do o=$build/obj/${s%.c}.o; [ "$s" != "${s%.c}" ] && [ -f "$o" ] && echo "$o"; done)
[ -n "$objects" ] || { echo "FAIL rooms: no objects in $build: build first"; exit 1; }

# Lines "kind from to what": what each file includes, and what each object calls.
{ printf 'file %s\n' $sources && grep -oE '^#include [<"][^">]+' $sources | sed 's/:#include [<"]/ /; s/^/include /'; } | awk '
    $1 == "file" { is[$2] = 1; next }
    { dir = $2; sub("[^/]*$", "", dir)
      split(dir $3 " " $3 " host/include/" $3, at, " ")
      for (i = 1; i <= 3; i++) if (at[i] in is) { print "includes", $2, at[i], $3; break } }' >"$found/arrows"
nm -A $objects | sed "s|^$build/obj/||; s|\.o:| |" | awk '
    $(NF - 1) == "U" { user[++n] = $1; wants[n] = $NF; next }
    $(NF - 1) ~ /^[TDBRVWCi]$/ { maker[$NF] = $1 }
    END { for (i = 1; i <= n; i++) if (wants[i] in maker)
              print "calls", user[i] ".c", maker[wants[i]] ".c", wants[i] }' >>"$found/arrows"

awk '
    function room(file,   r, best) {
        for (r in rank) if ((file == r || index(file, r "/") == 1) && length(r) > length(best)) best = r
        return best
    }
    FNR == NR { if ($1 !~ /^#/ && NF) rank[$1] = FNR; next }
    { a = room($2); b = room($3) }
    a == "" || b == "" { print "FAIL rooms: " (a == "" ? $2 : $3) " is in no room"; next }
    rank[a] < rank[b] { print "FAIL rooms: " $2 " " $1 " " $4 " of " b ", which stands after " a }
    a == b && $1 == "calls" && $2 != $3 { call[$2 " " $3] }
    END {
        do { # calls from files that nobody calls, or to files that call nobody, are in no circle
            gone = 0; split("", calls); split("", called)
            for (c in call) { split(c, f); calls[f[1]]; called[f[2]] }
            for (c in call) { split(c, f); if (!(f[1] in called) || !(f[2] in calls)) { delete call[c]; gone = 1 } }
        } while (gone)
        for (c in call) { split(c, f); print "FAIL rooms: circle of calls: " f[1] " -> " f[2] }
    }' tests/rooms.list "$found/arrows" | sort -u >"$found/wrong"
cat "$found/wrong"
! grep -q '^FAIL' "$found/wrong" &&
    echo "ok rooms: $(wc -l <"$found/arrows") includes and calls of $(wc -w <<<"$objects") objects in $(grep -c '^[^#]' tests/rooms.list) rooms, none goes up, no circle"
