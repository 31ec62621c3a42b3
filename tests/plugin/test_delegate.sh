#!/usr/bin/env bash
# The delegate inside LiteRT, on C model and simulated chip; and inside tflite-runtime, if asked for.
#
#     tests/plugin/test_delegate.sh BUILD [RUNTIME==VERSION...]     also in these, such as tflite-runtime==2.14.0.
#                                                                   Skipped without the packages
set -u
build=$1 out=$1/test/delegate
shift
mkdir -p "$out"
make --no-print-directory B="$build" delegate >"$out/make.txt" 2>&1 || { echo "FAIL delegate: $(tail -n 3 "$out/make.txt")"; exit 1; }
make --no-print-directory B="$build" "$build/venv/bin/python" >"$out/venv.txt" 2>&1 || { echo "skipped: $(tail -n 1 "$out/venv.txt")"; exit 77; }
networks=$(ls "${WEFT_DATA:-../shared/data}"/mlperf_tiny/models/*.tflite 2>/dev/null)
# shellcheck disable=SC2086
"$build/venv/bin/python" tests/plugin/delegate_cases.py "$out/cases.npz" $networks >"$out/cases.txt" 2>&1 || { tail -n 3 "$out/cases.txt"; exit 1; }
library=$(realpath "$build")/lib/libweft_delegate.so.1
status=0
run() { # python, module, address
    "$1" tests/plugin/test_delegate.py "$2" "$library" "$3" "$out/cases.npz" >"$out/said.txt" 2>"$out/log.txt" || { tail -n 3 "$out/log.txt"; status=1; }
    cat "$out/said.txt"
}
for via in ref: sim:; do run "$build/venv/bin/python" ai_edge_litert $via; done
for runtime in "$@"; do
    python3 -m venv "$out/$runtime" && "$out/$runtime/bin/pip" install -q 'numpy<2' "$runtime" >"$out/pip.txt" 2>&1 || { echo "skipped: $(tail -n 1 "$out/pip.txt")"; exit 77; }
    module=${runtime%%==*}
    run "$out/$runtime/bin/python" "${module//-/_}" ref:
done
exit $status
