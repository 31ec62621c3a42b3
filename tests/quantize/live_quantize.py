"""Random networks that `weft quantize` made, in ONNX Runtime, live.

    live_quantize.py DIR       as written by `test_quantize DIR keep`

For every network of DIR: the checker of ONNX accepts it; ONNX Runtime runs the float file to the same
result as the float reference (60 dB), and the quantised one to that of the int8 graph (30 dB: what
ties leave).  Exit status: 0, 1 for a difference, 77 if onnx, onnxruntime or numpy is not installed.
"""
import os
import sys

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as missing:
    print(f"skipped live_quantize: {missing}")
    sys.exit(77)


def run(path, x, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    shape = [d if isinstance(d, int) else 1 for d in port.shape]
    return session.run(None, {port.name: x.reshape(shape)})[0].reshape(-1).astype(np.float64)


def decibels(got, want):
    return 10 * np.log10((np.sum(want**2) + 1e-12) / (np.sum((got - want) ** 2) + 1e-12))


def main():
    directory = sys.argv[1]
    count, failures, worst = 0, 0, [999.0, 999.0]
    levels = ort.GraphOptimizationLevel
    while os.path.exists(f"{directory}/quantised{count}"):
        x, by_file, by_graph = (
            np.fromfile(f"{directory}/{kind}{count}", np.float32) for kind in ("in", "file", "graph")
        )
        onnx.checker.check_model(f"{directory}/quantised{count}", full_check=True)
        near = [decibels(run(f"{directory}/float{count}", x, levels.ORT_DISABLE_ALL), by_file)]
        for level in (levels.ORT_DISABLE_ALL, levels.ORT_ENABLE_ALL):
            near.append(decibels(run(f"{directory}/quantised{count}", x, level), by_graph))
        worst = [min(worst[0], near[0]), min(worst[1], *near[1:])]
        if near[0] < 60 or min(near[1:]) < 30:
            print(f"FAIL live_quantize: network {count}: float {near[0]:.1f}, int8 {near[1:]} dB")
            failures += 1
        count += 1
    if not count or failures:
        sys.exit(f"FAIL live_quantize: {failures} of {count} networks")
    print(f"ok live_quantize: {count} networks, float {worst[0]:.0f} dB, int8 {worst[1]:.0f} dB at worst")


main()
