#!/usr/bin/env bash
# Long tests of the USB on the host's side; see test_soak.c.
#
#     tests/usb/test_soak.sh BUILD loops|faults COUNT
set -eu
build=$1 what=$2 count=$3
[ -x "$build/tests/usb/test_soak" ] || { echo "skip usb_$what: no libusb or no umockdev here"; exit 77; }
if [ "$what" = faults ]; then
    umockdev-wrapper "$build/tests/usb/test_soak" faults "$count"
else
    mkdir -p "$build/test_soak"
    "$build/weft" compile models/nets/lenet5/lenet5_int8.onnx --rows 4 --cols 4 --lanes 4 --fb-words 1024 --acc-depth 64 --mem-bytes 8 -o "$build/test_soak/lenet5.weft" >/dev/null
    umockdev-wrapper "$build/tests/usb/test_soak" loops "$build/test_soak/lenet5.weft" "$count"
fi
