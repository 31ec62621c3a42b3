#!/usr/bin/env bash
# make install into an empty place; the ten lines of host/README.md, compiled against what lies there, give the bytes
# of the command.
#
#     tests/host/test_install.sh BUILD
set -u
build=$1 checks=0 failures=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

try() { # what, command...
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" >"$dir/log" 2>&1 && return
    echo "FAIL install: $what: $(tail -n 3 "$dir/log")"
    failures=$((failures + 1))
}

try "make install" make --no-print-directory B="$build" DESTDIR="$dir" PREFIX=/opt/weft install
for file in bin/weft share/man/man1/weft.1 include/weft/weft.h lib/libweft.a lib/pkgconfig/weft.pc; do
    try "$file is there" test -s "$dir/opt/weft/$file"
done

{
    printf '#include <stdio.h>\n#include <weft.h>\nstatic float image[784], scores[10];\nint main(void)\n{\n'
    sed -n '/^## Ten lines/,/^## Host/p' host/README.md | grep '^    '
    printf '    return rc == WEFT_OK && fwrite(scores, sizeof scores, 1, stdout) == 1 ? 0 : 1;\n}\n'
} >"$dir/app.c"
flags() { PKG_CONFIG_PATH=$dir/opt/weft/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dir pkg-config "$@" weft; }
# shellcheck disable=SC2046
try "C" gcc -std=c11 -Wall -Wextra -Werror -o "$dir/app" "$dir/app.c" $(flags --cflags --libs)
sed 's/"ref:"/"sim:"/' "$dir/app.c" >"$dir/app.cpp"
# shellcheck disable=SC2046
try "C++" g++ -Wall -Wextra -Wno-missing-field-initializers -Werror -o "$dir/app_sim" "$dir/app.cpp" $(flags --cflags --libs)

head -c 3136 /dev/zero >"$dir/image"
try "compile" "$dir/opt/weft/bin/weft" compile models/nets/lenet5/lenet5_int8.onnx -o "$dir/lenet5.weft"
try "run" "$dir/opt/weft/bin/weft" run "$dir/lenet5.weft" "$dir/image" -o "$dir/want"
for app in app app_sim; do
    try "$app runs" bash -c "cd $dir && ./$app >$app.got"
    try "$app gives the bytes of the command" cmp "$dir/want" "$dir/$app.got"
done
[ $failures = 0 ] || exit 1
echo "ok install: command, library, header and weft.pc; ten lines of C and C++ on ref: and sim:, $checks checks"
