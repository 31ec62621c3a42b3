"""Functions of one number as ONNX Runtime computes them, for test_functions.

    ort_functions.py [COUNT [SEED]]      COUNT random quantisations of every function, to standard output

A line a case (test_functions.c says how): QDQ with all optimisations, with the basic ones and with none, or the QLinear
operator, on all 256 bytes; the function alone on COUNT * 16 float32; and normalisations that are to be refused.  Says at the end, on standard error, in how
many bytes ONNX Runtime's own ways differ.  Exit status 77 where onnx or onnxruntime cannot be imported.
"""
import sys

from ort_net import MS, TensorProto, helper, np, numpy_helper, ort

LEVELS = [ort.GraphOptimizationLevel.ORT_ENABLE_ALL, ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
          ort.GraphOptimizationLevel.ORT_DISABLE_ALL]


def alone(op, **ranges):
    """op with attributes drawn from these ranges; of two cases one has the defaults."""
    def make(g, x):
        attributes = {}
        if g.rng.random() < 0.5:
            attributes = {k: float(np.float32(g.rng.uniform(*v))) for k, v in ranges.items()}
        return g.node(op, [x], **attributes)
    return make


def chain(*ops):
    def make(g, x):
        for op in ops:
            x = g.node(op, [x])
        return x
    return make


def by_number(op, low, high, first=False, whole=()):
    """x op number, or number op x."""
    def make(g, x):
        value = g.rng.choice(whole) if len(whole) and g.rng.random() < 0.6 else g.rng.uniform(low, high)
        c = g.init(np.float32(value))
        return g.node(op, [c, x] if first else [x, c])
    return make


def gelu(g, x):
    return g.node("Gelu", [x], approximate=str(g.rng.choice(["none", "tanh"])))


def clip(g, x):
    lo, hi = sorted(g.rng.normal(0, 3, 2))
    return g.node("Clip", [x, g.init(np.float32(lo)), g.init(np.float32(hi))])


def swish(g, x):
    """x sigmoid(x) as x / (1 + e^-x) has it: a chain of one branch."""
    y = g.node("Exp", [g.node("Neg", [x])])
    return g.node("Reciprocal", [g.node("Add", [y, g.init(np.float32(1))])])


FUNCTIONS = {
    "Abs": alone("Abs"), "Add": by_number("Add", -4, 4), "Ceil": alone("Ceil"), "Celu": alone("Celu", alpha=(0.3, 3)),
    "Clip": clip, "Div": by_number("Div", 0.1, 9), "Div_into": by_number("Div", -9, 9, True),
    "Elu": alone("Elu", alpha=(0.3, 3)), "Erf": alone("Erf"), "Exp": alone("Exp"), "Floor": alone("Floor"), "Gelu": gelu,
    "HardSigmoid": alone("HardSigmoid", alpha=(0.05, 0.6), beta=(0.2, 0.8)), "HardSwish": alone("HardSwish"),
    "LeakyRelu": alone("LeakyRelu", alpha=(-0.2, 1.2)), "Log": alone("Log"), "Log_of_Abs": chain("Abs", "Log"),
    "Max": by_number("Max", -3, 3), "Min": by_number("Min", -3, 3), "Mish": alone("Mish"), "Mul": by_number("Mul", -4, 4),
    "Neg": alone("Neg"), "Pow": by_number("Pow", -3, 3, whole=[2, 3, 0.5, 4, -1]),
    "Pow_of": by_number("Pow", 0.2, 4, True), "Reciprocal": alone("Reciprocal"), "Relu": alone("Relu"), "Round": alone("Round"),
    "Selu": alone("Selu", alpha=(0.3, 3), gamma=(0.5, 2)), "Sigmoid": alone("Sigmoid"), "Sigmoid_Log": chain("Sigmoid", "Log"),
    "Sign": alone("Sign"), "Softplus": alone("Softplus"), "Softplus_Tanh": chain("Softplus", "Tanh"),
    "Softsign": alone("Softsign"), "Sqrt": alone("Sqrt"), "Sqrt_of_Abs": chain("Abs", "Sqrt"), "Sub": by_number("Sub", -4, 4),
    "Sub_from": by_number("Sub", -4, 4, True), "Logistic": swish, "Tanh": alone("Tanh"), "Tanh_Exp": chain("Tanh", "Exp"),
    "ThresholdedRelu": alone("ThresholdedRelu", alpha=(-1, 2)),
}
QLINEAR = {"QLinearLeakyRelu": {"alpha": (0.01, 0.4)}, "QLinearSigmoid": {}}


