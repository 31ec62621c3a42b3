#!/usr/bin/env bash
# LeNet-5 through the RTL of the USB device core; see test_core.c.
#
#     tests/usb/test_core.sh BUILD SPEED FAULT...      SPEED: high or full; FAULT: of 256 packets
set -eu
build=$1 speed=$2
shift 2
[ -x "$build/tests/usb/test_core" ] || { echo "skip usb_core: no libusb or no umockdev here"; exit 77; }
command -v iverilog >/dev/null || { echo "skip usb_core: no Icarus Verilog here"; exit 77; }
dir=$build/test_core_$speed
mkdir -p "$dir"
pins=
[ "$speed" = high ] || pins=-DPINS
iverilog -g2012 -Wall -Wno-timescale -Irtl/lib -Itests/rtl -s usb_core $pins -o "$dir/core.vvp" \
    $(cat rtl/phy/files.f) tests/rtl/usb_wire_fs.v tests/rtl/usb_wire_ulpi.v tests/usb/usb_core.v
"$build/weft" compile models/nets/lenet5/lenet5_int8.onnx --rows 4 --cols 4 --lanes 4 --fb-words 1024 --acc-depth 64 --mem-bytes 8 -o "$dir/lenet5.weft" >/dev/null
for fault in "$@"; do
    umockdev-wrapper "$build/tests/usb/test_core" "$dir/lenet5.weft" "$dir/core.vvp" "$dir" "$speed" "$fault"
done
