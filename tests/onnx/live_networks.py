"""Small networks of the well-known kinds, quantised by ONNX Runtime in random settings, for live_networks.sh.

    live_networks.py DIRECTORY [COUNT [SEED]]

Writes DIRECTORY/<name>.onnx and <name>.in (float32, two samples) COUNT times each kind and prints a line a network: its name
and settings.  Kinds and settings are what quantize_static offers: QDQ and QOperator, int8 and uint8, per channel or not,
symmetric or not, reduced range, minmax, entropy and percentile, with and without quant_pre_process, opset 11 to 21.
Exit status 77 where onnxruntime or onnx is not installed.
"""
import contextlib
import logging
import os
import sys

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime import quantization as ortq
    from onnxruntime.quantization.shape_inference import quant_pre_process
except ImportError as missing:
    print(f"skip live_networks: {missing}")
    sys.exit(77)


class Net:
    """A float network in the making: every method adds nodes behind x and returns the name of the result."""

    def __init__(self, rng, opset):
        self.rng, self.opset, self.nodes, self.inits, self.count, self.shape = rng, opset, [], [], 0, {}

    def node(self, op, inputs, shape, outputs=1, **attributes):
        names = [f"{op}_{self.count + k}" for k in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(op, inputs, names, name=names[0] + "_node", **attributes))
        for name in names:
            self.shape[name] = shape
        return names[0] if outputs == 1 else names

    def const(self, array, name="c"):
        self.count += 1
        self.inits.append(numpy_helper.from_array(np.asarray(array), f"{name}_{self.count}"))
        return self.inits[-1].name

    def conv(self, x, co, k=3, stride=1, group=1, dilation=1, norm=False, bias=True):
        c, h, w = self.shape[x]
        pad = dilation * (k - 1) // 2
        weight = self.rng.normal(0, 1.2 / np.sqrt(c // group * k * k), (co, c // group, k, k)).astype(np.float32)
        inputs = [x, self.const(weight, "w")] + ([self.const(self.rng.normal(0, 0.2, co).astype(np.float32), "b")] if bias else [])
        size = [(s + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for s in (h, w)]
        y = self.node("Conv", inputs, (co, *size), kernel_shape=[k, k], strides=[stride] * 2, pads=[pad] * 4, group=group,
                      dilations=[dilation] * 2)
        return self.norm(y) if norm else y

    def norm(self, x):
        c = self.shape[x][0]
        p = [self.rng.uniform(0.5, 1.5, c), self.rng.normal(0, 0.3, c), self.rng.normal(0, 0.3, c), self.rng.uniform(0.5, 2, c)]
        return self.node("BatchNormalization", [x] + [self.const(v.astype(np.float32), "n") for v in p], self.shape[x])

    def act(self, x, kind):
        shape = self.shape[x]
        if kind == "relu6":
            limits = [self.const(np.float32(0)), self.const(np.float32(6))]
            return self.node("Clip", [x] + limits, shape)
        if kind == "swish":
            return self.node("Mul", [x, self.node("Sigmoid", [x], shape)], shape)
        if kind == "hardswish" and self.opset >= 14:
            return self.node("HardSwish", [x], shape)
        if kind == "hardswish":
            return self.node("Mul", [x, self.node("HardSigmoid", [x], shape, alpha=1 / 6, beta=0.5)], shape)
        if kind == "leaky":
            return self.node("LeakyRelu", [x], shape, alpha=0.1)
        return self.node({"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "Elu"}[kind], [x], shape)

    def pool(self, x, op="MaxPool", k=2, stride=2, pad=0):
        c, h, w = self.shape[x]
        return self.node(op, [x], (c, *((s + 2 * pad - k) // stride + 1 for s in (h, w))), kernel_shape=[k, k],
                         strides=[stride] * 2, pads=[pad] * 4)

    def gap(self, x):
        return self.node("GlobalAveragePool", [x], (self.shape[x][0], 1, 1))

    def add(self, a, b, op="Add"):
        return self.node(op, [a, b], self.shape[a])

    def cat(self, parts):
        c = sum(self.shape[p][0] for p in parts)
        return self.node("Concat", parts, (c, *self.shape[parts[0]][1:]), axis=1)

    def squeeze_excite(self, x, inner, gate):
        c = self.shape[x][0]
        y = self.act(self.conv(self.gap(x), inner, 1), "relu")
        y = self.conv(y, c, 1)
        y = self.act(y, "sigmoid") if gate == "sigmoid" else self.node("HardSigmoid", [y], (c, 1, 1), alpha=1 / 6, beta=0.5)
        return self.add(x, y, "Mul")

    def resize(self, x, mode, factor=2):
        c, h, w = self.shape[x]
        scales = self.const(np.array([1, 1, factor, factor], np.float32))
        rule = {"coordinate_transformation_mode": "half_pixel" if mode == "linear" else "asymmetric"}
        if mode == "nearest":
            rule["nearest_mode"] = "floor"
        return self.node("Resize", [x, self.const(np.zeros(0, np.float32)), scales], (c, h * factor, w * factor), mode=mode, **rule)

    def up(self, x, co):
        c, h, w = self.shape[x]
        weight = self.rng.normal(0, 1 / np.sqrt(c), (c, co, 2, 2)).astype(np.float32)
        return self.node("ConvTranspose", [x, self.const(weight, "w")], (co, h * 2, w * 2), kernel_shape=[2, 2], strides=[2, 2])

    def dense(self, x, n, matmul=False):
        k = self.shape[x][0]
        w = self.rng.normal(0, 1 / np.sqrt(k), (n, k)).astype(np.float32)
        b = self.rng.normal(0, 0.2, n).astype(np.float32)
        if matmul:
            y = self.node("MatMul", [x, self.const(np.ascontiguousarray(w.T), "w")], (n,))
            return self.node("Add", [y, self.const(b, "b")], (n,))
        return self.node("Gemm", [x, self.const(w, "w"), self.const(b, "b")], (n,), transB=1)

    def head(self, x, n=10):
        flat = self.node("Flatten", [self.gap(x)], (self.shape[x][0],))
        return self.dense(flat, n, self.rng.random() < 0.3)

    def model(self, x, y):
        ports = [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, *self.shape[x]])], [
            helper.make_tensor_value_info(y, TensorProto.FLOAT, [1, *self.shape[y]])]
        graph = helper.make_graph(self.nodes, "net", *ports, self.inits)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


# --- the kinds; each builds behind x and returns the output

def resnet(n, x):
    y = n.act(n.conv(x, 12, 3, 2, norm=True), "relu")
    for co, stride in ((12, 1), (20, 2)):
        side = y if stride == 1 else n.conv(y, co, 1, stride, norm=True)
        z = n.act(n.conv(y, co, 3, stride, norm=True, bias=False), "relu")
        y = n.act(n.add(n.conv(z, co, norm=True), side), "relu")
    return n.head(y)


def mobilenet(n, x):
    y = n.act(n.conv(x, 8, 3, 2), "relu6")
    for co, stride in ((12, 2), (12, 1)):
        c = n.shape[y][0]
        z = n.act(n.conv(y, 3 * c, 1, norm=True), "relu6")
        z = n.act(n.conv(z, 3 * c, 3, stride, group=3 * c, norm=True), "relu6")
        z = n.conv(z, co, 1, norm=True)
        y = n.add(y, z) if stride == 1 and c == co else z
    return n.node("Softmax", [n.head(y)], (10,), axis=1)


def efficientnet(n, x):
    kind = str(n.rng.choice(["swish", "hardswish"]))
    y = n.act(n.conv(x, 8, 3, 2), kind)
    z = n.act(n.conv(y, 24, 1), kind)
    z = n.act(n.conv(z, 24, 5, 1, group=24), kind)
    z = n.squeeze_excite(z, 6, str(n.rng.choice(["sigmoid", "hard"])))
    return n.head(n.act(n.add(n.conv(z, 8, 1), y), kind))


def shufflenet(n, x):
    y = n.act(n.conv(x, 16, 3, 2), "relu")
    c, h, w = n.shape[y]
    sizes = [n.const(np.array([c // 2, c // 2], np.int64))] if n.opset >= 13 else []
    old = {} if sizes else {"split": [c // 2, c // 2]}
    left, right = n.node("Split", [y] + sizes, (c // 2, h, w), 2, axis=1, **old)
    right = n.act(n.conv(n.conv(right, c // 2, 3, group=c // 2, norm=True), c // 2, 1), "relu")
    y = n.cat([left, right])
    y = n.node("Reshape", [y, n.const(np.array([1, 2, c // 2, h, w], np.int64))], (2, c // 2, h, w))
    y = n.node("Transpose", [y], (c // 2, 2, h, w), perm=[0, 2, 1, 3, 4])
    y = n.node("Reshape", [y, n.const(np.array([1, c, h, w], np.int64))], (c, h, w))
    return n.head(n.act(n.conv(y, 20, 1), "relu"))


def inception(n, x):
    y = n.act(n.conv(x, 12, 3, 2), "relu")
    parts = [n.act(n.conv(y, 6, 1), "relu"), n.act(n.conv(n.act(n.conv(y, 5, 1), "relu"), 7, 3), "relu"),
             n.act(n.conv(n.pool(y, "AveragePool", 3, 1, 1), 5, 1), "relu"), n.pool(y, "MaxPool", 3, 1, 1)]
    return n.head(n.pool(n.cat(parts), "AveragePool", 2, 2))


def densenet(n, x):
    y = n.pool(n.act(n.conv(x, 10, 3, 2, norm=True), "relu"), "MaxPool", 3, 2, 1)
    for _ in range(2):
        z = n.conv(n.act(n.norm(y), "relu"), 8, 1, bias=False, norm=True)
        y = n.cat([y, n.conv(n.act(z, "relu"), 6, 3, bias=False)])
    y = n.pool(n.conv(n.act(n.norm(y), "relu"), 9, 1), "AveragePool")
    return n.head(n.act(n.norm(y), "relu"))


def unet(n, x):
    kind = str(n.rng.choice(["relu", "elu", "leaky"]))
    a = n.act(n.conv(x, 6), kind)
    b = n.act(n.conv(n.pool(a), 10), kind)
    y = n.act(n.conv(n.pool(b), 14, dilation=2), kind)
    for side in (b, a):
        how = str(n.rng.choice(["linear", "nearest", "transposed"]))
        y = n.up(y, 8) if how == "transposed" else n.resize(y, how)
        y = n.act(n.conv(n.cat([y, side]), n.shape[side][0]), kind)
    y = n.conv(y, 2, 1)
    return n.act(y, "sigmoid") if n.rng.random() < 0.5 else y


def yolo(n, x):
    kind = str(n.rng.choice(["swish", "leaky"]))
    y = n.act(n.conv(x, 12, 3, 2), kind)
    deep = n.act(n.conv(y, 16, 3, 2), kind)
    pools = [n.act(n.conv(deep, 8, 1), kind)]
    for _ in range(3):
        pools.append(n.pool(pools[-1], "MaxPool", 5, 1, 2))
    deep = n.act(n.conv(n.cat(pools), 16, 1), kind)
    y = n.act(n.conv(n.cat([n.resize(deep, "nearest"), y]), 12), kind)
    c, h, w = 7, *n.shape[y][1:]
    y = n.node("Reshape", [n.conv(y, c, 1), n.const(np.array([1, c, h * w], np.int64))], (c, h * w))
    return n.node("Transpose", [y], (h * w, c), perm=[0, 2, 1])


def perceptron(n, x):
    c, h, w = n.shape[x]
    y = n.node("Flatten", [x], (c * h * w,))
    for width, kind in ((24, "relu"), (16, "tanh"), (16, "sigmoid")):
        y = n.act(n.dense(y, width, n.rng.random() < 0.5), kind)
    return n.node("Softmax", [n.dense(y, 5)], (5,), axis=1)


def product(n, x, width):
    """Of the last axis, as transformers have it."""
    k = n.shape[x][-1]
    y = n.node("MatMul", [x, n.const(n.rng.normal(0, 1.2 / np.sqrt(k), (k, width)).astype(np.float32), "w")], (*n.shape[x][:-1], width))
    return n.node("Add", [y, n.const(n.rng.normal(0, 0.2, width).astype(np.float32), "b")], n.shape[y])


def layer_norm(n, x):
    k = n.shape[x][-1]
    p = [n.rng.uniform(0.5, 1.5, k), n.rng.normal(0, 0.3, k)]
    return n.node("LayerNormalization", [x] + [n.const(v.astype(np.float32), "n") for v in p], n.shape[x], axis=-1, epsilon=1e-6)


def gelu(n, x):
    if n.opset >= 20:
        return n.node("Gelu", [x], n.shape[x], approximate=str(n.rng.choice(["none", "tanh"])))
    y = n.node("Erf", [n.node("Div", [x, n.const(np.float32(np.sqrt(2)))], n.shape[x])], n.shape[x])
    y = n.node("Mul", [x, n.node("Add", [y, n.const(np.float32(1))], n.shape[x])], n.shape[x])
    return n.node("Mul", [y, n.const(np.float32(0.5))], n.shape[x])


def convnext(n, x):
    y = n.conv(x, 12, 4, 4)
    for _ in range(2):
        c, h, w = n.shape[y]
        z = n.node("Transpose", [n.conv(y, c, 7, group=c)], (h, w, c), perm=[0, 2, 3, 1])
        z = product(n, gelu(n, product(n, layer_norm(n, z), 3 * c)), c)
        y = n.add(y, n.node("Transpose", [z], (c, h, w), perm=[0, 3, 1, 2]))
    return n.head(y)


def encoder(n, x):
    """A transformer of one head, whose halves are normalised first."""
    y = n.conv(x, 16, 4, 4)
    c, h, w = n.shape[y]
    y = n.node("Reshape", [y, n.const(np.array([1, c, h * w], np.int64))], (c, h * w))
    y = n.node("Transpose", [y], (h * w, c), perm=[0, 2, 1])
    for _ in range(2):
        z = layer_norm(n, y)
        q, k, v = (product(n, z, c) for _ in range(3))
        s = n.node("MatMul", [q, n.node("Transpose", [k], (c, h * w), perm=[0, 2, 1])], (h * w, h * w))
        s = n.node("Softmax", [n.node("Mul", [s, n.const(np.float32(c ** -0.5))], (h * w, h * w))], (h * w, h * w), axis=-1)
        y = n.add(y, product(n, n.node("MatMul", [s, v], (h * w, c)), c))
        y = n.add(y, product(n, gelu(n, product(n, layer_norm(n, y), 2 * c)), c))
    y = n.node("Transpose", [layer_norm(n, y)], (c, h * w), perm=[0, 2, 1])
    y = n.node("Reshape", [y, n.const(np.array([1, c, h, w], np.int64))], (c, h, w))
    return n.head(y)


KINDS = [resnet, mobilenet, efficientnet, shufflenet, inception, densenet, unet, yolo, perceptron, convnext, encoder]
NORMALISED = (convnext, encoder)  # by LayerNormalization, of opset 17, for which there is no QOperator


class Samples(ortq.CalibrationDataReader):
    def __init__(self, name, samples):
        self.feeds = iter([{name: s} for s in samples])

    def get_next(self):
        return next(self.feeds, None)


def settings(rng, opset):
    """What quantize_static takes, and its name; before opset 13 no scale a channel."""
    wide = {"int8": ortq.QuantType.QInt8, "uint8": ortq.QuantType.QUInt8}
    qdq, signed = bool(rng.integers(0, 2)), bool(rng.integers(0, 2))
    weights = "int8" if signed or rng.random() < 0.6 else "uint8"
    per_channel = bool(rng.integers(0, 2)) and weights == "int8" and opset > 12
    extra = {"ActivationSymmetric": bool(rng.random() < 0.2), "WeightSymmetric": not rng.random() < 0.2}
    method = str(rng.choice(["MinMax", "Entropy", "Percentile"], p=[0.8, 0.1, 0.1]))
    chosen = dict(quant_format=ortq.QuantFormat.QDQ if qdq else ortq.QuantFormat.QOperator,
                  activation_type=wide["int8" if signed else "uint8"], weight_type=wide[weights], per_channel=per_channel,
                  reduce_range=bool(rng.random() < 0.2), extra_options=extra,
                  calibrate_method=getattr(ortq.CalibrationMethod, method))
    name = "_".join(["qdq" if qdq else "qop", "s8" if signed else "u8", weights, "channel" if per_channel else "tensor", method])
    name += "".join(f"_{k}" for k, v in extra.items() if v != (k == "WeightSymmetric"))
    return chosen, name + ("_reduced" if chosen["reduce_range"] else "")


def make(directory, number, kind, rng):
    opset = int(rng.choice([11, 12, 13, 15, 17, 19, 21]))
    if kind in NORMALISED:
        opset = int(rng.choice([17, 19, 20, 21]))
    size = int(rng.choice([16, 20, 24]))
    net = Net(rng, opset)
    net.shape["image"] = (3, size, size)
    model = net.model("image", kind(net, "image"))
    chosen, said = settings(rng, opset)
    while kind in NORMALISED and said.startswith("qop"):
        chosen, said = settings(rng, opset)
    path, pre = os.path.join(directory, f"{kind.__name__}_{number}"), bool(rng.random() < 0.7)
    onnx.save(model, path + ".float")
    if pre:
        quant_pre_process(path + ".float", path + ".pre", skip_symbolic_shape=True)
    samples = rng.normal(0, 1, (8, 1, 3, size, size)).astype(np.float32)
    with contextlib.redirect_stdout(sys.stderr):  # it says what it calibrates
        ortq.quantize_static(path + (".pre" if pre else ".float"), path + ".onnx", Samples("image", samples), **chosen)
    samples[:2].tofile(path + ".in")
    return f"{kind.__name__}_{number} opset {opset} {said}{' preprocessed' if pre else ''}"


def main():
    logging.disable(logging.WARNING)
    directory, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for number, kind in enumerate(KINDS):
        for k in range(count):
            print(make(directory, k, kind, np.random.default_rng([seed, number, k])), flush=True)


main()
