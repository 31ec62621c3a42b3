"""Compare int8 logits with those of ONNX Runtime, live.

    check_lenet5_ort.py MODEL.onnx MNISTDIR LOGITS

LOGITS holds [10000][10] int8, the quantised logits of the test digits in file order, as written by
`lenet5_train --logits` or any other implementation of the model. ONNX Runtime runs the model at
optimisation levels `all` (integer kernels) and `disabled` (every node literally, in float32); its
logits are turned back into bytes by the scale and zero point of the model's last node.

The scales of the model make float32 evaluation exact (models/nets/lenet5/README.md), so both levels must
agree with LOGITS in every byte. Exit status: 0 they do; 1 a difference or a broken input; 77
skipped, because onnxruntime or numpy is not installed.
"""
import struct
import sys

try:
    import numpy as np
    import onnxruntime as ort
except ImportError as missing:
    print(f"skipped check_lenet5_ort: {missing}")
    sys.exit(77)

from ort_mnist import read_idx

BATCH = 500


def run(model, level, images):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    x = images.reshape(-1, 1, 28, 28).astype(np.float32) * np.float32(1 / 256)
    parts = [session.run(["logits"], {"image": x[i : i + BATCH]})[0] for i in range(0, len(x), BATCH)]
    return np.concatenate(parts)


def fields(message):
    """The fields of a protocol buffer message, as (number, integer or bytes)."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 2:
            size = varint()
            yield key >> 3, message[at : at + size]
            at += size
        else:
            size = {1: 8, 5: 4}[key & 7]
            yield key >> 3, message[at : at + size]
            at += size


def all_of(message, number):
    return [value for key, value in fields(message) if key == number]


def output_quantisation(model):
    """Scale and zero point of the DequantizeLinear that makes "logits"."""
    with open(model, "rb") as f:
        (graph,) = all_of(f.read(), 7)
    constants = {all_of(t, 8)[0]: all_of(t, 9)[0] for t in all_of(graph, 5)}
    (last,) = [n for n in all_of(graph, 1) if all_of(n, 2) == [b"logits"]]
    _, scale, zero = all_of(last, 1)
    return struct.unpack("<f", constants[scale])[0], struct.unpack("b", constants[zero])[0]


def compare(name, q, want, labels):
    differing = np.nonzero((q != want).any(axis=1))[0]
    wrong = int((q.argmax(axis=1) != labels).sum())
    tied = int(((q == q.max(axis=1, keepdims=True)).sum(axis=1) > 1).sum())
    print(
        f"{name}: {len(differing)} of {len(q)} rows differ ({int((q != want).sum())} bytes), "
        f"error {wrong / len(q):.2%} ({wrong}), ties for the largest {tied}"
    )
    if len(differing):
        i = differing[0]
        print(f"  first at digit {i}: ONNX Runtime {q[i].tolist()}, given {want[i].tolist()}")
    return len(differing) == 0


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model, directory, path = sys.argv[1:]
    images = read_idx(directory, "t10k-images-idx3-ubyte", 0x803)
    labels = read_idx(directory, "t10k-labels-idx1-ubyte", 0x801)
    want = np.fromfile(path, np.int8)
    if want.size != len(images) * 10:
        sys.exit(f"{path}: {want.size} bytes, expected {len(images) * 10}")
    want = want.reshape(-1, 10).astype(np.int64)
    scale, zero = output_quantisation(model)
    levels = ort.GraphOptimizationLevel
    equal = {}
    for name, level in (("all", levels.ORT_ENABLE_ALL), ("disabled", levels.ORT_DISABLE_ALL)):
        q = np.rint(run(model, level, images) / np.float64(scale)).astype(np.int64) + zero
        equal[name] = compare(f"level {name}", q, want, labels)
    sys.exit(0 if all(equal.values()) else 1)


main()
