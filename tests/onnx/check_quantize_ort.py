"""Compare what `weft quantize` made, as Weft runs it, with ONNX Runtime, live, digit by digit.

    check_quantize_ort.py MODEL.onnx MNISTDIR PREDICTIONS MEAN STD

PREDICTIONS is the file of `weft eval MODEL.onnx --predictions`: a line "sample label answer crc32",
the checksum of the int8 output in front of Softmax.  ONNX Runtime runs the same file at its levels
`all` (integer kernels) and `disabled` (every node literally, in float32).

Rows must agree in every byte with one of the two, or be a tie: where the real value in front of the
last rounding lies within 1e-4 of the middle between two bytes, either byte is right.  Exit status: 0
they agree; 1 a difference; 77 skipped, because onnx, onnxruntime or numpy is not installed.
"""
import itertools
import sys
import zlib

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as missing:
    print(f"skipped check_quantize_ort: {missing}")
    sys.exit(77)

from ort_mnist import read_idx


def run(model, level, images):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: image[None, None]})[0] for image in images])


def cut(model, end, name, kind):
    """The model up to node `end`, with one output; ONNX Runtime fuses the last layer only if nothing
    else reads it."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    del part.graph.node[end:], part.graph.output[:]
    part.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    return part


def checksum(row):
    return zlib.crc32(row.astype(np.int8).tobytes())


def is_tie(want, row, real):
    """1 if other choices between two bytes that are equally near give the wanted checksum."""
    middle = np.nonzero(np.abs(real - np.floor(real) - 0.5) < 1e-4)[0]
    for choice in itertools.product((0, 1), repeat=len(middle)):
        other = row.astype(np.int64)
        other[middle] = np.floor(real[middle]) + choice
        if checksum(np.clip(other, -128, 127)) == want:
            return True
    return False


def main():
    path, directory, predictions, mean, std = sys.argv[1:]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    last = [n for n in model.graph.node if n.op_type == "QuantizeLinear"][-1]
    end = list(model.graph.node).index(last)
    scale, zero = (constants[name] for name in last.input[1:])
    shift = 128 if zero.dtype == np.uint8 else 0
    kind = onnx.helper.np_dtype_to_tensor_dtype(zero.dtype)
    pixels = read_idx(directory, "t10k-images-idx3-ubyte", 0x803)
    images = ((pixels / 255.0 - float(mean)) / float(std)).astype(np.float32)
    want = np.array([int(line.split()[3], 16) for line in open(predictions)])
    images = images[: len(want)]
    agree, levels = np.zeros(len(want), bool), ort.GraphOptimizationLevel
    for name, level in (("disabled", levels.ORT_DISABLE_ALL), ("all", levels.ORT_ENABLE_ALL)):
        got = run(cut(model, end + 1, last.output[0], kind), level, images).astype(np.int64) - shift
        same = np.array([checksum(row) for row in got]) == want
        agree |= same
        print(f"level {name}: {int((~same).sum())} of {len(want)} rows differ")
    ties = 0
    for i in np.nonzero(~agree)[0]:
        real = run(cut(model, end, last.input[0], 1), levels.ORT_DISABLE_ALL, images[i : i + 1])[0]
        real = real.astype(np.float64) / scale + float(zero) - shift
        if not is_tie(want[i], got[i], real):
            sys.exit(f"FAIL check_quantize_ort: row {i}: ONNX Runtime has {got[i].tolist()}")
        print(f"row {i} is a tie: {real.tolist()}")
        ties += 1
    print(f"ok check_quantize_ort: {len(want)} rows, {ties} of them ties")


main()
