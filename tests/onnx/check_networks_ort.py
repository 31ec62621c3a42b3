"""Whole QDQ networks, tensor by tensor: what test_onnx_networks --write wrote against ONNX Runtime, live.

    check_networks_ort.py DIRECTORY [RECORDED]

Every operator of every network is run on the values Weft has for its inputs, at the optimisation levels `all` (integer
kernels) and `disabled` (every node literally, in float32), and its result compared with Weft's.  ONNX Runtime does not
fuse every convolution and matrix to its integer kernel; where it does not, QLinearConv or QGemm with the same constants stands for `all`. Where the
levels differ either is right, provided the values are neighbours (a tie of a rounding), and the tensor and its first
element are named.  So it is where BatchNormalization lies on a half; any other difference is a failure.  With RECORDED the CRC-32 of every tensor of ONNX Runtime is
written there.  Exit status: 0 equal, 1 not, 77 skipped, because onnxruntime or onnx is not installed.
"""
import glob
import itertools
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


NOT_INTEGER = ("BatchNormalization",)


class Tensor:
    """A tensor of Weft: its values of all samples in Weft's layout, and those of ONNX Runtime by level."""

    def __init__(self, line):
        fields = line.split()
        self.name, self.scale, self.zero = fields[0], np.float32(fields[1]), int(fields[2])
        self.shape = [int(d) for d in fields[3:]]
        self.count = int(np.prod(self.shape))
        self.values, self.ort, self.perm = [], {level: [] for level in LEVELS}, None

    def as_int8(self, array):
        if array.dtype == np.float32:
            array = np.clip(np.rint(array / self.scale) + self.zero, -128, 127)
        elif array.dtype == np.uint8:
            array = array.astype(np.int16) - 128
        return array.astype(np.int8)

    def orders(self, shape):
        """The orders of axes that make this shape of the model the one of Weft, up to axes of one; all of them if none
        does, because Weft has it with fewer axes.  The usual ones first."""
        usual = [tuple(range(len(shape)))] + ([(0, 2, 3, 1)] if len(shape) == 4 else [])
        every = usual + [p for p in itertools.permutations(range(len(shape))) if p not in usual]
        squeezed = [d for d in self.shape if d > 1]
        return [p for p in every if [shape[i] for i in p if shape[i] > 1] == squeezed] or every

    def order(self, array):
        """That in which Weft has the most of the values of the first sample; None if the shape is another one."""
        if self.perm is None and array.size == self.count:
            values = self.values[0]
            fits = {p: np.count_nonzero(array.transpose(p).ravel() == values) for p in self.orders(array.shape)}
            self.perm = max(fits, key=fits.get, default=None)
        return self.perm if self.perm is None or len(self.perm) == array.ndim else None

    def add(self, level, array):
        """What ONNX Runtime has of the next sample, in the layout of Weft."""
        array = self.as_int8(array)
        perm = self.order(array)
        self.ort[level].append(array.ravel() if perm is None else array.transpose(perm).ravel())

    def as_model(self, sample, like):
        """The values of Weft in the layout and type of the model, or None if the shape is another one."""
        perm = self.order(self.as_int8(like))
        if perm is None:
            return None
        v = self.values[sample].reshape([like.shape[i] for i in perm]).transpose(np.argsort(perm))
        return v if like.dtype == np.int8 else as_uint8(v)


def read(directory, name):
    with open(os.path.join(directory, name + ".txt")) as f:
        lines = f.read().splitlines()
    path, samples = lines[0].rsplit(" ", 1)
    tensors, samples = [Tensor(line) for line in lines[1:]], int(samples)
    first_of = {t.name: t for t in reversed(tensors)}
    out = np.fromfile(os.path.join(directory, name + ".out"), np.int8).reshape(samples, -1)
    first = 0
    for t in tensors:
        t.values = list(out[:, first : first + t.count])
        first += t.count
    # of the same name: the same moved, or what Weft makes of it in front of a Concat; what reads that is judged
    tensors = [t for t in tensors if (t.scale, t.zero) == (first_of[t.name].scale, first_of[t.name].zero)]
    for t in tensors:
        t.first = first_of[t.name]
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
    """DequantizeLinear, Conv or Gemm (and Relu), QuantizeLinear as the one node ONNX Runtime fuses them to; all in uint8,
    the types of which it has an exact kernel on every CPU.  Returns the least value Relu leaves, or None if the part was no such thing."""
    maker = {o: n for n in part.graph.node for o in n.output}
    constants = {i.name: i for i in part.graph.initializer}
    last = maker[part.graph.output[0].name]
    node = maker.get(last.input[0])
    relu = node is not None and node.op_type == "Relu"
    node = maker.get(node.input[0]) if relu else node
    if last.op_type != "QuantizeLinear" or node is None or node.op_type not in ("Conv", "Gemm"):
        return None
    read = [maker.get(name) for name in node.input]
    if not all(n is not None and n.op_type == "DequantizeLinear" for n in read) or len(part.graph.input) != 1:
        return None
    x, w, b = ([*n.input] if n else [] for n in (read + [None])[:3])
    if any(a.name in ("alpha", "beta", "transA") for a in node.attribute) and node.op_type == "Gemm":
        plain = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if plain.get("alpha", 1) != 1 or plain.get("beta", 1) != 1 or plain.get("transA", 0):
            return None
    for name in {x[2], w[0], w[2], last.input[2]}:
        if name not in constants:
            return None
        constants[name].CopyFrom(onnx.numpy_helper.from_array(as_uint8(onnx.numpy_helper.to_array(constants[name])), name))
    part.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    floor = int(onnx.numpy_helper.to_array(constants[last.input[2]])) if relu else 0
    bias, y = b[:1], [*last.input[1:]]
    if node.op_type == "Conv":
        made = onnx.helper.make_node("QLinearConv", x + w + y + bias, [*last.output])
        made.attribute.extend(node.attribute)
    else:
        made = onnx.helper.make_node("QGemm", x + w + (bias or [""]) + y, [*last.output], domain="com.microsoft")
        made.attribute.extend(a for a in node.attribute if a.name == "transB")
        if all(o.domain != "com.microsoft" for o in part.opset_import):
            part.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    del part.graph.node[:]
    part.graph.node.append(made)
    return floor


