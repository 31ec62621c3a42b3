"""What a plugin adds to a call: the same network through the C library, the delegate and the execution provider.

    plugins.py LIB NETWORK.tflite|NETWORK.onnx      LIB: directory of the libraries; prints one line

All of them take turns in one process; of each the fastest of many calls counts, as others use the machine.  The
C library is called by ctypes, with everything prepared.
"""

import ctypes
import os
import sys
import time
from pathlib import Path

import numpy as np

CALLS = 400
lib, path = Path(sys.argv[1]).resolve(), sys.argv[2]
os.environ["WEFT_LIBRARY_PATH"] = str(lib)
sys.path.insert(0, "host/python")
import weft
from weft import _native as native


def fastest(*calls):
    """Seconds of the fastest call of each, by turns."""
    best = [float("inf")] * len(calls)
    for _ in range(CALLS):
        for i, call in enumerate(calls):
            started = time.perf_counter()
            call()
            best[i] = min(best[i], time.perf_counter() - started)
    return best


def of_library(x):
    model = weft.Device("ref:").load(path)
    y = np.empty(model.outputs[0].shape, model.outputs[0].dtype)
    given = native.weft_input(form=native.FORM_MODEL, data=x.ctypes.data, bytes=x.nbytes)
    wanted = native.weft_output(form=native.FORM_MODEL, data=y.ctypes.data, bytes=y.nbytes)
    run, net = native.runtime.weft_run, model._handle
    return lambda: run(net, ctypes.byref(given), ctypes.byref(wanted), ctypes.c_uint32(native.FOREVER), None), model, y


def of_delegate(x):
    from ai_edge_litert import interpreter as litert

    options = {"via": "ref:", "strict": 1, "cache": "none", "truth": "tflm"}
    net = litert.Interpreter(path, experimental_delegates=[litert.load_delegate(str(lib / "libweft_delegate.so.1"), options)])
    net.allocate_tensors()
    net.set_tensor(net.get_input_details()[0]["index"], x)
    return net.invoke, lambda: net.get_tensor(net.get_output_details()[0]["index"])


def of_provider(x):
    import onnxruntime as ort

    ort.register_execution_provider_library("weft", str(lib / "libweft_ep.so.1"))
    options = ort.SessionOptions()
    options.add_provider_for_devices([d for d in ort.get_ep_devices() if d.ep_name == "WeftExecutionProvider"], {"strict": "1"})
    session = ort.InferenceSession(path, options)
    feed = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, feed), lambda: session.run(None, feed)[0]


first = weft.Device("ref:").load(path).inputs[0]
random = np.random.default_rng(1)
x = random.standard_normal(first.shape).astype(np.float32) if first.dtype == np.float32 else random.integers(-100, 100, first.shape).astype(first.dtype)
call, kept, y = of_library(x)
plugin, result = (of_provider if path.endswith(".onnx") else of_delegate)(x)
call()
plugin()
assert np.array_equal(y.ravel(), result().ravel()), "the plugin's bytes differ from the library's"
library, other = fastest(call, plugin)
name = "execution provider" if path.endswith(".onnx") else "delegate"
print(f"ok plugins: {Path(path).stem} on ref:, C library {library * 1e6:.0f} us, {name} {other * 1e6:.0f} us: {(other - library) * 1e6:.0f} us more a call")
