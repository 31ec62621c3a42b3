#!/usr/bin/env bash
# libweft and the compiler's rooms cross-compiled for 64-bit ARM, and their tests run by qemu; what reads ONNX needs
# protobuf-c and is left out.
#
#     tests/aarch64.sh BUILD          skipped where there is no cross compiler or no qemu-aarch64
set -u
build=$1/aarch64 cross=aarch64-linux-gnu-
for tool in ${cross}gcc ${cross}objcopy qemu-aarch64; do
    command -v $tool >/dev/null || { echo "skipped: no $tool here (packages gcc-aarch64-linux-gnu and qemu-user)"; exit 77; }
done
make --no-print-directory B="$build" CC=${cross}gcc CXX=${cross}g++ AR=${cross}ar OBJCOPY=${cross}objcopy SIM=0 bare-programs || exit 1
for library in "$build"/lib/libweft.so "$build"/lib/libweft.a; do
    [ -s "$library" ] || { echo "FAIL aarch64: no $library"; exit 1; }
done
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
list=$build/suite.list
make -s B="$build" SIM=0 bare-list | while read -r test; do
    grep -E " build/$test( |$)" tests/suite.list | sed -E "s#^([a-z]+ [a-z_0-9]+) #\1 N=20 #; s#build/$test#qemu-aarch64 build/bare/$test#"
done >"$list"
result=$(tests/run.sh "$list" "$build")
echo "$result"
case $(tail -n 1 <<<"$result") in
*" 0 failed") echo "ok aarch64: libweft for aarch64, $(wc -l <"$list") tests under qemu" ;;
*) exit 1 ;;
esac
