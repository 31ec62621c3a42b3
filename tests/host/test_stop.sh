#!/usr/bin/env bash
# An assertion of the chip that fails is an error of the run, not the end of the process: of the functions that the
# run-time library of Verilator calls then, each program has one, that of sim/weft_sim.cpp, and the library's are not compiled.
#
#     tests/host/test_stop.sh BUILD
set -u
failures=0
defines() { # function: the objects of the run-time library that define it
    for object in "$1"/verilated/*/runtime_native/*.o; do
        nm -C "$object" | grep -q " [TW] $2(" && basename "$object"
    done
}
for function in vl_stop vl_fatal vl_finish; do
    where=$(defines "$1" $function | tr '\n' ' ')
    [ "$where" = "stop.o " ] || { echo "FAIL stop: $function is defined by \"$where\", not by stop.o alone"; failures=1; }
done
[ $failures = 0 ] && echo "ok stop: a failed assertion ends the run, not the process, 3 checks"
