"""Models of one operator in the making, and ONNX Runtime to run them; for make_ort_cases.py.

Ends the program with 77 where onnx or onnxruntime cannot be imported.  x64quantprecision makes ONNX Runtime's integer
kernels exact on CPUs without VNNI.
"""
import sys

try:
    import numpy as np
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print(f"skip ort_ops: {missing}")
    sys.exit(77)

MS = "com.microsoft"


class Net:
    """A model in the making; names are made up as nodes are added."""

    def __init__(self, rng, opset=17):
        self.rng, self.opset = rng, opset
        self.nodes, self.inits, self.inputs, self.feeds, self.count = [], [], [], [], 0
        self.quantised = {}  # of a name behind DequantizeLinear: value, scale, zero point
        self.other = None    # the output by another kernel, which may round ties otherwise
        self.halves = None   # a float value and its quantisation: where it lies on a half either neighbour is right
        self.exact = None    # the same, but only for the float reference of Weft, which adds in float64
        self.wholes = None   # a float value that is cut off: where it is whole, that is right
        self.dtype = rng.choice([np.int8, np.uint8])
        self.batch = 1
        self.ties = rng.random() < 0.35  # all scales are powers of two: results lie on exact halves

    def name(self):
        self.count += 1
        return f"v{self.count}"

    def init(self, array):
        name = self.name()
        self.inits.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def node(self, op, inputs, outputs=1, domain="", **attributes):
        names = [self.name() for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"{op}_{self.count}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def scale(self):
        return np.float32(2.0 ** self.rng.integers(-6, 1) if self.ties else 10 ** self.rng.uniform(-2.5, -0.5))

    def zero(self, dtype=None):
        info = np.iinfo(dtype or self.dtype)
        return np.array(self.rng.integers(info.min, info.max + 1), dtype or self.dtype)

    def params(self, scale=None, zero=None):
        scale = self.scale() if scale is None else scale
        zero = self.zero() if zero is None else zero
        return scale, zero, self.init(np.array(scale, np.float32)), self.init(np.asarray(zero))

    def q(self, x, params=None):
        p = params or self.params()
        return self.node("QuantizeLinear", [x, p[2], p[3]]), p

    def dq(self, x, p):
        y = self.node("DequantizeLinear", [x, p[2], p[3]])
        self.quantised[y] = [x, p[2], p[3]]
        return y

    def values(self, shape, scale, zero):
        info = np.iinfo(zero.dtype)
        return self.rng.integers(info.min, info.max + 1, shape).astype(zero.dtype)

    def quantised_input(self, shape, params=None):
        p = params or self.params()
        name = f"x{len(self.inputs)}"
        q = self.values(shape, p[0], p[1])
        self.inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(q.dtype)), shape))
        self.feeds.append((name, q))
        return name, p

    def input(self, shape, params=None):
        """An activation as float, behind DequantizeLinear."""
        name, p = self.quantised_input(shape, params)
        return self.dq(name, p), p

    def weights(self, shape, axis=None, dtype=None):
        """A constant behind DequantizeLinear; per channel if axis is given."""
        dtype = dtype or np.int8
        info = np.iinfo(dtype)
        w = self.rng.integers(info.min, info.max + 1, shape).astype(dtype)
        count = 1 if axis is None else shape[axis]
        scale = np.array([self.scale() for _ in range(count)], np.float32) * np.float32(0.125)
        zero = np.zeros(count, dtype) if axis is not None else np.array([0], dtype)
        if axis is None:
            scale, zero = scale[0], zero[0]
            s, z = self.init(np.array(scale)), self.init(np.array(zero))
            parts = [self.init(w), s, z]
            y = self.node("DequantizeLinear", parts)
            self.quantised[y] = parts
            return y, scale, w
        s, z = self.init(scale), self.init(zero)
        return self.node("DequantizeLinear", [self.init(w), s, z], axis=axis), scale, w

    def bias(self, scale_x, scale_w, channels):
        scale = (np.float32(scale_x) * np.asarray(scale_w, np.float32)).reshape(-1) * np.ones(channels, np.float32)
        b = self.rng.integers(-3000, 3000, channels).astype(np.int32)
        return self.node("DequantizeLinear", [self.init(b), self.init(scale), self.init(np.zeros(channels, np.int32))], axis=0)

    def out_scale(self, real, params=None):
        """Output quantisation that the values mostly fit."""
        spread = float(np.abs(real).max()) or 1.0
        scale = spread / self.rng.uniform(60, 160)
        return np.float32(2.0 ** np.round(np.log2(scale)) if self.ties else scale)

    def model(self, output, dtype):
        info = helper.make_tensor_value_info(output, dtype, None)
        graph = helper.make_graph(self.nodes, "case", self.inputs, [info], self.inits)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(MS, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def run(model, feeds, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"]).run(None, feeds)[0]


def float_of(net, output):
    """What a float value of the net is, to choose scales by."""
    return run(net.model(output, TensorProto.FLOAT), dict(net.feeds), ort.GraphOptimizationLevel.ORT_DISABLE_ALL)


def finish(net, y, inputs=None, qlinear=None):
    """Quantise the float value y with a scale that fits; qlinear: the kernel it is read as."""
    q, p = net.q(y, net.params(scale=net.out_scale(float_of(net, y))))
    if qlinear:
        net.other = net.node(qlinear, net.quantised[inputs[0]] + net.quantised[inputs[1]] + [p[2], p[3]], domain=MS)
    return q, type_of(p)


def type_of(p):
    return helper.np_dtype_to_tensor_dtype(np.dtype(p[1].dtype))


def shape(rng, rank=4, most=7, batch=1):
    return [batch] + [int(v) for v in rng.integers(1, most + 1, rank - 1)]
