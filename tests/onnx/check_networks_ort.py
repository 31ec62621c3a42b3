"""Whole QDQ networks, tensor by tensor: what test_onnx_networks --write wrote against ONNX Runtime, live.

    check_networks_ort.py DIRECTORY [RECORDED]

Every operator of every network is run on the values Weft has for its inputs, at the optimisation levels `all` (integer
kernels) and `disabled` (every node literally, in float32), and its result compared with Weft's.  ONNX Runtime does not
fuse every convolution to its integer kernel; where it does not, QLinearConv with the same constants stands for `all`. Where the
levels differ either is right, provided the values are neighbours (a tie of a rounding), and the tensor and its first
element are named; any other difference is a failure.  With RECORDED the CRC-32 of every tensor of ONNX Runtime is
written there.  Exit status: 0 equal, 1 not, 77 skipped, because onnxruntime or onnx is not installed.
"""
import glob
import os
import sys
import zlib

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as missing:
    print(f"skip ort_networks: {missing}")
    sys.exit(77)

LEVELS = {"disabled": ort.GraphOptimizationLevel.ORT_DISABLE_ALL, "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL}


class Tensor:
    """A tensor of Weft: its values of all samples in Weft's layout, and those of ONNX Runtime by level."""

    def __init__(self, line):
        fields = line.split()
        self.name, self.scale, self.zero = fields[0], np.float32(fields[1]), int(fields[2])
        self.shape = [int(d) for d in fields[3:]]
        self.count = int(np.prod(self.shape))
        self.values, self.ort = [], {level: [] for level in LEVELS}

    def as_int8(self, array):
        if array.dtype == np.float32:
            array = np.clip(np.rint(array / self.scale) + self.zero, -128, 127)
        elif array.dtype == np.uint8:
            array = array.astype(np.int16) - 128
        return array.astype(np.int8)

    def channels_last(self, shape):
        return len(shape) == 4 and [shape[0], shape[2], shape[3], shape[1]] == self.shape

    def add(self, level, array):
        """What ONNX Runtime has of the next sample, in the layout of Weft; a shape of fewer axes may have either order."""
        array = self.as_int8(array)
        plain, last = array.ravel(), array.transpose(0, 2, 3, 1).ravel() if array.ndim == 4 else None
        flat = array.ndim == 4 and list(array.shape) != self.shape and np.array_equal(last, self.values[len(self.ort[level])])
        self.ort[level].append(last if flat or self.channels_last(array.shape) else plain)

    def as_model(self, sample, like):
        """The values of Weft in the layout and type of the model, or None if the shape is another one."""
        v = self.values[sample].reshape(self.shape)
        if self.channels_last(like.shape):
            v = v.transpose(0, 3, 1, 2)
        if v.shape != like.shape:
            return None
        return v if like.dtype == np.int8 else as_uint8(v)


def read(directory, name):
    with open(os.path.join(directory, name + ".txt")) as f:
        lines = f.read().splitlines()
    path, samples = lines[0].rsplit(" ", 1)
    tensors, samples = [Tensor(line) for line in lines[1:]], int(samples)
    out = np.fromfile(os.path.join(directory, name + ".out"), np.int8).reshape(samples, -1)
    first = 0
    for t in tensors:
        t.values = list(out[:, first : first + t.count])
        first += t.count
    inputs = np.fromfile(os.path.join(directory, name + ".in"), np.float32).reshape(samples, -1)
    return path, tensors, inputs


def operator(model, output, cuts):
    """The nodes that make output from the values in cuts, which become inputs: a model, and its inputs."""
    maker = {o: n for n in model.graph.node for o in n.output}
    wanted, nodes, inputs = [output], [], []
    while wanted:
        name = wanted.pop()
        if name != output and name in cuts:
            inputs += [name] if name not in inputs else []
        elif name in maker and maker[name] not in nodes:
            nodes.append(maker[name])
            wanted += maker[name].input
    part = onnx.ModelProto()
    part.CopyFrom(model)
    del part.graph.node[:], part.graph.input[:], part.graph.output[:], part.graph.value_info[:]
    part.graph.node.extend(n for n in model.graph.node if n in nodes)
    part.graph.input.extend(cuts[name] for name in inputs)
    part.graph.output.append(onnx.helper.make_empty_tensor_value_info(output))
    return part, inputs


def as_uint8(array):
    return (array.astype(np.int16) + 128).astype(np.uint8) if array.dtype == np.int8 else array


def integer_kernel(part):
    """DequantizeLinear, Conv, QuantizeLinear as the one node ONNX Runtime fuses them to; all in uint8, the types of
    which it has an exact kernel on every CPU.  Returns 1 if the part was one."""
    maker = {o: n for n in part.graph.node for o in n.output}
    last = maker[part.graph.output[0].name]
    conv = maker.get(last.input[0])
    if last.op_type != "QuantizeLinear" or conv is None or conv.op_type != "Conv":
        return 0
    x, w, b = ([*maker[name].input] for name in conv.input)
    for i in part.graph.initializer:
        if i.name in (x[2], w[0], w[2], last.input[2]):
            i.CopyFrom(onnx.numpy_helper.from_array(as_uint8(onnx.numpy_helper.to_array(i)), i.name))
    part.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    node = onnx.helper.make_node("QLinearConv", x + w + [*last.input[1:]] + b[:1], [*last.output])
    node.attribute.extend(conv.attribute)
    del part.graph.node[:]
    part.graph.node.append(node)
    return 1


def session(model, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = LEVELS[level]
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def run(path, tensors, inputs):
    """Every operator of the model in both levels, on what Weft has for its inputs.  A value that Weft does not have
    (a shape that it never sees) is that of ONNX Runtime."""
    model = onnx.load(path)
    quantised = [n.output[0] for n in model.graph.node if n.op_type == "QuantizeLinear"]
    own = {t.name for t in tensors}
    source = model.graph.input[0]
    shape = [d.dim_value or 1 for d in source.type.tensor_type.shape.dim]
    known = {source.name: [x.reshape(shape) for x in inputs]}
    cuts = {source.name: onnx.helper.make_tensor_value_info(source.name, onnx.TensorProto.FLOAT, shape)}
    for name in [o for n in model.graph.node for o in n.output if o in own or o in quantised]:
        part, names = operator(model, name, cuts)
        for level in LEVELS:
            as_is = level == "disabled" or not integer_kernel(part)
            made = session(part, level)
            feeds = [{n: known[n][i] if as_is else as_uint8(known[n][i]) for n in names} for i in range(len(inputs))]
            got = [made.run(None, feed)[0] for feed in feeds]
            plain = got if level == "disabled" else plain
            for t in tensors:
                if t.name == name and t.count == got[0].size:
                    for g in got:
                        t.add(level, g)
        if name in quantised:
            same = [t for t in tensors if t.name == name and t.as_model(0, plain[0]) is not None]
            known[name] = [same[0].as_model(i, g) for i, g in enumerate(plain)] if same else plain
            cuts[name] = onnx.helper.make_tensor_value_info(
                name, onnx.helper.np_dtype_to_tensor_dtype(plain[0].dtype), plain[0].shape)
    return [name for name in quantised if name not in own]


def compare(network, t):
    """The answers of ONNX Runtime that Weft shall have, or None; says what differs."""
    own = np.concatenate(t.values).astype(np.int16)
    plain = np.concatenate(t.ort["disabled"]).astype(np.int16)
    best = np.concatenate(t.ort["all"]).astype(np.int16)
    ties = np.nonzero(best != plain)[0]
    wrong = np.nonzero(((own != best) & (own != plain)) | (abs(best - plain) > 1))[0]
    if len(ties):
        e = ties[0]
        print(f"   {network} {t.name}: the levels differ in {len(ties)} of {len(own)}, first in element {e % t.count} of "
              f"sample {e // t.count}: all {best[e]}, disabled {plain[e]}, Weft {own[e]}")
    if len(wrong):
        e = wrong[0]
        print(f"FAIL ort_networks: {network} {t.name}: {len(wrong)} of {len(own)} differ, first element {e % t.count} of "
              f"sample {e // t.count}: all {best[e]}, disabled {plain[e]}, Weft {own[e]}")
        return None, 0
    return own.astype(np.int8), len(ties)


def main():
    directory, recorded = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    lines, failures, values, tied = [], 0, 0, 0
    networks = sorted(glob.glob(os.path.join(directory, "*.txt")))
    for name in (os.path.basename(p)[:-4] for p in networks):
        path, tensors, inputs = read(directory, name)
        unseen = run(path, tensors, inputs)
        if unseen:  # the importer has the same values under another name
            print(f"   {name}: {len(unseen)} of the model's quantised values are other names of those: {' '.join(unseen)}")
        for t in tensors:
            right, ties = compare(name, t)
            failures += right is None
            values, tied = values + len(t.values) * t.count, tied + ties
            if right is not None:
                lines.append(f"{name} {t.name} {zlib.crc32(right.tobytes()):08x}\n")
    if recorded and not failures:
        with open(recorded, "w") as f:
            f.writelines(lines)
    if failures or not lines:
        print(f"FAIL ort_networks: {failures} tensors differ")
        sys.exit(1)
    print(f"ok ort_networks: {len(lines)} tensors of {len(networks)} networks, {values} values as ONNX Runtime "
          f"{ort.__version__} has them, {tied} ties between its levels")


main()