class Graph:
    def __init__(self, rng):
        self.rng, self.nodes, self.inits, self.count = rng, [], [], 0

    def name(self):
        self.count += 1
        return f"v{self.count}"

    def init(self, value):
        self.inits.append(numpy_helper.from_array(np.asarray(value), self.name()))
        return f"v{self.count}"

    def node(self, op, inputs, domain="", **attributes):
        y = self.name()
        self.nodes.append(helper.make_node(op, inputs, [y], domain=domain, **attributes))
        return y

    def model(self, y, x_type, y_type):
        value = lambda name, dtype: helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), SIZE)
        graph = helper.make_graph(self.nodes, "g", [value("x", x_type)], [value(y, y_type)], self.inits)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(MS, 1)], ir_version=8)
        model.producer_name = ""
        return model.SerializeToString()


SIZE = None  # the shape of input and output while a model is made


def run(model, x, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model, options, ["CPUExecutionProvider"]).run(None, {"x": x})[0]


def of_floats(name, rng, count):
    global SIZE
    SIZE = [count]
    g = Graph(rng)
    model = g.model(FUNCTIONS[name](g, "x"), np.float32, np.float32)
    x = (rng.normal(0, 1, count) * 2.0 ** rng.integers(-4, 7, count)).astype(np.float32)
    y = run(model, x, LEVELS[2])
    print("f", name, model.hex(), x.tobytes().hex(), y.tobytes().hex())


