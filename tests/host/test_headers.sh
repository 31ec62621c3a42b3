#!/usr/bin/env bash
# The public headers as strangers compile them: each alone and all together, C11 and C++, gcc and clang, every warning
# an error; and no function of weft.h that test_null.c leaves out.
#
#     tests/host/test_headers.sh BUILD
set -u
build=$1 checks=0 failures=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "FAIL headers: $1"
    failures=$((failures + 1))
}

compile() { # file compiler...
    local file=$1
    shift
    checks=$((checks + 1))
    command -v "$1" >/dev/null || return 0
    "$@" -Wall -Wextra -pedantic -Werror -Ihost/include -fsyntax-only "$file" >"$dir/log" 2>&1 ||
        fail "$(basename "$file") with $*: $(head -n 2 "$dir/log")"
}

for header in host/include/weft/*.h; do
    name=$(basename "$header" .h)
    echo "#include <weft/$name.h>" >"$dir/$name.c"
    echo "#include <weft/$name.h>" >>"$dir/all.c"
done
for source in "$dir"/*.c; do
    echo 'int main(void) { return 0; }' >>"$source"
    cp "$source" "${source%.c}.cpp"
    for compiler in gcc clang; do
        compile "$source" "$compiler" -std=c11
    done
    for compiler in g++ clang++; do
        compile "${source%.c}.cpp" "$compiler" -std=c++11
        compile "${source%.c}.cpp" "$compiler" -std=c++20
    done
done

functions=$(grep -oE '^(int|void|const [a-z_]+ \*|const char \*)[a-z_ ]*weft_[a-z_]+\(' host/include/weft/weft.h |
    grep -oE 'weft_[a-z_]+\(' | tr -d '(')
for function in $functions; do
    checks=$((checks + 1))
    grep -q "$function(" tests/host/test_null.c || fail "tests/host/test_null.c does not try $function"
done
[ $failures = 0 ] || exit 1
echo "ok headers: alone and together, C11 and C++, gcc and clang; $(echo "$functions" | wc -l) functions, $checks checks"