def other_of_ties(part, feeds, got, plain):
    """Of what ONNX Runtime has no integer kernel for and computes in float32: got, with those values that lie on a half rounded
    otherwise than in plain, as the exact sum may have it.  got itself if the part is something else."""
    maker = {o: n for n in part.graph.node for o in n.output}
    constants = {i.name: onnx.numpy_helper.to_array(i) for i in part.graph.initializer}
    last = maker[part.graph.output[0].name]
    node = maker.get(last.input[0])
    node = maker.get(node.input[0], node) if node is not None and node.op_type == "Relu" else node
    real = onnx.ModelProto()
    real.CopyFrom(part)
    if last.op_type != "QuantizeLinear" or node is None or node.op_type not in NOT_INTEGER:
        return got
    real.graph.output[0].CopyFrom(onnx.helper.make_empty_tensor_value_info(last.input[0]))
    made, others = session(real, "disabled"), []
    for feed, g, first in zip(feeds, got, plain):
        steps = made.run(None, feed)[0].astype(np.float64) / np.float64(constants[last.input[1]])
        below = np.floor(steps)
        other = 2 * below + 1 + 2 * int(constants[last.input[2]]) - first.astype(np.int64)
        tie = abs(steps - below - 0.5) < 1e-4 + 1e-6 * abs(steps)
        limits = np.iinfo(g.dtype)
        others.append(np.where(tie, np.clip(other, limits.min, limits.max), g).astype(g.dtype))
    return others


def session(model, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = LEVELS[level]
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if any("Conv" in n.op_type or "MatMul" in n.op_type or "Gemm" in n.op_type for n in model.graph.node):
        # exact integer kernels on every CPU; elsewhere it only keeps Add with an int8 constant from becoming QLinearAdd
        options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def value_types(model):
    """Of every value that a node computes the type ONNX Runtime gives it; and the inputs."""
    every = onnx.ModelProto()
    every.CopyFrom(model)
    del every.graph.output[:]
    names = [o for n in model.graph.node for o in n.output if o]
    every.graph.output.extend(onnx.helper.make_empty_tensor_value_info(o) for o in names)
    made = session(every, "disabled")
    return {o.name: o.type for o in made.get_outputs()}, made.get_inputs()


def run(path, tensors, inputs):
    """Every operator of the model in both levels, on what Weft has for its inputs.  A value that Weft does not have
    (a shape that it never sees) is that of ONNX Runtime."""
    model = onnx.load(path)
    types, sources = value_types(model)
    quantised = [o for n in model.graph.node for o in n.output if types.get(o) in ("tensor(int8)", "tensor(uint8)")]
    own = {t.name for t in tensors}
    known, cuts, first = {}, {}, 0
    for source in sources:
        shape = [d if isinstance(d, int) else 1 for d in source.shape]
        last = first + int(np.prod(shape))
        known[source.name] = [x[first:last].reshape(shape) for x in inputs]
        cuts[source.name] = onnx.helper.make_tensor_value_info(source.name, onnx.TensorProto.FLOAT, shape)
        first = last
    for name in [o for n in model.graph.node for o in n.output if o in own or o in quantised]:
        part, names = operator(model, name, cuts)
        for level in LEVELS:
            floor = None if level == "disabled" else integer_kernel(part)
            try:
                made = session(part, level)
            except Exception:  # some of its kernels exist for one type only
                if level == "disabled":
                    raise
                made, floor = session(operator(model, name, cuts)[0], "disabled"), None
            feeds = [{n: known[n][i] if floor is None else as_uint8(known[n][i]) for n in names} for i in range(len(inputs))]
            got = [made.run(None, feed)[0] for feed in feeds]
            got = got if floor is None else [np.maximum(g, floor) for g in got]
            plain = got if level == "disabled" else plain
            got = other_of_ties(part, feeds, got, plain) if level == "all" and floor is None else got
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
    if t is not t.first:
        return own.astype(np.int8), 0
    if not t.ort["disabled"]:
        print(f"FAIL ort_networks: {network} {t.name}: ONNX Runtime has no such value of {t.count} elements")
        return None, 0
    plain = np.concatenate(t.ort["disabled"]).astype(np.int16)
    best = np.concatenate(t.ort["all"]).astype(np.int16)
    if not own.size == plain.size == best.size:
        print(f"FAIL ort_networks: {network} {t.name}: ONNX Runtime has {plain.size} values, Weft {own.size}")
        return None, 0
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
