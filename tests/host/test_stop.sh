#!/usr/bin/env bash
# An assertion of the chip that fails is an error of the run, not the end of the process: of the functions that the
# run-time library of Verilator calls then, the command must have those of sim/weft_sim.cpp (weak), not the library's.
#
#     tests/host/test_stop.sh WEFT
set -u
failures=0
for function in vl_stop vl_fatal vl_finish; do
    kind=$(nm -C "$1" | sed -n "s/.* \([A-Za-z]\) $function(.*)\$/\1/p")
    [ "$kind" = W ] || { echo "FAIL stop: $function is of kind \"$kind\", not W: verilated.cpp was compiled without VL_USER_STOP and its like"; failures=1; }
done
[ $failures = 0 ] && echo "ok stop: a failed assertion ends the run, not the process, 3 checks"
