#!/bin/sh
# What the USB device tells of itself: the print is fresh, and the generator refuses wrong tables.
# usage: test_usb.sh BUILD_DIR; needs cc.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build}/usb_test
phy=$root/rtl/phy
cc=${CC:-cc}
mkdir -p "$build"
build=$(cd "$build" && pwd)
fail() { echo "FAIL usb_table: $*"; exit 1; }

$cc -std=c11 -o "$build/gen" "$phy/weft_usb_gen.c"
"$build/gen" check "$phy/weft_usb_pkg.v" || fail "the print is stale"

# A wrong table must be refused with the sentence that names the fault.
refusals=0
refuse() {
    sed "$1" "$phy/weft_usb.def" > "$build/wrong.def"
    cmp -s "$phy/weft_usb.def" "$build/wrong.def" && fail "'$1' changes nothing"
    $cc -std=c11 -DWEFT_USB_DEF="\"$build/wrong.def\"" -o "$build/wrong" "$phy/weft_usb_gen.c"
    if "$build/wrong" vh > "$build/wrong.out" 2> "$build/wrong.err"; then fail "'$1' was accepted"; fi
    [ ! -s "$build/wrong.out" ] || fail "'$1' was printed"
    grep -q "$2" "$build/wrong.err" || fail "'$1': no '$2' in: $(cat "$build/wrong.err")"
    refusals=$((refusals + 1))
}
refuse 's/TEXT(PRODUCT, "Weft acc/TEXT(PRODUCT, "Weft  acc/' 'PRODUCT: tells a wrong length'
refuse 's/BYTES(DEVICE, 18, 1,/BYTES(DEVICE, 17, 1,/' 'DEVICE: tells a wrong length'
refuse 's/type, LE16(32)/type, LE16(33)/' 'CONFIGURATION_HIGH: tells a wrong length'
refuse 's/VALUE(MS_OS_BYTES, 162/VALUE(MS_OS_BYTES, 160/' 'MS_OS_20: tells a wrong length'
refuse 's/ACT_SEND, BOS)/ACT_SEND, BOSS)/' 'BOSS: is asked for and not there'
refuse 's/^BYTES(LANGUAGES,/BYTES(NOTHING, 1)\n&/' 'NOTHING: is in two places'
refuse '/^REQUEST(ANY/d' 'the last row has to fit every request'
refuse 's/^TEXT(MS_OS_20, "{/TEXT(MS_OS_20, "0123456789012345678901234567890123456789012345678{/' 'MS_OS_20: is longer than 255 bytes'

# A changed table makes the print stale.
sed 's/VALUE(PROTOCOL, 0x01/VALUE(PROTOCOL, 0x02/' "$phy/weft_usb.def" > "$build/other.def"
$cc -std=c11 -DWEFT_USB_DEF="\"$build/other.def\"" -o "$build/other" "$phy/weft_usb_gen.c"
if "$build/other" check "$phy/weft_usb_pkg.v" 2> /dev/null; then fail "a stale print was not noticed"; fi
echo "ok usb_table: print fresh, $refusals wrong tables refused"