def quantisation(rng, dtype, spread=None):
    """Scale and zero point: powers of two in a third of the cases; of an output so that the values mostly fit."""
    info = np.iinfo(dtype)
    scale = 10 ** rng.uniform(-2.5, -0.7) if spread is None else spread / rng.uniform(60, 260)
    if rng.random() < 0.33:
        scale = 2.0 ** np.round(np.log2(scale))
    zero = rng.choice([0, (info.min + info.max + 1) // 2, int(rng.integers(info.min, info.max + 1))])
    return np.float32(scale), np.array(zero, dtype)


def on_a_half(rng, values, scale):
    """A scale near this by which one of the values lies on a half as near as float32 can tell: where its last bit counts."""
    value = np.abs(rng.choice(values))
    steps = np.floor(value / scale) + 0.5
    return np.float32(value / steps) if 1e-30 < value < 1e30 else scale


def of_bytes(name, rng):
    """Every way ONNX Runtime has, without those that are equal; how many bytes are not the same in all."""
    global SIZE
    SIZE = [256]
    dtype = rng.choice([np.int8, np.uint8])
    x = np.arange(256, dtype=np.uint8).view(dtype)
    xs, xz = quantisation(rng, dtype)
    state = rng.bit_generator.state
    g = Graph(rng)
    plain = name.removeprefix("QLinear")
    make = FUNCTIONS[plain] if plain == name else alone(plain, **QLINEAR[name])
    real = make(g, g.node("DequantizeLinear", ["x", g.init(xs), g.init(xz)]))
    values = run(g.model(real, dtype, np.float32), x, LEVELS[2])
    finite = np.abs(values[np.isfinite(values)])
    ys, yz = quantisation(rng, dtype, max(1e-3, min(float(np.max(finite, initial=0)), 50)))
    if finite.size and rng.random() < 0.8:
        ys = on_a_half(rng, finite, ys)
    if plain != name:
        g = Graph(rng)
        rng.bit_generator.state = state
        attributes = {k: float(np.float32(rng.uniform(*v))) for k, v in QLINEAR[name].items()}
        y = g.node(name, ["x", g.init(xs), g.init(xz), g.init(ys), g.init(yz)], MS, **attributes)
    else:
        y = g.node("QuantizeLinear", [real, g.init(ys), g.init(yz)])
    model = g.model(y, dtype, dtype)
    ways = [run(model, x, level) for level in LEVELS]
    apart = int(np.sum(np.any([w != ways[0] for w in ways], axis=0)))
    print("q", name, model.hex(), *dict.fromkeys(w.tobytes().hex() for w in ways))
    return apart


def softmax(rng):
    """Rows of 1 to 256 numbers as ONNX Runtime's QLinearSoftmax has them, which all optimisations make of QDQ."""
    global SIZE
    SIZE = [256]
    dtype = rng.choice([np.int8, np.uint8])
    x = np.arange(256, dtype=np.uint8).view(dtype)
    (xs, xz), width = quantisation(rng, dtype), 2 ** int(rng.integers(0, 9))
    shape = [[256 // width, width], [width, 256 // width], [2, width, 128 // width] if width < 256 else [1, 256, 1]]
    g, axis = Graph(rng), int(rng.integers(0, 3))
    y = g.node("Reshape", ["x", g.init(np.array(shape[axis], np.int64))])
    real = g.node("Softmax", [g.node("DequantizeLinear", [y, g.init(xs), g.init(xz)])], axis=[-1, 0, 1][axis])
    values = run(g.model(real, dtype, np.float32), x, LEVELS[2])
    ys, yz = quantisation(rng, dtype, max(float(values.max()), 0.02))
    if rng.random() < 0.8:
        ys = on_a_half(rng, values.ravel()[values.ravel() > 0], ys)
    q = g.node("QuantizeLinear", [real, g.init(ys), g.init(yz)])
    y = g.node("Reshape", [q, g.init(np.array([256], np.int64))])
    model = g.model(y, dtype, dtype)
    print("q", "Softmax", model.hex(), run(model, x, LEVELS[0]).tobytes().hex())


def refused(name, op, constants, outputs=1, shape=(1, 8, 1, 4), **attributes):
    """op on an activation of this shape, its other inputs floats, or int8 with a scale for each part of their first axis."""
    global SIZE
    SIZE = list(shape)
    g = Graph(np.random.default_rng(0))
    inputs = [g.node("DequantizeLinear", ["x", g.init(np.float32(0.1)), g.init(np.int8(0))])]
    for c in constants:
        parts = [np.ones(c.shape, np.int8), np.ones(len(c), np.float32), np.zeros(len(c), np.int8)] if c.ndim > 1 else [c]
        names = [g.init(p) for p in parts]
        inputs.append(g.node("DequantizeLinear", names, axis=0) if c.ndim > 1 else names[0])
    y = g.node(op, inputs, **attributes)
    g.nodes[-1].output.extend(["more"] * (outputs - 1))
    q = g.node("QuantizeLinear", [y, g.init(np.float32(0.1)), g.init(np.int8(0))])
    print("r", name, g.model(q, np.int8, np.int8).hex())


def refusals():
    one = lambda *dims: np.ones(dims, np.float32)
    refused("BatchNormalization_of_matrices", "BatchNormalization", [one(2, 4)] + [one(8)] * 3)
    refused("LayerNormalization_of_matrices", "LayerNormalization", [one(2, 2), one(4)])
    refused("LayerNormalization_with_mean", "LayerNormalization", [one(4), one(4)], 2)
    refused("LayerNormalization_in_bfloat16", "LayerNormalization", [one(4), one(4)], stash_type=16)
    refused("LayerNormalization_of_one_scale", "LayerNormalization", [one(1)])
    refused("LayerNormalization_beyond", "LayerNormalization", [one(4)], axis=4)


def main():
    count, seed = (int(v) for v in (sys.argv[1:] + ["2", "1"][len(sys.argv) - 1:]))
    print(f"# ort_functions.py {count} {seed}, ONNX Runtime {ort.__version__}")
    apart = 0
    for i, name in enumerate([*FUNCTIONS, *QLINEAR]):
        rng = np.random.default_rng([seed, i])
        apart += sum(of_bytes(name, rng) for _ in range(count))
        if name in FUNCTIONS:
            of_floats(name, rng, 16 * count)
    refusals()
    rng = np.random.default_rng([seed, len(FUNCTIONS) + len(QLINEAR)])
    for _ in range(count):
        softmax(rng)
    print(f"{len(FUNCTIONS) + len(QLINEAR)} functions and Softmax, {count} quantisations each, in {apart} bytes of the functions "
          f"ONNX Runtime differs from itself", file=sys.stderr)


main()
