#!/usr/bin/env bash
# A board at a real kernel: QEMU with Debian's kernel, its xHCI and usbfs, an unmodified libusb and `weft run` in the
# guest; the simulated chip outside, over usb-redir.  Unplugged and plugged in again in the middle of jobs, two
# programs after one board; every result is the reference's.
#
#     tests/usb/test_guest.sh BUILD
#
# Needs the packages that make deps-long installs, and the kernel's package, which is only unpacked.
set -eu
build=$1
dir=$build/test_guest
skip() { echo "skip usb_guest: $*"; exit 77; }

for tool in qemu-system-x86_64 /bin/busybox cpio zstd depmod udevadm apt-get; do
    command -v $tool >/dev/null || skip "$tool is missing: make deps-long installs what this needs"
done
[ -x "$build/tests/usb/redir_device" ] || skip "no libusbredirparser when this was built: make deps-long, then make test-programs"
mkdir -p "$dir"

# The kernel, kept from run to run.
kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)/\1/p' | head -n 1)
[ -n "$kernel" ] || skip "apt knows no kernel for amd64"
version=${kernel#linux-image-}
if [ ! -e "$dir/kernel/boot/vmlinuz-$version" ]; then
    rm -rf "$dir/kernel" && mkdir -p "$dir/kernel"
    (cd "$dir" && apt-get download -qq "$kernel" 2>/dev/null && dpkg-deb -x "$kernel"_*.deb kernel && rm -f "$kernel"_*.deb) || skip "cannot download $kernel"
    depmod -b "$dir/kernel" "$version"
fi

# The guest: busybox, modules, the command with its libraries, a network, the reference's bytes.
root=$dir/root
rm -rf "$root" && mkdir -p "$root"/{bin,proc,sys,dev,tmp,mod,weft}
cp /bin/busybox "$root/bin/"
for a in sh mount insmod ls cat echo sleep poweroff grep head tail cmp rm stty sed; do ln -s busybox "$root/bin/$a"; done
cp "$build/weft" "$root/bin/weft"
mkdir -p "$root/lib/systemd" "$root/etc/udev" "$root/run"
cp -L "$(command -v udevadm)" "$root/lib/systemd/systemd-udevd" # tells libusb of what is plugged in
for lib in $(ldd "$build/weft" "$(command -v udevadm)" | grep -o '/[^ :]*\.so[^ ]*'); do mkdir -p "$root$(dirname "$lib")" && cp -L "$lib" "$root$lib"; done
for module in xhci-pci; do
    modprobe -d "$dir/kernel" -S "$version" --show-depends $module | awk '$1 == "insmod" { print $2 }' | while read -r file; do
        cp "$file" "$root/mod/" && basename "$file" >>"$root/mod/order"
    done
done
cp models/nets/lenet5/lenet5_int8.onnx "$root/weft/lenet5.onnx"
cp tests/usb/guest_init.sh "$root/init" && chmod +x "$root/init"
"$build/weft" run models/nets/lenet5/lenet5_int8.onnx --seed 5 --via ref:shape=4x4,port=8,fb=1024,acc=64 -o "$root/weft/want" >/dev/null
(cd "$root" && find . | cpio -o -H newc --quiet) | zstd -q -3 -f -o "$dir/initrd"

device=
trap '[ -z "$device" ] || kill "$device" 2>/dev/null || true' EXIT
"$build/tests/usb/redir_device" "$dir/device" "$dir/orders" >"$dir/said" 2>&1 &
device=$!
for i in $(seq 100); do [ -S "$dir/orders" ] && break; sleep 0.1; done
begin=$(date +%s)
timeout "${LIMIT:-1500}" qemu-system-x86_64 -accel tcg,thread=single -machine q35 -cpu max -m 256 -display none -monitor none -no-reboot -nic none \
    -kernel "$dir/kernel/boot/vmlinuz-$version" -initrd "$dir/initrd" -append 'console=ttyS0 quiet panic=-1' \
    -serial "file:$dir/console" -chardev "socket,id=orders,path=$dir/orders" -serial chardev:orders \
    -device qemu-xhci -chardev "socket,id=device,path=$dir/device" -device usb-redir,chardev=device >"$dir/qemu" 2>&1 || true
wait "$device" || true
device=
cat "$dir/said"
grep -q '^end of the guest' "$dir/said" || { echo "FAIL usb_guest: the guest did not come to its end"; tail -n 20 "$dir/console" "$dir/qemu"; exit 1; }
if grep -q '^FAIL' "$dir/said"; then exit 1; fi
if grep -qE 'BUG|Oops|WARNING' "$dir/console"; then echo "FAIL usb_guest: the guest's kernel complains"; grep -E 'BUG|Oops|WARNING' "$dir/console"; exit 1; fi
echo "ok usb_guest: $(grep -c '^ok' "$dir/said") checks in Debian's kernel $version, $(($(date +%s) - begin)) s"
