#!/usr/bin/env bash
# What the wire and the USB give: MB/s both ways and share of simulated wires, jobs a second and the host's processor for
# ResNet-8 through libusb, time to recover from each fault.  Needs umockdev; data: ../shared/data or $WEFT_DATA
#
#     tests/perf/usb.sh BUILD      from the top of the tree, after `make test-programs`
set -u
build=$1 net=${WEFT_DATA:-../shared/data}/mlperf_tiny/models/pretrainedResnet_quant.tflite
"$build/tests/perf/perf_link" || exit 1
[ -x "$build/tests/usb/perf_usb" ] || { echo "skipped: no libusb or no umockdev here"; exit 77; }
echo
umockdev-wrapper "$build/tests/usb/perf_usb" $([ -e "$net" ] && echo "$net")
