"""Random networks with float32 between int8 products, by ONNX Runtime and by weft, for live_real.sh.

    real_networks.py WEFT DIRECTORY [COUNT [SEED [KIND..]]]

COUNT networks of each kind: Q/DQ in front of products only, as TensorRT, Brevitas and NNCF write them; operators of the
float32 input in front of the first QuantizeLinear; float32 outputs.  Every output must have the bytes that ONNX Runtime
gives at one of its optimisation levels, with one thread.  Prints what differs and a line of numbers; KEEP=1 keeps all models.
Exit status 77 where onnx or onnxruntime is not installed.
"""
import logging
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print(f"skip live_real: {missing}")
    sys.exit(77)

LEVELS = [ort.GraphOptimizationLevel.ORT_ENABLE_ALL, ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
          ort.GraphOptimizationLevel.ORT_ENABLE_BASIC]


class Net:
    """A network in the making; every method adds nodes behind x and returns the name of the result."""

    def __init__(self, rng):
        self.rng, self.opset = rng, int(rng.choice([13, 17, 19]))
        self.nodes, self.inits, self.inputs, self.outputs, self.feeds, self.shape, self.count = [], [], [], [], {}, {}, 0
        self.unsigned = rng.random() < 0.6
        self.change = lambda model: model

    def input(self, shape, dtype=np.float32):
        name = f"in{len(self.inputs)}"
        value = self.rng.normal(0, 2, shape).astype(dtype) if dtype == np.float32 else self.rng.integers(0, 2 if dtype == np.bool_ else 120, shape).astype(dtype)
        self.inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape))
        self.feeds[name], self.shape[name] = value, list(shape)
        return name

    def const(self, array):
        self.count += 1
        self.inits.append(numpy_helper.from_array(np.asarray(array), f"c{self.count}"))
        return self.inits[-1].name

    def node(self, op, inputs, outputs=1, domain="", **attributes):
        names = [f"v{self.count + k + 1}" for k in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(op, inputs, names, name=f"{op}_{self.count}", domain=domain, **attributes))
        for name, value in zip(names, self.evaluate(names)):
            self.shape[name] = list(value.shape)
        return names[0] if outputs == 1 else names

    def model(self, outputs):
        infos = [helper.make_tensor_value_info(o, t, None) for o, t in outputs]
        graph = helper.make_graph(self.nodes, "net", self.inputs, infos, self.inits)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def evaluate(self, names):
        """The values of the last node, for shapes and scales."""
        graph = helper.make_graph(self.nodes, "net", self.inputs, [helper.ValueInfoProto(name=n) for n in names], self.inits)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return run(helper.make_model(graph, opset_imports=opsets, ir_version=8), self.feeds, LEVELS[1])

    # --- quantisation

    def params(self, spread):
        dtype = np.uint8 if self.unsigned else np.int8
        zero = dtype(self.rng.integers(90, 160) if self.unsigned else self.rng.integers(-30, 30))
        scale = np.float32(spread / self.rng.uniform(60, 140))
        return [self.const(scale), self.const(zero)]

    def quantised(self, x, params=None):
        """Q/DQ in front of a product."""
        p = params or self.params(float(np.abs(self.evaluate([x])[0]).max()) or 1.0)
        return self.node("DequantizeLinear", [self.node("QuantizeLinear", [x] + p)] + p)

    def weights(self, shape, axis=None):
        r = self.rng
        w = r.integers(-127, 128, shape).astype(np.int8)
        n = shape[axis] if axis is not None else None
        s = np.float32(r.uniform(0.2, 1.8, n)) / np.float32(40 * np.sqrt(np.prod(shape) / shape[axis or 0]))
        attributes = {} if axis is None else {"axis": axis}
        return self.node("DequantizeLinear", [self.const(w), self.const(np.float32(s)), self.const(np.zeros(n or (), np.int8))],
                         **attributes), s

    def scale_of(self, dq):
        for n in self.nodes:
            if n.output[0] == dq:
                return next(numpy_helper.to_array(i) for i in self.inits if i.name == n.input[1])

    def bias(self, x, s, n):
        scale = (self.scale_of(x) * np.asarray(s)).astype(np.float32).reshape(-1) * np.ones(n, np.float32)
        b = self.rng.integers(-2000, 2000, n).astype(np.int32)
        return self.node("DequantizeLinear", [self.const(b), self.const(scale), self.const(np.zeros(n, np.int32))], axis=0)

    # --- operators

    def conv(self, x, co=None, k=None, groups=1, params=None):
        r = self.rng
        q = self.quantised(x, params)
        ci = self.shape[x][1]
        if co is None and r.random() < 0.25:
            groups = ci
        co = co or (ci if groups > 1 else int(r.integers(1, 12)))
        k = k or int(r.choice([1, 3, 3, 5]))
        if min(self.shape[x][2:]) < k:
            k = 1
        w, s = self.weights([co, ci // groups, k, k], 0 if r.random() < 0.6 else None)
        inputs = [q, w] + ([self.bias(q, s, co)] if r.random() < 0.7 else [])
        pad = int(r.integers(0, k // 2 + 1)) if k > 1 else 0
        return self.node("Conv", inputs, group=groups, pads=[pad] * 4, strides=[int(r.choice([1, 1, 2]))] * 2)

    def same_conv(self, x):
        q, c = self.quantised(x), self.shape[x][1]
        w, s = self.weights([c, c, 3, 3], 0 if self.rng.random() < 0.6 else None)
        return self.node("Conv", [q, w, self.bias(q, s, c)], pads=[1, 1, 1, 1])

    def act(self, x):
        kind = str(self.rng.choice(["Relu", "Relu", "Sigmoid", "LeakyRelu", "Clip", "PRelu", "Tanh", "HardSwish", "Swish", "none"]))
        if kind == "none" or (kind == "HardSwish" and self.opset < 14):
            return x
        if kind == "Clip":
            return self.node("Clip", [x, self.const(np.float32(0)), self.const(np.float32(2))])
        if kind == "PRelu":
            c = self.shape[x][1]
            return self.node("PRelu", [x, self.const(self.rng.uniform(0.1, 0.4, (c, 1, 1)).astype(np.float32))])
        if kind == "Swish":
            return self.node("Mul", [x, self.node("Sigmoid", [x])])
        return self.node(kind, [x], **({"alpha": 0.1} if kind == "LeakyRelu" else {}))

    def channels(self, x, op):
        c = self.shape[x][1]
        k = self.const(self.rng.uniform(0.3, 2, (c, 1, 1) if self.rng.random() < 0.7 else (1, c, 1, 1)).astype(np.float32))
        return self.node(op, [x, k] if op in ("Sub", "Div") or self.rng.random() < 0.6 else [k, x])

    def pool(self, x):
        if min(self.shape[x][2:]) < 3:
            return x
        op = str(self.rng.choice(["MaxPool", "MaxPool", "AveragePool"]))
        return self.node(op, [x], kernel_shape=[2, 2], strides=[2, 2])

    def move(self, x):
        r = self.rng
        n, c, h, w = self.shape[x]
        kind = str(r.choice(["slice", "pad", "nearest", "linear", "transpose", "concat", "depth", "split"]))
        ints = lambda *v: self.const(np.array(v, np.int64))
        if kind == "slice":
            return self.node("Slice", [x, ints(0, 0), ints(h, max(1, w - 1)), ints(2, 3), ints(*(2, 1) if h > 3 else (1, 1))])
        if kind == "pad":
            value = [self.const(np.float32(r.choice([0.0, 0.37])))] if r.random() < 0.5 else []
            return self.node("Pad", [x, ints(0, 0, 1, 0, 0, 0, 1, 2)] + value)
        if kind in ("nearest", "linear"):
            scales = self.const(np.array([1, 1, 2, 2], np.float32))
            rule = dict(coordinate_transformation_mode="asymmetric", nearest_mode="floor") if kind == "nearest" else {}
            return self.node("Resize", [x, "", scales], mode=kind, **rule)
        if kind == "transpose":
            return self.node("Transpose", [x], perm=[0, 1, 3, 2])
        if kind == "concat":
            return self.node("Concat", [x, x], axis=1)
        if kind == "depth" and h % 2 == 0 and w % 2 == 0:
            return self.node("SpaceToDepth", [x], blocksize=2)
        if kind == "split" and c > 1:
            parts = self.node("Split", [x, ints(1, c - 1)], 2, axis=1)
            return self.node("Concat", [parts[1], parts[0]], axis=1)
        return x

    def product(self, x):
        q = self.quantised(x)
        k, m = self.shape[x][-1], int(self.rng.integers(1, 20))
        if len(self.shape[x]) == 2 and self.rng.random() < 0.5:
            w, s = self.weights([m, k], 0 if self.rng.random() < 0.5 else None)
            bias = [[], [self.bias(q, s, m)], [self.const(self.rng.normal(0, 1, m).astype(np.float32))]][int(self.rng.integers(0, 3))]
            return self.node("Gemm", [q, w] + bias, transB=1)
        w, s = self.weights([k, m], 1 if self.rng.random() < 0.5 else None)
        y = self.node("MatMul", [q, w])
        return self.node("Add", [y, self.const(self.rng.normal(0, 1, m).astype(np.float32))]) if self.rng.random() < 0.5 else y

    def ends(self, x, dtype=TensorProto.FLOAT):
        self.outputs.append((x, dtype))

    def maybe_quantised(self, x, share=0.5):
        return self.quantised(x) if self.rng.random() < share else x


def run(model, feeds, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"]).run(None, feeds)


# --- the kinds; each makes a network

def image(n, batch=1):
    return n.input([batch, int(n.rng.integers(1, 6)), int(n.rng.integers(5, 11)), int(n.rng.integers(5, 11))])


def residual(n):
    """Conv, Add of a skip, activation; products alone have Q/DQ."""
    x = n.act(n.conv(image(n), co=int(n.rng.integers(2, 9)), k=3))
    for _ in range(int(n.rng.integers(1, 3))):
        y = n.same_conv(n.act(n.same_conv(x)) if n.rng.random() < 0.5 else x)
        x = n.act(n.node("Add", [y, x]))
    n.ends(n.maybe_quantised(x))
    if n.rng.random() < 0.3:
        n.ends(y)


def chain(n):
    """Convolutions, activations, pools, constants per channel, and what moves data, in any order."""
    x = n.conv(image(n))
    for _ in range(int(n.rng.integers(2, 6))):
        step = int(n.rng.integers(0, 6))
        if step == 0:
            x = n.conv(x)
        elif step == 1:
            x = n.pool(x)
        elif step == 2:
            x = n.channels(x, str(n.rng.choice(["Add", "Sub", "Mul", "Div"])))
        elif step == 3:
            x = n.move(x)
        else:
            x = n.act(x)
    n.ends(n.maybe_quantised(x))


def tail(n):
    """A float32 result as the output, or one of two."""
    y = n.conv(image(n))
    x = n.act(y)
    n.ends(x)
    if n.rng.random() < 0.5:
        n.ends(n.quantised(y))
    elif n.rng.random() < 0.5 and y != x:
        n.ends(y)


def front(n):
    """Operators of the float32 input in front of the first QuantizeLinear."""
    x = image(n)
    for _ in range(int(n.rng.integers(1, 4))):
        step = int(n.rng.integers(0, 3))
        x = n.move(x) if step else n.channels(x, str(n.rng.choice(["Add", "Sub", "Mul", "Div"])))
    y = n.conv(x) if n.rng.random() < 0.7 else n.quantised(x)
    n.ends(n.quantised(n.act(y)) if n.rng.random() < 0.7 else y)


def dense(n):
    """Gemm and MatMul with float32 between."""
    rank = int(n.rng.integers(2, 4))
    x = n.input([1, int(n.rng.integers(1, 5)), int(n.rng.choice([n.rng.integers(2, 40), n.rng.integers(40, 600)]))][3 - rank:])
    for _ in range(int(n.rng.integers(1, 4))):
        x = n.product(x)
        if n.rng.random() < 0.6:
            x = n.node(str(n.rng.choice(["Relu", "Sigmoid", "Tanh", "Erf"])), [x])
    n.ends(n.maybe_quantised(x, 0.3))


def wide(n):
    """Convolutions of many products, whose sums go by blocks, with many and few columns, one filter or one pixel."""
    r = n.rng
    x = n.input([1, int(r.choice([16, 40, 130])), *[int(v) for v in r.choice([1, 3, 4, 6, 9, 12], 2)]])
    n.ends(n.conv(x, co=int(r.choice([1, 2, 9])), k=int(r.choice([1, 3]))))


def cast(n):
    """Integers and truth values as inputs, cast and scaled; an input that nobody reads, one that is an output too."""
    r = n.rng
    dtype = [np.uint8, np.int8, np.int32, np.int64, np.bool_][int(r.integers(0, 5))]
    raw = n.input([1, int(r.integers(1, 5)), int(r.integers(4, 9)), int(r.integers(4, 9))], dtype)
    x = n.node("Cast", [raw], to=TensorProto.FLOAT)
    for _ in range(int(r.integers(0, 3))):
        op, k = str(r.choice(["Sub", "Mul", "Div"])), r.uniform(0.5, 3)
        x = n.channels(x, op) if r.random() < 0.4 else n.node(op, [x, n.const(np.float32(k))])
    if r.random() < 0.3:
        n.input([2, 3])
    n.ends(n.maybe_quantised(n.conv(x)))
    if r.random() < 0.4:
        n.ends(raw, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def views(n):
    """Shuffles of channels, through five to eight axes some of which have size 1."""
    r = n.rng
    x = n.conv(image(n), co=int(r.choice([4, 6, 8])))
    for _ in range(int(r.integers(1, 3))):
        b, c, h, w = n.shape[x]
        shape = [b, 2, c // 2, h, w]
        for _ in range(int(r.integers(0, 4))):
            shape.insert(int(r.integers(0, len(shape) + 1)), 1)
        y = n.node("Reshape", [x, n.const(np.array(shape, np.int64))])
        order = [int(v) for v in r.permutation(len(shape))] if r.random() < 0.3 else list(range(len(shape)))
        y = n.node("Transpose", [y], perm=order)
        y = n.node("Reshape", [y, n.const(np.array([b, c, h, w], np.int64))])
        x = n.act(y) if r.random() < 0.5 else n.conv(y, co=int(r.choice([2, 4, 6])))
    n.ends(n.maybe_quantised(x))


def functions(n):
    """A chain whose activations are calls of local functions, which call another, with an attribute and a constant."""
    chain(n)
    n.change = with_functions


def with_functions(model):
    """Every LeakyRelu, Relu and Sigmoid of the model as a call of a function of its own."""
    opsets = [helper.make_opsetid("", model.opset_import[0].version), helper.make_opsetid("local", 1)]
    leaky = helper.make_node("LeakyRelu", ["a"], ["b"])
    leaky.attribute.append(onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope"))
    bodies = {"LeakyRelu": [leaky], "Relu": [helper.make_node("Relu", ["a"], ["t"]), helper.make_node("Inner", ["t"], ["b"], domain="local")],
              "Sigmoid": [helper.make_node("Sigmoid", ["a"], ["b"])]}
    inner = helper.make_function("local", "Inner", ["x"], ["y"], [helper.make_node("Identity", ["x"], ["y"])], opsets)
    for op, body in bodies.items():
        model.functions.append(helper.make_function("local", "My" + op, ["a"], ["b"], body, opsets, ["slope"] if op == "LeakyRelu" else []))
    model.functions.append(inner)
    model.opset_import.append(helper.make_opsetid("local", 1))
    for node in model.graph.node:
        if node.op_type in bodies and not node.domain:
            node.op_type, node.domain = "My" + node.op_type, "local"
            for a in node.attribute:
                a.name = "slope"
    return model


def dynamic(n):
    """A float32 network through onnxruntime's quantize_dynamic: convolutions, pools, residual sums, Gemm and MatMul."""
    r = n.rng
    n.opset = max(n.opset, 13)
    weight = lambda *s: n.const(r.normal(0, 1 / np.sqrt(np.prod(s[1:])), s).astype(np.float32))
    x = image(n, int(r.choice([1, 1, 2]))) if r.random() < 0.7 else n.input([int(r.integers(1, 4)), int(r.integers(2, 30))])
    for _ in range(int(r.integers(1, 4)) if len(n.shape[x]) == 4 else 0):
        c, co = n.shape[x][1], int(r.integers(1, 9))
        groups = c if r.random() < 0.2 else 1
        co = c if groups > 1 or r.random() < 0.3 else co
        y = n.node("Conv", [x, weight(co, c // groups, 3, 3)] + ([n.const(r.normal(0, 1, co).astype(np.float32))] if r.random() < 0.7 else []),
                   pads=[1, 1, 1, 1], group=groups)
        x = n.node("Add", [x, y]) if co == c and r.random() < 0.5 else y
        x = n.act(x)
    if len(n.shape[x]) == 4:
        x = n.node("Flatten", [n.pool(x)])
    for _ in range(int(r.integers(1, 3))):
        m = int(r.integers(1, 12))
        if r.random() < 0.5:
            x = n.node("Gemm", [x, weight(m, n.shape[x][1]), n.const(r.normal(0, 1, m).astype(np.float32))], transB=1)
        else:
            x = n.node("Add", [n.node("MatMul", [x, weight(n.shape[x][1], m)]), n.const(r.normal(0, 1, m).astype(np.float32))])
        x = n.node("Relu", [x]) if r.random() < 0.5 else x
    n.ends(x)
    how = dict(per_channel=bool(r.random() < 0.4), reduce_range=bool(r.random() < 0.2),
               weight_type=QuantType.QUInt8 if r.random() < 0.3 else QuantType.QInt8)
    n.change = lambda model: quantised_dynamically(model, how)


def quantised_dynamically(model, how):
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/f.onnx", "wb") as f:
            f.write(model.SerializeToString())
        logging.disable(logging.WARNING)
        quantize_dynamic(d + "/f.onnx", d + "/q.onnx", **how)
        return onnx.load(d + "/q.onnx")


KINDS = [residual, chain, tail, front, dense, wide, cast, views, functions, dynamic]


def same(a, b):
    """Equal bytes; not a number is not a number, and zero has no sign."""
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype == np.float32)


def judge(weft, path, n):
    """0 equal, 1 differs, 2 refused; and words."""
    model = n.change(n.model(n.outputs))
    with open(path + ".onnx", "wb") as f:
        f.write(model.SerializeToString())
    files = []
    for name, value in n.feeds.items():
        files.append(f"{path}.{name}")
        value.tofile(files[-1])
    done = subprocess.run([weft, "run", path + ".onnx", *files, "--via", "ref:", "-o", path + ".out"], capture_output=True,
                          text=True, timeout=120)
    if done.returncode:
        return 2, (done.stderr.strip().splitlines() or ["?"])[-1]
    right = [run(model, n.feeds, level) for level in LEVELS]
    data, at = open(path + ".out", "rb").read(), 0
    for k, want in enumerate(right[0]):
        got = np.frombuffer(data[at:at + want.nbytes], want.dtype).reshape(want.shape)
        at += want.nbytes
        if any(same(got, r[k]) for r in right):
            continue
        off = got.astype(np.float64) != want.astype(np.float64)
        i = int(np.flatnonzero(off)[0])
        return 1, f"output {k}: {int(off.sum())} of {want.size}, element {i} is {got.flat[i]!r}, not {[r[k].flat[i] for r in right]}"
    return (0, "") if at == len(data) else (1, "more bytes than outputs")


def main():
    weft, directory = sys.argv[1], sys.argv[2]
    count, seed = int(sys.argv[3]) if len(sys.argv) > 3 else 4, int(sys.argv[4]) if len(sys.argv) > 4 else 1
    kinds = [k for k in KINDS if not sys.argv[5:] or k.__name__ in sys.argv[5:]]
    numbers, kinds_refused = [0, 0, 0], {}
    for kind in kinds:
        for i in range(count):
            n = Net(np.random.default_rng([seed, i, KINDS.index(kind)]))
            kind(n)
            path = os.path.join(directory, f"{kind.__name__}_{i}")
            code, words = judge(weft, path, n)
            numbers[code] += 1
            if code:
                print(f"{['', 'differs', 'refused'][code]}: {kind.__name__} {i} (seed {seed}): {words}")
    print(f"{sum(numbers)} networks of {len(kinds)} kinds, {numbers[0]} equal, {numbers[1]} differ, {numbers[2]} refused")
    return 1 if numbers[1] or numbers[2] else 0


if __name__ == "__main__":
    sys.exit(main())
