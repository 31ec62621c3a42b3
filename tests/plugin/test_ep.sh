#!/usr/bin/env bash
# The execution provider, built and run inside ONNX Runtime.
#
#     tests/plugin/test_ep.sh BUILD [VERSION...]     of ONNX Runtime; else that of tests/requirements.txt.  Skipped
#                                                    without its headers or the packages
set -u
build=$1
shift
out=$build/test/ep
mkdir -p "$out"
if [ -z "${ORT_HEADERS:-}" ] && [ ! -d "$build/ort_headers" ]; then
    make --no-print-directory B="$build" ort-headers >"$out/headers.txt" 2>&1 || { echo "skipped: $(head -n 1 "$out/headers.txt")"; exit 77; }
fi
make --no-print-directory B="$build" provider >"$out/make.txt" 2>&1 || { echo "FAIL ep: $(tail -n 3 "$out/make.txt")"; exit 1; }
make --no-print-directory B="$build" "$build/venv/bin/python" >"$out/venv.txt" 2>&1 || { echo "skipped: $(tail -n 1 "$out/venv.txt")"; exit 77; }
status=0
for version in "${@:-}"; do
    python=$build/venv/bin/python
    if [ -n "$version" ]; then
        python=$out/$version/bin/python
        python3 -m venv "$out/$version" && "$out/$version/bin/pip" install -q numpy onnx onnxruntime=="$version" >"$out/pip.txt" 2>&1 || { echo "skipped: $(tail -n 1 "$out/pip.txt")"; exit 77; }
    fi
    for via in ref: sim:; do
        networks="models/nets/lenet5/lenet5_int8.onnx $(ls "${WEFT_DATA:-../shared/data}"/mlperf_tiny/onnx_qdq/*.onnx 2>/dev/null)"
        # shellcheck disable=SC2086
        "$python" tests/plugin/test_ep.py "$build/lib/libweft_ep.so.1" $via $networks >"$out/said.txt" 2>"$out/log.txt" || { tail -n 3 "$out/log.txt"; status=1; }
        cat "$out/said.txt"
    done
done
exit $status
