#!/usr/bin/env bash
# make install into an empty place, with blanks in its name; programs compiled against what lies there, by pkg-config,
# with the shared libraries and with the archives, give the bytes of the command; what the libraries export; make uninstall.
#
#     tests/host/test_install.sh BUILD
#
# Of the chips only 16x16 is compiled here, in all forms.
set -u
build=$1 checks=0 failures=0
top=$(mktemp -d) || exit 1
trap 'rm -rf "$top"' EXIT
dir="$top/a place" prefix="/opt/weft here" models="16x16 16x16_trace"
root=$dir$prefix

try() { # what, command...
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" >"$top/log" 2>&1 && return
    echo "FAIL install: $what: $(tail -n 3 "$top/log")"
    failures=$((failures + 1))
}
make_() { make --no-print-directory B="$build" LIB_MODELS="$models" DESTDIR="$dir" PREFIX="$prefix" "$@"; }

try "make install" make_ install
version=$("$root/bin/weft" --version | sed -n 's/^weft \([0-9.]*\).*/\1/p')
major=${version%%.*}
libraries=$(ls host/exports)
for file in bin/weft share/bash-completion/completions/weft share/zsh/site-functions/_weft share/fish/vendor_completions.d/weft.fish share/man/man1/weft.1 include/weft/weft.h include/weft/weft_version.h; do
    try "$file is there" test -s "$root/$file"
done
for l in $libraries; do
    try "lib$l.a" test -s "$root/lib/lib$l.a"
    try "lib$l.so" test "$(readlink -f "$root/lib/lib$l.so")" = "$(readlink -f "$root/lib/lib$l.so.$version")"
    try "SONAME of $l" sh -c "objdump -p '$root/lib/lib$l.so' | grep -q 'SONAME *lib$l.so.$major$'"
done

# --- completion: what the command itself says it takes, by bash; zsh and fish at least read theirs ---

complete_() { # words.. : what bash offers for the last
    PATH="$root/bin:$PATH" bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weft; printf "%s\n" "${COMPREPLY[@]}"' - \
        "$root/share/bash-completion/completions/weft" "$@" | sort
}
try "completion of commands" diff <(complete_ weft "") <({ echo help; echo --help; echo --version; "$root/bin/weft" help | awk '/^  [a-z]/ { print $1 }'; } | sort)
for command in run eval merge; do
    try "completion of weft $command" diff <(complete_ weft $command -) <({ echo --help; "$root/bin/weft" $command --help | awk '/^  -/ { print $1 }'; } | sort)
done
try "completion of a device" sh -c "echo '$(complete_ weft run --via r)' | grep -qx ref:"
! command -v zsh >/dev/null || try "zsh reads its completion" zsh -n "$root/share/zsh/site-functions/_weft"
! command -v fish >/dev/null || try "fish reads its completion" fish -n "$root/share/fish/vendor_completions.d/weft.fish"

# --- what is exported ---

names() { grep -v '^#' "host/exports/$1" | sort; }
in_headers() { # the functions that headers declare
    cat "$@" | tr '\n' ' ' | grep -oE '\bweft_[a-z0-9_]+\(' | tr -d '(' | sort -u
}
try "headers declare what libweft exports" diff <(names weft) \
    <(in_headers <(gcc -E -P host/include/weft/weft.h))
[ ! -e host/include/weft/weft_compiler.h ] || try "weft_compiler.h declares what libweft_compiler exports" diff <(names weft_compiler) \
    <(in_headers <(gcc -E -P host/include/weft/weft_compiler.h) | grep -vxFf <(names weft))
