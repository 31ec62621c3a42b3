#!/bin/sh
# The first program of the virtual machine of test_guest.sh: what a user with a board does, and what happens to him.
# Each line that begins with "ok" or "FAIL" is a result; "say" sends it out through the second serial port.
/bin/busybox mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/mod/$module" || echo "no module $module"; done < /mod/order
/lib/systemd/systemd-udevd --daemon
stty -F /dev/ttyS1 raw 2>/dev/null
exec 3>/dev/ttyS1
say() { echo "say $*" >&3; echo "$*"; }

model=/weft/lenet5.onnx
check() { # name command...: the command gives the reference's bytes
    name=$1
    shift
    rm -f /tmp/out
    if "$@" >/tmp/log 2>&1 && cmp /tmp/out /weft/want; then say "ok $name"; else say "FAIL $name: $(tail -n 1 /tmp/log)"; fi
}
refused() { # name status sentence: of the program that ran last
    if [ "$2" != 0 ] && grep -q "$3" /tmp/log; then say "ok $1: $(tail -n 1 /tmp/log)"; else say "FAIL $1: status $2, $(tail -n 1 /tmp/log)"; fi
}
run="weft run $model --seed 5 -o /tmp/out"

check "a run" $run --via usb:wait=60
weft devices >/tmp/log 2>&1
if grep -q '^ *usb:.*high speed' /tmp/log; then say "ok devices: $(grep usb: /tmp/log)"; else say "FAIL devices: $(cat /tmp/log)"; fi

for at in 3 20 60 100 150; do
    echo "pull $at" >&3
    $run --via usb: -n 30 >/tmp/log 2>&1
    refused "taken out at transfer $at" $? "unplugged\|does not answer\|cannot be opened\|no Weft device"
    check "plugged in again" $run --via usb:wait=60
done

rm -f /tmp/first
weft run $model --seed 5 -o /tmp/first --via usb: -n 200 >/tmp/log1 2>&1 &
first=$!
i=0
while [ $i -lt 100 ] && ! ls -l /proc/$first/fd 2>/dev/null | grep -q bus/usb; do sleep 0.1; i=$((i + 1)); done
sleep 1
$run --via usb: >/tmp/log 2>&1
refused "a second program at the same board" $? "in use by another program"
if wait $first && cmp /tmp/first /weft/want; then say "ok the first program was not disturbed"; else say "FAIL the first program: $(tail -n 1 /tmp/log1)"; fi
check "the second program afterwards" $run --via usb:
say "end of the guest"
poweroff -f
