#!/usr/bin/env bash
# What test_deb.sh runs in a clean Debian, as root: the packages in the folder packages beside this file are installed, used and removed.
# Writes beside it what was done into the file said, and done at the end.
set -u
here=$(realpath "$(dirname "$0")")
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=$here
fail() { echo "FAIL deb: $*"; exit 1; }
try() { # what, command...
    local what=$1
    shift
    "$@" >"$here"/log 2>&1 || fail "$what: $(tail -n 4 "$here"/log)"
}
# What apt, dpkg and the compiler of Python keep for themselves is not of the packages.
files() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path "$here" -o -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o -print | sort; }

names=$(for p in "$here"/packages/*.deb; do dpkg-deb -f "$p" Package; done)
files >"$here"/before
try "install" apt-get install -y --no-install-recommends "$here"/packages/*.deb
for name in $names; do
    try "$name is installed" dpkg --verify "$name"
    dpkg -L "$name" | while read -r file; do [ -e "$file" ] || { echo "$name: $file is not there"; exit 1; }; done || fail "a file is missing"
done
for library in $(dpkg -L $names | grep -E '\.so\.[0-9]+$|^/usr/bin/'); do
    ! ldd "$library" 2>&1 | grep 'not found' || fail "$library needs what is not there"
done
for file in /usr/share/bash-completion/completions/weft /usr/share/zsh/vendor-completions/_weft /usr/share/fish/vendor_completions.d/weft.fish /lib/udev/rules.d/60-weft.rules; do
    [ -s "$file" ] || fail "$file is not there"
done

mkdir "$here"/work && cp /usr/share/doc/weft/examples/lenet5.onnx "$here"/work && cd "$here"/work || fail "no example"
first=$(zcat /usr/share/man/man1/weft.1.gz | sed -n '/^\.SH EXAMPLES/,/^\.fi/{/^weft /{s/\\-/-/g;p;q}}')
[ -n "$first" ] || fail "the manual has no first command"
if [[ " $(echo $names) " == *" libweft-sim "* ]]; then
    devices="ref: sim:"
    try "$first" bash -c "$first"
else
    devices="ref:"
    $first >"$here"/log 2>&1 && fail "$first: runs without libweft-sim"
    grep -q 'install libweft_sim of version' "$here"/log || fail "$first: $(cat "$here"/log)"
fi
for device in $devices; do
    cat >lenet5.py <<'PY'
import sys, numpy, weft, weft.tflite
weft.tflite.get_library_path()
model = weft.Device(sys.argv[1]).load("lenet5.onnx")
image = numpy.random.default_rng(3).random(model.inputs[0].shape, numpy.float32)
numpy.save("image.npy", image)
model.run(image).tofile("got")
PY
    try "Python on $device" python3 lenet5.py $device
    try "the command on $device" weft run lenet5.onnx image.npy --via $device -o want
    try "Python and the command are equal on $device" cmp got want
    [ "$(stat -c %s got)" -ge 10 ] || fail "no scores"
done

try "remove" apt-get purge -y --autoremove $names
for name in $names; do ! dpkg -s "$name" >/dev/null 2>&1 || fail "$name is still there"; done
files >"$here"/after
left=$(comm -13 "$here"/before "$here"/after)
[ -z "$left" ] || fail "left behind: $(head -n 20 <<<"$left")"
echo "\"$first\"; LeNet-5 by Python and by the command on $devices, equal bytes; removed, nothing is left" >"$here"/said
touch "$here"/done