for l in $libraries; do
    try "lib$l.so exports its list" diff <(names "$l") <(nm -D --defined-only "$root/lib/lib$l.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
    try "lib$l.a exports its list" diff <(names "$l") <(nm --defined-only --extern-only "$root/lib/lib$l.a" | awk 'NF == 3 { print $3 }' | sort)
    try "names of $l begin with weft_" sh -c "! grep -v '^#' host/exports/$l | grep -v '^weft_'"
done
needs() { objdump -p "$root/lib/lib$1.so" | awk '/NEEDED/ { sub(/\.so.*/, "", $2); print $2 }' | sort | tr '\n' ' '; }
try "libweft needs libc and libm only: $(needs weft)" test "$(needs weft)" = "libc libm "
strip -o "$top/stripped" "$root/lib/libweft.so.$version"
bytes=$(stat -c %s "$top/stripped")
try "libweft is at most 400 KB: $bytes" test "$bytes" -le 409600

# --- programs ---

{
    printf '#include <stdio.h>\n#include <weft/weft.h>\nstatic float image[784], scores[10];\nint main(void)\n{\n'
    sed -n '/^## Ten lines/,/^## Libraries/p' host/README.md | grep '^    '
    printf '    return rc == WEFT_OK && fwrite(scores, sizeof scores, 1, stdout) == 1 ? 0 : 1;\n}\n'
} >"$top/app.c"
sed 's/"ref:"/"sim:"/' "$top/app.c" >"$top/app.cpp"
cp "$top/app.cpp" "$top/app_sim.c"
{ # the example at the top of weft_compiler.h, for the 16x16 array
    printf '#include <stdio.h>\n#include <weft/weft_compiler.h>\nint main(int argc, char **argv)\n{\n    FILE *file = argc > 2 ? fopen(argv[2], "wb") : NULL;\n'
    sed -n '1,/^#ifndef/s/^ \*     //p' host/include/weft/weft_compiler.h | sed 's/"lenet5_int8.onnx"/argv[1]/; s/"shape=8x8,lanes=4"/""/'
    printf '    return rc == WEFT_OK && fclose(file) == 0 ? 0 : 1;\n}\n'
} >"$top/compile.c"
flags() { PKG_CONFIG_PATH="$root/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$dir" pkg-config "$@"; }
link() { # program, compiler and source, packages and options of pkg-config
    eval "$2 -Wall -Wextra -Werror -o '$top/$1' '$top/$3' $(flags --cflags --libs $4) ${5:-}"
}
static_libs() { flags --libs --static "$@" | sed -E "s/-l(weft[a-z_]*)/-l:lib\1.a/g"; }
link_static() { eval "$2 -Wall -Wextra -Werror -o '$top/$1' '$top/$3' $(flags --cflags weft) $(static_libs $4)"; }

head -c 3136 /dev/zero >"$top/image"
weft=$root/bin/weft
try "compile" "$weft" compile models/nets/lenet5/lenet5_int8.onnx -o "$top/lenet5.weft"
try "run" "$weft" run "$top/lenet5.weft" "$top/image" -o "$top/want"

same() { # program, environment...
    local app=$1
    shift
    try "$app runs" sh -c "cd '$top' && env LD_LIBRARY_PATH= $* ./$app >got"
    try "$app gives the bytes of the command" cmp "$top/want" "$top/got"
}
lib="LD_LIBRARY_PATH='$root/lib'"
try "C, shared" link app "gcc -std=c11" app.c weft
same app "$lib"
try "C, archive" link_static app_static "gcc -std=c11" app.c weft
same app_static
try "clang, archive" link_static app_clang "clang -std=c11" app.c weft
same app_clang
try "C++, shared; the chips are found beside libweft" link app_found "g++ -Wno-missing-field-initializers" app.cpp weft
same app_found "$lib"
try "C++, the chips linked in" link app_linked "g++ -Wno-missing-field-initializers" app.cpp "weft_sim weft"
same app_linked "$lib"
try "C, the chips' archive" link_static app_sim_static "gcc -std=c11" app_sim.c "weft_sim weft"
same app_sim_static

for kind in shared archive; do
    build_it=link
    [ $kind = shared ] || build_it=link_static
    try "the compiler, $kind" $build_it compile "gcc -std=c11" compile.c "weft_compiler weft"
    try "the compiler, $kind, compiles" env LD_LIBRARY_PATH="$root/lib" "$top/compile" models/nets/lenet5/lenet5_int8.onnx "$top/own.weft"
    try "what it compiled runs" "$weft" run "$top/own.weft" "$top/image" -o "$top/got"
    try "and gives the bytes of the command" cmp "$top/want" "$top/got"
done

# Without the chips, with chips of another version, and with something that is none: one sentence each.
refused() { # what, sentence
    checks=$((checks + 1))
    got=$(cd "$top" && LD_LIBRARY_PATH="$root/lib" ./app_found 2>&1 >/dev/null)
    case $got in *"$2"*) [ "$(wc -l <<<"$got")" = 1 ] && return ;; esac
    echo "FAIL install: $1: wanted \"$2\", got: $got"
    failures=$((failures + 1))
}
mv "$root/lib/libweft_sim.so.$major" "$top/kept"
refused "no chips" "install libweft_sim of version $version beside libweft"
echo "no library" >"$root/lib/libweft_sim.so.$major"
refused "no library" "install libweft_sim of version $version beside libweft"
echo 'struct { const char *version; } door = { "7.8.9" }; void *weft_sim_library(void) { return &door; }' >"$top/other.c"
gcc -shared -fPIC -o "$root/lib/libweft_sim.so.$major" "$top/other.c"
refused "another version" "(libweft_sim) is of version 7.8.9 and libweft of $version"
rm "$root/lib/libweft_sim.so.$major"
mv "$top/kept" "$root/lib/libweft_sim.so.$major"

# --- on other processors ---

count=0
if command -v qemu-x86_64 >/dev/null; then
    for cpu in Nehalem Haswell; do
        count=$((count + 1))
        same app_static "qemu-x86_64 -cpu $cpu"
        same app_sim_static "qemu-x86_64 -cpu $cpu"
    done
    try "a processor before level 2 is told so" sh -c "cd '$top' && qemu-x86_64 -cpu core2duo ./app_sim_static 2>&1 >/dev/null | grep -q 'more instructions than this one has'"
fi
if command -v valgrind >/dev/null; then
    count=$((count + 1))
    same app_static "valgrind -q --error-exitcode=9"
    same app_sim_static "valgrind -q --error-exitcode=9"
fi

try "make uninstall" make_ uninstall
try "nothing stays" test -z "$(find "$dir" -type f -o -type l)"
[ $failures = 0 ] || exit 1
echo "ok install: command, headers, $(wc -w <<<"$libraries") libraries, shared and static, their names and their size ($bytes bytes); C and C++ on ref: and sim:, $count other processors, $checks checks"
