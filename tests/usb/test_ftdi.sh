#!/usr/bin/env bash
# Boards behind FTDI chips; see test_ftdi.c.
#
#     tests/usb/test_ftdi.sh BUILD STEP
set -eu
build=$1 step=$2
[ -x "$build/tests/usb/test_ftdi" ] || { echo "skip ftdi: no libftdi1 or no umockdev here"; exit 77; }
mkdir -p "$build/test/ftdi"
"$build/weft" compile models/nets/lenet5/lenet5_int8.onnx --rows 4 --cols 4 --lanes 4 --fb-words 1024 --acc-depth 64 --mem-bytes 8 -o "$build/test/ftdi/lenet5.weft" >/dev/null
umockdev-wrapper "$build/tests/usb/test_ftdi" "$build/test/ftdi/lenet5.weft" "$step"
