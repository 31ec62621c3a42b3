#!/usr/bin/env bash
# The Python package as its users get it: the wheel is built, installed into an empty virtual environment and run there,
# on the C model and the simulated chip; its tables are compared with the C headers.
#
#     tests/python/test_wheel.sh BUILD      skipped where the packages of tests/requirements.txt cannot be had
set -u
build=$1 out=$(realpath "$1")/test/wheel
rm -rf "$out"
mkdir -p "$out"
make --no-print-directory B="$build" "$build/venv/bin/python" >"$out/venv.txt" 2>&1 ||
    { echo "skipped: no virtual environment with setuptools and numpy: $(tail -n 1 "$out/venv.txt")"; exit 77; }
make --no-print-directory B="$build" LIB_MODELS="16x16 16x16_trace" wheel >"$out/make.txt" 2>&1 || { echo "FAIL wheel: $(tail -n 3 "$out/make.txt")"; exit 1; }
wheel=$(ls "$build"/wheel/weft-*.whl)
python3 -m venv "$out/venv" && "$out/venv/bin/pip" install -q numpy "$wheel" >"$out/pip.txt" 2>&1 || { echo "FAIL wheel: $(tail -n 3 "$out/pip.txt")"; exit 1; }
python=$out/venv/bin/python
for library in "$out"/venv/lib/python*/site-packages/weft/lib/*.so.1; do
    needs=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*\]/\1/p' | grep -vxE 'libc|libm|libz|libstdc\+\+|libgcc_s|libweft|libweft_compiler|ld-linux-x86-64')
    [ -z "$needs" ] || { echo "FAIL wheel: ${library##*/} needs $needs"; exit 1; }
done
"$python" tests/python/test_abi.py "${CC:-cc}" host/include || exit 1
"$python" tests/python/test_package.py models/nets/lenet5/lenet5_int8.onnx ref: sim: || exit 1
if [ -e "$build/wheel/tree/weft/lib/libweft_ep.so.1" ]; then
    "$out/venv/bin/pip" install -q "$(grep '^onnxruntime==' tests/requirements.txt)" >"$out/pip.txt" 2>&1 || { echo "FAIL wheel: $(tail -n 3 "$out/pip.txt")"; exit 1; }
    "$python" - <<'PY' || exit 1
import numpy, onnxruntime, weft, weft.ort
path = "models/nets/lenet5/lenet5_int8.onnx"
session = onnxruntime.InferenceSession(path, weft.ort.session_options(strict="1"))
image = numpy.random.default_rng(3).random((1, 1, 28, 28), numpy.float32)
assert numpy.array_equal(session.run(None, {"image": image})[0], weft.Device("ref:").load(path).run(image)), "the provider differs from the library"
PY
fi
"$out/venv/bin/pip" install -q "$(grep '^ai-edge-litert==' tests/requirements.txt)" flatbuffers >"$out/pip.txt" 2>&1 || { echo "FAIL wheel: $(tail -n 3 "$out/pip.txt")"; exit 1; }
"$python" tests/plugin/delegate_cases.py "$out/cases.npz" >"$out/cases.txt" 2>&1 || { tail -n 3 "$out/cases.txt"; exit 1; }
"$python" - "$out/cases.npz" <<'PY' || exit 1
import sys, warnings, numpy, weft.tflite
cases = numpy.load(sys.argv[1])
net = weft.tflite.interpreter(cases["images"].tobytes(), strict=1, cache="none")
net.set_tensor(net.get_input_details()[0]["index"], cases["images in"][:1])
net.invoke()
assert numpy.array_equal(net.get_tensor(net.get_output_details()[0]["index"]), cases["images out"][:1]), "the delegate differs"
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    weft.tflite.interpreter(cases["dynamic"].tobytes(), cache="none")
assert any("runs without Weft" in str(w.message) for w in said), "a dynamic network says nothing"
PY
time=$("$python" - <<'PY'
import time
started = time.perf_counter()
import numpy, weft
imported = time.perf_counter()
model = weft.Device("ref:").load("models/nets/lenet5/lenet5_int8.onnx")
image = numpy.zeros(model.inputs[0].shape, numpy.float32)
model.run(image)
first = time.perf_counter()
for _ in range(1000):
    model.run(image)
each = (time.perf_counter() - first) / 1000
print(f"import {(imported - started) * 1e3:.0f} ms, compile to first answer {(first - imported) * 1e3:.0f} ms, each run {each * 1e6:.0f} us")
PY
) || exit 1
echo "ok wheel: $(stat -c %s "$wheel") bytes; LeNet-5 on ref: $time"
