"""Random networks of one operator, run live by TensorFlow Lite Micro's reference kernels.

    tflm_cases.py OUT SEED COUNT [OPERATOR]

Writes COUNT cases to OUT, each as four blocks (u32 size, bytes): a name, the .tflite model, its inputs, its
outputs, tensors one behind the other; then networks that must be refused, named "refused WORDS|WORDS".  tests/tflite/test_tflm_cases.c runs them through the importer and the
reference; tests/tflite/tflm_cases.bin is such a file, recorded with tflite-micro 0.dev20261023; the operators of LITE are by
TensorFlow Lite's kernels (2.21) where that is installed, and left out where not.
Exit status: 0 written; 77 skipped, because tflite-micro is not installed (pip install tflite-micro).
"""
import os
import random
import struct
import sys

try:
    import flatbuffers
    import numpy as np
    from tflite_micro.python.tflite_micro import runtime
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as tfl
except ImportError as missing:
    print(f"skipped tflm_cases: {missing}")
    sys.exit(77)

I8, U8, F32, I32 = tfl.TensorType.INT8, tfl.TensorType.UINT8, tfl.TensorType.FLOAT32, tfl.TensorType.INT32
try:
    import tensorflow as tf
except ImportError:
    tf = None  # its kernels judge what TensorFlow Lite Micro lacks: LITE below
LITERT = os.environ.get("TRUTH") == "litert"  # its reference kernels judge everything
litert = None
PADS = LITERT  # SPACE_TO_BATCH_ND may pad: TensorFlow Lite Micro does so with whatever is in memory
if LITERT:
    try:
        from ai_edge_litert import interpreter as litert
    except ImportError:
        pass

NUMPY = {I8: np.int8, U8: np.uint8, F32: np.float32, I32: np.int32}
r = random.Random()


def scale():
    return float(np.float32(2.0 ** r.uniform(-9, 1)))


def near(v):
    """A power of two beside v, exactly or by one float32: where rounding a factor too early shows."""
    v = np.float32(v * 2.0 ** r.randint(-3, 2))
    return float(np.nextafter(v, np.float32(r.choice([0, v, np.inf]))))


def rescale(v, lo, hi):
    return near(v) if r.random() < 0.4 else float(np.float32(v * 2.0 ** r.uniform(lo, hi)))


def zero():
    return r.choice([-128, 127, 0, r.randint(-128, 127), r.randint(-128, 127)])


class Net:
    """One operator and its tensors; inputs that get no data are the network's."""

    def __init__(self, code, options=None, kind=0):
        self.model = tfl.ModelT()
        self.model.version = 3
        self.model.buffers = [tfl.BufferT()]
        self.graph = tfl.SubGraphT()
        self.graph.tensors, self.graph.inputs, self.graph.outputs = [], [], []
        self.op = tfl.OperatorT()
        self.op.inputs, self.op.outputs = [], []
        self.op.builtinOptions, self.op.builtinOptionsType = options, kind
        self.graph.operators = [self.op]
        self.model.subgraphs = [self.graph]
        oc = tfl.OperatorCodeT()
        oc.builtinCode, oc.deprecatedBuiltinCode, oc.version = code, min(code, 127), 1
        self.model.operatorCodes = [oc]
        self.data = []

    def tensor(self, shape, kind=I8, scales=None, zeros=None, data=None, axis=0):
        t = tfl.TensorT()
        t.shape, t.type, t.name = list(shape), kind, b"t%d" % len(self.graph.tensors)
        if kind in (I8, U8):
            q = tfl.QuantizationParametersT()
            q.scale = [scale()] if scales is None else scales
            q.zeroPoint = [zero() + (128 if kind == U8 else 0)] if zeros is None else zeros
            q.quantizedDimension = axis
            t.quantization = q
        if data is not None:
            b = tfl.BufferT()
            b.data = list(np.asarray(data, NUMPY[kind]).tobytes())
            self.model.buffers.append(b)
            t.buffer = len(self.model.buffers) - 1
        else:
            t.buffer = 0
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def quant(self, i):
        q = self.graph.tensors[i].quantization
        return {"scales": list(q.scale), "zeros": list(q.zeroPoint)}

    def x(self, shape, kind=I8, **more):
        i = self.tensor(shape, kind, **more)
        self.op.inputs.append(i)
        self.graph.inputs.append(i)
        if kind == F32:
            v = np.array([r.gauss(0, 30) for _ in range(int(np.prod(shape)))], np.float32)
        else:
            lo, hi = (0, 255) if kind == U8 else (-128, 127)
            v = np.array([r.randint(lo, hi) for _ in range(int(np.prod(shape)))], NUMPY[kind])
        self.data.append(v.reshape(shape))
        return i

    def const(self, data, kind=I32, shape=None, **more):
        data = np.asarray(data, NUMPY[kind])
        i = self.tensor(data.shape if shape is None else shape, kind, data=data, **more)
        self.op.inputs.append(i)
        return i

    def weights(self, shape, **more):
        return self.const(np.array([r.randint(-127, 127) for _ in range(int(np.prod(shape)))]).reshape(shape), I8,
                          **more)

    def either(self, shape, **more):
        return self.weights(shape, **more) if r.random() < 0.3 else self.x(shape, **more)

    def y(self, shape, kind=I8, **more):
        i = self.tensor(shape, kind, **more)
        self.op.outputs.append(i)
        self.graph.outputs.append(i)
        return i

    def bytes(self):
        b = flatbuffers.Builder(1024)
        b.Finish(self.model.Pack(b), file_identifier=b"TFL3")
        return bytes(b.Output())

    def vary(self):
        """The same network as other converters write it: old operator codes, an open batch, constants behind the
        FlatBuffer at an offset of the file (which TensorFlow Lite Micro does not read, so it runs without)."""
        oc, t = self.model.operatorCodes[0], self.graph.tensors[self.graph.inputs[0]]
        if r.random() < 0.3 and oc.builtinCode < 127:
            oc.builtinCode = 0
        if r.random() < 0.3 and t.shape[:1] == [1]:
            t.shapeSignature = [-1] + t.shape[1:]
        if r.random() < 0.7:
            return self.bytes()
        tail, marks = b"", {}
        for k, buffer in enumerate(self.model.buffers[1:]):
            mark = struct.pack("<Q", 0x5EED00000000 + k)
            marks[mark] = (len(tail), len(buffer.data))
            tail += bytes(buffer.data) + bytes(-len(buffer.data) % 16)
            buffer.data, buffer.offset, buffer.size = None, 0x5EED00000000 + k, len(buffer.data)
        model = self.bytes()
        model += bytes(-len(model) % 16)
        for mark, (at, _) in marks.items():
            model = model.replace(mark, struct.pack("<Q", len(model) + at))
        return model + tail


def options(name, **fields):
    o = getattr(tfl, name + "T")()
    for k, v in fields.items():
        setattr(o, k, v)
    return o, getattr(tfl.BuiltinOptions, name)


def code(name):
    return getattr(tfl.BuiltinOperator, name)


def activation():
    return r.choice([0, 0, 1, 2, 3])


def image(most=7):
    return [r.choice([1] * 7 + [2, 3]), r.randint(1, most), r.randint(1, most), r.randint(1, 6)]


def shape(most=4):
    return [r.randint(1, 4) for _ in range(r.randint(1, most))]


def pair(name):
    with_act = name in ("ADD", "SUB", "MUL")
    kind = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}.get(name, "MaximumMinimumOptions")
    n = Net(code(name), *(options(kind, fusedActivationFunction=activation()) if with_act else options(kind)))
    full = shape()
    a, b = list(full), list(full)
    if r.random() < 0.5:
        for s in (a, b):
            for i in range(len(s)):
                if r.random() < 0.3:
                    s[i] = 1
    same = {} if with_act else {"scales": [scale()], "zeros": [zero()]}
    first_constant = r.random() < 0.2
    (n.weights if first_constant else n.x)(a, **same)
    again = {"scales": [near(n.quant(0)["scales"][0])]} if with_act and r.random() < 0.3 else same
    (n.x if first_constant else n.either)(b, **again)
    out = [max(p, q) for p, q in zip(a, b)]
    if name in ("ADD", "SUB"):
        q = [n.quant(i)["scales"][0] for i in n.op.inputs]
        same = {"scales": [rescale(max(q), -3, 3)]}
    if name == "MUL":
        q = [n.quant(i)["scales"][0] for i in n.op.inputs]
        same = {"scales": [rescale(np.float32(q[0] * q[1]), 0, 9)]}
    n.y(out, **same)
    return n


def looked_up_pair(name):
    """No divisor is zero: the kernel asserts that."""
    n = Net(code(name), *(options("DivOptions", fusedActivationFunction=activation()) if name == "DIV"
                          else options("SquaredDifferenceOptions")))
    full = shape()
    a, b = list(full), list(full)
    if r.random() < 0.6:
        for s in (a, b):
            for i in range(len(s)):
                if r.random() < 0.4:
                    s[i] = 1
    first_constant = r.random() < 0.2
    (n.weights if first_constant else n.x)(a)
    i = (n.x if first_constant else n.either)(b)
    q = [n.quant(k)["scales"][0] for k in n.op.inputs]
    z = n.quant(i)["zeros"][0]
    if name == "DIV":
        for v in (n.data[-1:] if i in n.graph.inputs else []):
            v[v == z] += 1 if z < 127 else -1
        if i not in n.graph.inputs:
            buffer = n.model.buffers[n.graph.tensors[i].buffer]
            v = np.array(buffer.data, np.uint8).view(np.int8)
            v[v == z] += 1 if z < 127 else -1
            buffer.data = list(v.view(np.uint8))
        n.y([max(p, q) for p, q in zip(a, b)], scales=[float(np.float32(q[0] / q[1] * 2.0 ** r.uniform(-12, -6.1)))])
    else:
        most = max(q[0] * 255, q[1] * 255)
        n.y([max(p, q) for p, q in zip(a, b)], scales=[float(np.float32(most * most / 255 * 2.0 ** r.uniform(-5, 1)))])
    return n


def prelu():
    n = Net(code("PRELU"))
    s = image()
    x = n.x(s)
    a = n.weights([1, 1, s[3]] if r.random() < 0.7 else s[1:])
    q = [n.quant(i)["scales"][0] for i in (x, a)]
    n.y(s, scales=[r.choice([rescale(q[0], -2, 2), rescale(q[0] * q[1], 0, 7)])])
    return n


def unary(name):
    opts = {"LEAKY_RELU": lambda: options("LeakyReluOptions", alpha=float(np.float32(r.uniform(-0.5, 1.5)))),
            "HARD_SWISH": lambda: options("HardSwishOptions")}.get(name, lambda: (None, 0))
    n = Net(code(name), *opts())
    s = [1, 256]
    x = n.x(s)
    n.data[0] = np.arange(-128, 128, dtype=np.int8).reshape(s)
    q = n.quant(x)
    if name == "RSQRT":  # of what is not below zero; the largest at 0
        q = {"scales": [float(np.float32(2.0 ** r.uniform(-9, 1)))], "zeros": [-128]}
        n.graph.tensors[x].quantization.scale, n.graph.tensors[x].quantization.zeroPoint = q["scales"], q["zeros"]
        n.y(s, scales=[float(np.float32(q["scales"][0] ** -0.5 * 2.0 ** r.uniform(-12, -4)))])
    elif name == "LOGISTIC":
        n.y(s, scales=[1 / 256], zeros=[-128])
    elif name == "TANH":
        n.y(s, scales=[1 / 128], zeros=[0])
    elif name == "RELU6":
        n.y(s, **q)
    elif name == "HARD_SWISH":
        n.y(s, scales=[rescale(q["scales"][0], -2, 1)])
    elif name == "LEAKY_RELU" and r.random() < 0.3 and n.op.builtinOptions.alpha > 0.1:
        n.y(s, scales=[near(np.float32(q["scales"][0]) * np.float32(n.op.builtinOptions.alpha))])
    else:
        n.y(s, scales=[rescale(q["scales"][0], -3, 3)])
    return n


def reduce(name):
    n = Net(code(name), *options("ReducerOptions", keepDims=bool(r.randint(0, 1))))
    s = [r.randint(1, 9) for _ in range(r.randint(2, 4))]
    x = n.x(s)
    axes = sorted(r.sample(range(len(s)), r.randint(1, min(2, len(s)))))
    if name in ("REDUCE_MAX", "REDUCE_MIN") and len(axes) == 2:
        axes = [axes[0], axes[0] + 1] if axes[0] + 1 < len(s) else axes[:1]
    n.const([a - len(s) if r.random() < 0.3 else a for a in axes])
    out = [1 if i in axes else d for i, d in enumerate(s)]
    if not n.op.builtinOptions.keepDims:
        out = [d for i, d in enumerate(s) if i not in axes]
    q = n.quant(x)
    if name in ("MEAN", "SUM") and r.random() < 0.6:
        q = {"scales": [rescale(q["scales"][0], -3, 2)]}
    if name == "SUM" and r.random() < 0.6:
        q = {"scales": [rescale(q["scales"][0], 0, 5)]}
    n.y(out, **q)
    return n


def out_size(size, k, s, d, same):
    return -(-size // s) if same else (size - (k - 1) * d - 1) // s + 1


def sum_scale(x, w, taps):
    return [float(np.float32(x * w * (taps ** 0.5) * 2.0 ** r.uniform(3, 8)))]


def window(n_in, same, dilated):
    while True:
        k, s = [r.randint(1, 4), r.randint(1, 4)], [r.randint(1, 3), r.randint(1, 3)]
        d = [r.randint(1, 2), r.randint(1, 2)] if dilated and r.random() < 0.4 else [1, 1]
        o = [out_size(n_in[i], k[i], s[i], d[i], same) for i in (0, 1)]
        if min(o) >= 1:
            return k, s, d, o


def weighted(name):
    same, s = r.randint(0, 1), image(8)
    k, st, d, o = window(s[1:3], same, True)
    act = activation()
    common = dict(padding=0 if same else 1, strideH=st[0], strideW=st[1], fusedActivationFunction=act,
                  dilationHFactor=d[0], dilationWFactor=d[1])
    depthwise = name == "DEPTHWISE_CONV_2D"
    if depthwise:
        mult = r.randint(1, 3)
        co, each, ws, axis = s[3] * mult, 1, [1, *k, s[3] * mult], 3
        n = Net(code(name), *options("DepthwiseConv2DOptions", depthMultiplier=mult, **common))
    else:
        groups = r.choice([g for g in range(1, s[3] + 1) if s[3] % g == 0]) if r.random() < 0.3 else 1
        co, each = groups * r.randint(1, 4), s[3] // groups
        ws, axis = [co, *k, each], 0
        n = Net(code(name), *options("Conv2DOptions", **common))
    x = n.x(s)
    xs = n.quant(x)["scales"][0]
    count = co if r.random() < 0.8 else 1
    wsc = [float(np.float32(2.0 ** r.uniform(-9, -5))) for _ in range(count)]
    n.weights(ws, scales=wsc, zeros=[0] * count, axis=axis)
    if r.random() < 0.8:
        n.const([r.randint(-3000, 3000) for _ in range(co)])
    else:
        n.op.inputs.append(-1)
    n.y([s[0], *o, co], scales=sum_scale(xs, max(wsc), k[0] * k[1] * each))
    return n


def transpose_conv():
    same, s = r.randint(0, 1), image(5)
    k, st = [r.randint(1, 4), r.randint(1, 4)], [r.randint(1, 3), r.randint(1, 3)]
    co = r.randint(1, 4)
    o = [s[1 + i] * st[i] if same else (s[1 + i] - 1) * st[i] + k[i] for i in (0, 1)]
    n = Net(code("TRANSPOSE_CONV"), *options("TransposeConvOptions", padding=0 if same else 1, strideH=st[0],
                                             strideW=st[1], fusedActivationFunction=0))
    n.const([s[0], *o, co])
    wsc = [float(np.float32(2.0 ** r.uniform(-9, -5))) for _ in range(co)]
    n.weights([co, *k, s[3]], scales=wsc, zeros=[0] * co)
    x = n.x(s)
    if r.random() < 0.6:
        n.const([r.randint(-3000, 3000) for _ in range(co)])
    n.y([s[0], *o, co], scales=sum_scale(n.quant(x)["scales"][0], max(wsc), k[0] * k[1] * s[3]))
    return n


def fully_connected():
    m, ki, co = r.randint(1, 3), r.randint(1, 40), r.randint(1, 9)
    n = Net(code("FULLY_CONNECTED"), *options("FullyConnectedOptions", fusedActivationFunction=activation(),
                                              weightsFormat=0, keepNumDims=False))
    x = n.x([m, ki])
    wsc = [float(np.float32(2.0 ** r.uniform(-9, -5))) for _ in range(co if r.random() < 0.3 else 1)]
    n.weights([co, ki], scales=wsc, zeros=[0] * len(wsc))
    if r.random() < 0.8:
        n.const([r.randint(-3000, 3000) for _ in range(co)])
        n.graph.tensors[-1].quantization = tfl.QuantizationParametersT()
        n.graph.tensors[-1].quantization.scale = [float(np.float32(n.quant(x)["scales"][0] * w)) for w in wsc]
        n.graph.tensors[-1].quantization.zeroPoint = [0] * len(wsc)
    n.y([m, co], scales=sum_scale(n.quant(x)["scales"][0], max(wsc), ki))
    return n


def split_factor(v):
    """QuantizeMultiplier: a factor as a 31-bit multiplier and a shift."""
    m, e = np.frexp(v)
    m = int(round(float(m) * 2.0 ** 31))
    return (m // 2, int(e) + 1) if m == 2 ** 31 else (m, int(e))


def requantise(acc, m, e):
    """Double rounding, for a shift to the right."""
    high = (acc * m + (1 << 30)) >> 31
    half = (1 << -e) >> 1
    return (high + half >> -e) if high >= 0 else -(-high + half >> -e)


def product_of_scales(name):
    """A bias at which it shows whether scale_x * scale_w was rounded to float32 before the division."""
    while True:
        x, w = np.float32(2.0 ** r.uniform(-6, -2)), np.float32(2.0 ** r.uniform(-9, -5))
        y = np.float32(2.0 ** (r.uniform(-4, -2) if name == "BATCH_MATMUL" else r.uniform(2, 6)))
        ways = [split_factor(float(x * w) / float(y)), split_factor(float(x) * float(w) / float(y))]
        for k in range(3, 120):
            at = round((k + 0.5) * 2.0 ** (31 - ways[0][1]) / ways[0][0])
            for acc in range(at - 2, at + 3):
                if acc < (1 << 20 if name == "BATCH_MATMUL" else 2 ** 31 - 2 ** 16) and requantise(acc, *ways[0]) != requantise(acc, *ways[1]):
                    return product_net(name, x, w, y, acc)


def matmul_net(x, w, y, acc):
    """acc as a sum of 127 * b with one rest."""
    n = Net(code("BATCH_MATMUL"), *options("BatchMatMulOptions", adjX=False, adjY=False))
    b, rest = divmod(acc, 127)
    row = [127] * (b // 127) + [b % 127, rest]
    n.x([1, len(row) + 1], scales=[float(x)], zeros=[0])
    n.data[0] = np.array([127] * (len(row) - 1) + [1, 0], np.int8).reshape(1, -1)
    n.x([len(row) + 1, 1], scales=[float(w)], zeros=[0])
    n.data[1] = np.array(row + [0], np.int8).reshape(-1, 1)
    n.y([1, 1], scales=[float(y)], zeros=[0])
    return n


def product_net(name, x, w, y, acc):
    if name == "BATCH_MATMUL":
        return matmul_net(x, w, y, acc)
    per_channel = name == "CONV_2D"
    if per_channel:
        n = Net(code(name), *options("Conv2DOptions", padding=1, strideH=1, strideW=1, fusedActivationFunction=0))
        n.x([1, 1, 1, 1], scales=[float(x)])
        n.const([[[[0]]]], I8, scales=[float(w)], zeros=[0])
    else:
        n = Net(code(name), *options("FullyConnectedOptions", fusedActivationFunction=0))
        n.x([1, 1], scales=[float(x)])
        n.const([[0]], I8, scales=[float(w)], zeros=[0])
    n.const([acc])
    n.graph.tensors[-1].quantization = tfl.QuantizationParametersT()
    n.graph.tensors[-1].quantization.scale = [float(x * w)]
    n.graph.tensors[-1].quantization.zeroPoint = [0]
    n.y([1, 1, 1, 1] if per_channel else [1, 1], scales=[float(y)], zeros=[0])
    return n


def pool(name):
    same, s = r.randint(0, 1), image(8)
    k, st, _, o = window(s[1:3], same, False)
    n = Net(code(name), *options("Pool2DOptions", padding=0 if same else 1, strideH=st[0], strideW=st[1],
                                 filterHeight=k[0], filterWidth=k[1], fusedActivationFunction=activation()))
    x = n.x(s)
    n.y([s[0], *o, s[3]], **n.quant(x))
    return n


def pad(name):
    n = Net(code(name), *options("PadOptions" if name == "PAD" else "PadV2Options"))
    s = [r.randint(1, 4) for _ in range(4)]
    x = n.x(s)
    p = [[r.randint(0, 2), r.randint(0, 2)] for _ in s]
    n.const(p)
    q = n.quant(x)
    if name == "PADV2":
        n.const([r.randint(-128, 127)], I8, **q)
    n.y([d + a + b for d, (a, b) in zip(s, p)], **q)
    return n


def looked_up(name):
    more = {"approximate": bool(r.randint(0, 1))} if name == "GELU" else {}
    n = Net(code(name), *options({"GELU": "GeluOptions", "EXP": "ExpOptions"}.get(name, "AbsOptions"), **more))
    x = n.x([1, 256], scales=[float(np.float32(2.0 ** r.uniform(-9, -3)))], zeros=[-128] if name == "SQRT" else None)
    n.data[0] = np.arange(-128, 128, dtype=np.int8).reshape([1, 256])
    most = (127 - n.quant(x)["zeros"][0]) * n.quant(x)["scales"][0]
    top = {"EXP": np.exp(most), "LOG": 5, "SQRT": most ** 0.5 + 0.01, "GELU": most + 0.2}[name]
    n.y([1, 256], scales=[float(np.float32(top / 255 * 2.0 ** r.uniform(-1, 1)))])
    return n


def tile():
    n = Net(code("TILE"), *options("TileOptions"))
    s = shape()
    x = n.x(s)
    times = [r.randint(1, 3) for _ in s]
    n.const(times)
    n.y([a * b for a, b in zip(s, times)], **n.quant(x))
    return n


def mirror_pad():
    symmetric = r.randint(0, 1)
    n = Net(code("MIRROR_PAD"), *options("MirrorPadOptions", mode=symmetric))
    s = [r.randint(1, 5) for _ in range(4)]
    x = n.x(s)
    p = [[r.randint(0, d - 1 + symmetric), r.randint(0, d - 1 + symmetric)] for d in s]
    n.const(p)
    n.y([d + a + b for d, (a, b) in zip(s, p)], **n.quant(x))
    return n


def reverse():
    n = Net(code("REVERSE_V2"), *options("ReverseV2Options"))
    s = shape()
    x = n.x(s)
    n.const([r.randrange(len(s))])
    n.y(s, **n.quant(x))
    return n


def broadcast_to():
    n = Net(code("BROADCAST_TO"), *options("BroadcastToOptions"))
    y = [r.randint(1, 5) for _ in range(r.randint(1, 4))]
    x = n.x([d if r.random() < 0.5 else 1 for d in y[r.randint(0, len(y) - 1):]])
    n.const(y)
    n.y(y, **n.quant(x))
    return n


def concatenation():
    s = shape()
    axis = r.randrange(len(s))
    n = Net(code("CONCATENATION"), *options("ConcatenationOptions", fusedActivationFunction=0,
                                            axis=axis - len(s) if r.random() < 0.3 else axis))
    q = {"scales": [scale()], "zeros": [zero()]}
    total = 0
    for i in range(r.randint(1, 5)):
        part = list(s)
        part[axis] = r.randint(1, 4)
        total += part[axis]
        (n.either if i else n.x)(part, **q)
    s[axis] = total
    n.y(s, **q)
    return n


def pack():
    s = [r.randint(1, 4) for _ in range(r.randint(1, 3))]
    axis, count = r.randint(0, len(s)), r.randint(1, 4)
    n = Net(code("PACK"), *options("PackOptions", axis=axis, valuesCount=count))
    q = {"scales": [scale()], "zeros": [zero()]}
    for _ in range(count):
        n.x(s, **q)
    n.y(s[:axis] + [count] + s[axis:], **q)
    return n


def unpack():
    s = [r.randint(1, 4) for _ in range(r.randint(2, 4))]
    axis = r.randrange(len(s))
    n = Net(code("UNPACK"), *options("UnpackOptions", axis=axis, num=s[axis]))
    x = n.x(s)
    for _ in range(s[axis]):
        n.y(s[:axis] + s[axis + 1:], **n.quant(x))
    return n


def split(name):
    s = [r.randint(1, 4) for _ in range(r.randint(1, 4))]
    axis, parts = r.randrange(len(s)), r.randint(1, 3)
    sizes = [s[axis]] * parts if name == "SPLIT" else [r.randint(1, 3) for _ in range(parts)]
    s[axis] = sum(sizes)
    n = Net(code(name), *options("SplitOptions" if name == "SPLIT" else "SplitVOptions", numSplits=parts))
    if name == "SPLIT":
        n.const(axis, shape=[])
        x = n.x(s)
    else:
        x = n.x(s)
        n.const(sizes)
        n.const(axis, shape=[])
    for size in sizes:
        n.y(s[:axis] + [size] + s[axis + 1:], **n.quant(x))
    return n


def slice_():
    n = Net(code("SLICE"), *options("SliceOptions"))
    s = [r.randint(1, 6) for _ in range(r.randint(1, 4))]
    x = n.x(s)
    b = [r.randrange(d) for d in s]
    z = [r.randint(1, d - k) for d, k in zip(s, b)]
    n.const(b)
    n.const([-1 if r.random() < 0.3 and k + v == d else v for k, v, d in zip(b, z, s)])
    n.y(z, **n.quant(x))
    return n


def strided_slice():
    while True:
        s = [r.randint(1, 7) for _ in range(r.randint(1, 4))]
        lo, hi, step, out, cut = [], [], [], [], []
        masks = [0, 0, 0]
        for i, d in enumerate(s):
            st = r.choice([1, 1, 2, 3, -1, -2])
            lo.append(r.randint(-d, d - 1))
            hi.append(r.randint(-d, d + 1))
            step.append(st)
            b, e = lo[-1], hi[-1]
            if r.random() < 0.3:
                masks[0] |= 1 << i
                b = None
            if r.random() < 0.3:
                masks[1] |= 1 << i
                e = None
            if r.random() < 0.15:
                masks[2] |= 1 << i
                masks[0] &= ~(1 << i)
                step[-1] = 1
                cut.append(lo[-1] if lo[-1] >= 0 else lo[-1] + d)
                continue
            cut.append(slice(b, e, st))
            out.append(len(range(d)[cut[-1]]))
        if all(out) and out:
            break
    n = Net(code("STRIDED_SLICE"), *options("StridedSliceOptions", beginMask=masks[0], endMask=masks[1],
                                            ellipsisMask=0, newAxisMask=0, shrinkAxisMask=masks[2], offset=False))
    x = n.x(s)
    for v in (lo, hi, step):
        n.const(v)
    n.y(out, **n.quant(x))
    return n


def transpose():
    n = Net(code("TRANSPOSE"), *options("TransposeOptions"))
    s = [r.randint(1, 5) for _ in range(r.randint(1, 5))]
    x = n.x(s)
    p = list(range(len(s)))
    r.shuffle(p)
    n.const(p)
    n.y([s[i] for i in p], **n.quant(x))
    return n


def gather():
    s = [r.randint(1, 5) for _ in range(r.randint(1, 4))]
    axis = r.randrange(len(s))
    n = Net(code("GATHER"), *options("GatherOptions", axis=axis, batchDims=0))
    x = n.x(s)
    first, count = r.randrange(s[axis]), 1
    step = r.choice([-1, 1, 2])
    while 0 <= first + step * count < s[axis] and r.random() < 0.8:
        count += 1
    if r.random() < 0.4:
        indices = [r.randrange(s[axis]) for _ in range(r.randint(1, 8))]
    else:
        indices = [first + step * i for i in range(count)]
    count = len(indices)
    n.const(indices)
    n.y(s[:axis] + [count] + s[axis + 1:], **n.quant(x))
    return n


def resize(name):
    s, o = image(6), [r.randint(1, 12), r.randint(1, 12)]
    how = r.choice([(False, False), (True, False), (False, True)])
    n = Net(code(name), *options("ResizeBilinearOptions" if name == "RESIZE_BILINEAR" else
                                 "ResizeNearestNeighborOptions", alignCorners=how[0], halfPixelCenters=how[1]))
    x = n.x(s)
    n.const(o)
    n.y([s[0], *o, s[3]], **n.quant(x))
    return n


def blocks(name):
    b = r.randint(1, 3)
    s = [1, r.randint(1, 3), r.randint(1, 3), r.randint(1, 3)]
    big, deep = [1, s[1] * b, s[2] * b, s[3]], [1, s[1], s[2], s[3] * b * b]
    to_space = name == "DEPTH_TO_SPACE"
    n = Net(code(name), *options("DepthToSpaceOptions" if to_space else "SpaceToDepthOptions", blockSize=b))
    x = n.x(deep if to_space else big)
    n.y(big if to_space else deep, **n.quant(x))
    return n


def batches(name):
    m = r.randint(1, 2)
    b = [r.randint(1, 3) for _ in range(m)]
    n = Net(code(name), *options("SpaceToBatchNDOptions" if name[0] == "S" else "BatchToSpaceNDOptions"))
    edges = [[r.randint(0, 2), r.randint(0, 2)] for _ in range(m)]
    if name == "SPACE_TO_BATCH_ND":
        s = [r.randint(1, 2)] + [r.randint(1, 6) for _ in range(m)] + [r.randint(1, 3)]
        for i in range(m):
            if not PADS:
                s[1 + i], edges[i] = b[i] * r.randint(1, 3), [0, 0]
            edges[i][1] += -(s[1 + i] + sum(edges[i])) % b[i]
        o = [s[0] * int(np.prod(b))] + [(s[1 + i] + sum(edges[i])) // b[i] for i in range(m)] + s[-1:]
    else:
        s = [r.randint(1, 2) * int(np.prod(b))] + [r.randint(1, 4) for _ in range(m)] + [r.randint(1, 3)]
        for i in range(m):
            while sum(edges[i]) >= s[1 + i] * b[i]:
                edges[i] = [e // 2 for e in edges[i]]
        o = [s[0] // int(np.prod(b))] + [s[1 + i] * b[i] - sum(edges[i]) for i in range(m)] + s[-1:]
    x = n.x(s)
    n.const(b)
    n.const(edges)
    n.y(o, **n.quant(x))
    return n


def reshape(name):
    s = shape(3)
    if name == "RESHAPE":
        n = Net(code(name), *options("ReshapeOptions", newShape=[]))
        x = n.x(s)
        o = [int(np.prod(s)), 1] if r.random() < 0.5 else [1, 1] + s
        n.const(o)
    elif name == "SQUEEZE":
        n = Net(code(name), *options("SqueezeOptions", squeezeDims=[0]))
        x = n.x([1] + s)
        o = s
    else:
        n = Net(code(name), *options("ExpandDimsOptions"))
        x = n.x(s)
        axis = r.randint(0, len(s))
        n.const([axis])
        o = s[:axis] + [1] + s[axis:]
    n.y(o, **n.quant(x))
    return n


def softmax(name):
    beta = float(np.float32(2.0 ** r.uniform(-2, 1)))
    n = Net(code(name), *(options("SoftmaxOptions", beta=beta) if name == "SOFTMAX" else options("LogSoftmaxOptions")))
    s = [r.randint(1, 3), r.choice([1, 2, 5, 10, 100, 700])]
    n.x(s)
    if r.random() < 0.5:
        n.data[0] = np.clip(n.data[0].astype(int) // r.choice([1, 4, 16]), -128, 127).astype(np.int8)
    n.y(s, **({"scales": [1 / 256], "zeros": [-128]} if name == "SOFTMAX" else {"scales": [1 / 16], "zeros": [127]}))
    return n


def l2_normalization():
    n = Net(code("L2_NORMALIZATION"), *options("L2NormOptions"))
    s = shape(3) + [r.choice([1, 2, 3, 8, 64, 300])]
    x = n.x(s)
    quiet = r.choice([1, 1, 8, 40])
    n.data[0] = np.clip((n.data[0].astype(int) // quiet) + n.quant(x)["zeros"][0], -128, 127).astype(np.int8)
    n.y(s, scales=[1 / 128], zeros=[0])
    return n


def arg(name):
    s = [r.randint(1, 6) for _ in range(r.randint(1, 4))]
    axis = r.randrange(len(s))
    n = Net(code(name), *options("ArgMaxOptions" if name == "ARG_MAX" else "ArgMinOptions", outputType=I32))
    n.x(s)
    n.data[0] = (n.data[0].astype(int) // 40).astype(np.int8)
    n.const(axis - len(s) if r.random() < 0.3 else axis, shape=[])
    n.y(s[:axis] + s[axis + 1:], I32)
    return n


def batch_matmul():
    m, k, c = r.randint(1, 5), r.randint(1, 20), r.randint(1, 5)
    ax, ay = bool(r.randint(0, 1)), bool(r.randint(0, 1))
    front = [r.randint(1, 3) for _ in range(r.randint(0, 2))]
    fa = [1 if r.random() < 0.3 else d for d in front]
    fb = [1 if r.random() < 0.3 and a != 1 else d for d, a in zip(front, fa)]
    n = Net(code("BATCH_MATMUL"), *options("BatchMatMulOptions", adjX=ax, adjY=ay, asymmetricQuantizeInputs=False))
    a = n.x(fa + ([k, m] if ax else [m, k]))
    b = n.either(fb + ([c, k] if ay else [k, c]))
    q = [n.quant(i)["scales"][0] for i in (a, b)]
    n.y([max(p, q) for p, q in zip(fa, fb)] + [m, c], scales=sum_scale(q[0], q[1], k))
    return n


def quantize():
    kind = r.choice(["int8", "float", "uint8"])
    n = Net(code("QUANTIZE"), *options("QuantizeOptions"))
    s = [1, 256]
    x = n.x(s, {"int8": I8, "float": F32, "uint8": U8}[kind])
    if kind != "float":
        first = -128 if kind == "int8" else 0
        n.data[0] = np.arange(first, first + 256).astype(n.data[0].dtype).reshape(s)
        n.y(s, scales=[rescale(n.quant(x)["scales"][0], -3, 3)])
    else:
        n.y(s)
    return n


def dequantize():
    n = Net(code("DEQUANTIZE"), *options("DequantizeOptions"))
    s = [1, 256]
    n.x(s)
    n.data[0] = np.arange(-128, 128).astype(np.int8).reshape(s)
    n.y(s, F32)
    return n


OPERATORS = {name: (lambda f=f, name=name: f(name)) for f, names in [
    (pair, "ADD SUB MUL MINIMUM MAXIMUM"), (looked_up_pair, "SQUARED_DIFFERENCE DIV"),
    (unary, "ABS ELU RELU RELU6 LEAKY_RELU HARD_SWISH LOGISTIC TANH RSQRT"),
    (reduce, "MEAN REDUCE_MAX SUM REDUCE_MIN"), (weighted, "CONV_2D DEPTHWISE_CONV_2D"), (pool, "AVERAGE_POOL_2D MAX_POOL_2D"),
    (pad, "PAD PADV2"), (split, "SPLIT SPLIT_V"), (resize, "RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR"),
    (blocks, "DEPTH_TO_SPACE SPACE_TO_DEPTH"),
    (batches, "SPACE_TO_BATCH_ND BATCH_TO_SPACE_ND"), (reshape, "RESHAPE SQUEEZE EXPAND_DIMS"),
    (softmax, "SOFTMAX LOG_SOFTMAX"), (arg, "ARG_MAX ARG_MIN")] for name in names.split()}
OPERATORS |= {"FULLY_CONNECTED product": lambda: product_of_scales("FULLY_CONNECTED"),
              "CONV_2D product": lambda: product_of_scales("CONV_2D"),
              "BATCH_MATMUL product": lambda: product_of_scales("BATCH_MATMUL"), "PRELU": prelu, "TRANSPOSE_CONV": transpose_conv, "FULLY_CONNECTED": fully_connected,
              "CONCATENATION": concatenation, "PACK": pack, "UNPACK": unpack, "SLICE": slice_,
              "STRIDED_SLICE": strided_slice, "TRANSPOSE": transpose, "GATHER": gather, "BATCH_MATMUL": batch_matmul,
              "QUANTIZE": quantize, "DEQUANTIZE": dequantize, "MIRROR_PAD": mirror_pad, "REVERSE_V2": reverse,
              "BROADCAST_TO": broadcast_to}
LITE = {name: (lambda name=name: looked_up(name)) for name in ("EXP", "LOG", "SQRT", "GELU")} | {"TILE": tile}
if tf or LITERT:
    OPERATORS |= LITE


# --- what must be refused, and what the sentence must say ---


def conv_net(x=I8, w=I8, y=I8, batch=1, act=0, w_zero=0):
    n = Net(code("CONV_2D"), *options("Conv2DOptions", padding=0, strideH=1, strideW=1, fusedActivationFunction=act))
    n.x([batch, 4, 4, 2], x)
    n.tensor([3, 1, 1, 2], w, scales=[0.01], zeros=[w_zero])
    n.op.inputs.append(1)
    n.model.buffers.append(tfl.BufferT())
    n.model.buffers[1].data = [1] * 24
    n.graph.tensors[1].buffer = 1
    n.op.inputs.append(-1)
    n.y([batch, 4, 4, 3], y)
    return n


def half_weights():
    """Weights of 16 bits, made float32 before a convolution reads them."""
    n = conv_net(F32, F32, F32)
    n.graph.tensors[1].buffer = 0
    n.model.buffers.append(tfl.BufferT())
    n.model.buffers[-1].data = [0] * 12
    half = n.tensor([3, 1, 1, 2], tfl.TensorType.FLOAT16)
    n.graph.tensors[half].buffer = len(n.model.buffers) - 1
    chain(n, ("DEQUANTIZE", [half], [1]))
    n.graph.operators.reverse()
    return n


def several():
    n = conv_net()
    for name, custom, count in (("LSTM", None, 2), ("CUSTOM", b"Detection_PostProcess", 1), ("WHILE", None, 3)):
        oc = tfl.OperatorCodeT()
        oc.builtinCode, oc.deprecatedBuiltinCode, oc.customCode = code(name), code(name), custom
        n.model.operatorCodes.append(oc)
        for _ in range(count):
            op = tfl.OperatorT()
            op.opcodeIndex, op.inputs, op.outputs = len(n.model.operatorCodes) - 1, [0], [2]
            n.graph.operators.append(op)
    return n


def boxes():
    n = conv_net()
    oc, op = tfl.OperatorCodeT(), tfl.OperatorT()
    oc.builtinCode = oc.deprecatedBuiltinCode = code("CUSTOM")
    oc.customCode = b"TFLite_Detection_PostProcess"
    n.model.operatorCodes.append(oc)
    op.opcodeIndex, op.inputs = 1, [2]
    op.outputs = n.graph.outputs = [n.tensor([1, 10], F32) for _ in range(2)]
    n.graph.operators.append(op)
    return n


def changed(change, n=None):
    n = n or conv_net()
    change(n)
    return n


def sparse(n):
    n.graph.tensors[1].sparsity = tfl.SparsityParametersT()


def dynamic(n):
    n.graph.tensors[0].shapeSignature = [-1, -1, 4, 2]


def version(n):
    n.model.version = 2


def strings(n):
    n.graph.tensors[1].type = tfl.TensorType.STRING


def computed(n):
    n.graph.tensors[1].buffer = 0


def twice(n):
    n.graph.operators.append(n.op)


def block_scales(n):
    n.graph.tensors[1].quantization.detailsType = tfl.QuantizationDetails.BlockwiseQuantization
    n.graph.tensors[1].quantization.details = tfl.BlockwiseQuantizationT()


def no_scale(n):
    n.graph.tensors[2].quantization = None


def pack_of_more():
    n = Net(code("PACK"), *options("PackOptions", axis=0, valuesCount=2))
    n.x([300])
    n.weights([2])
    n.y([2, 300])
    return n


def chain(n, *more):
    """n's operator, and operators (name, inputs, outputs) behind it."""
    for name, inputs, outputs in more:
        oc, op = tfl.OperatorCodeT(), tfl.OperatorT()
        oc.builtinCode, oc.deprecatedBuiltinCode, oc.version = code(name), min(code(name), 127), 1
        n.model.operatorCodes.append(oc)
        op.opcodeIndex, op.inputs, op.outputs = len(n.model.operatorCodes) - 1, inputs, outputs
        n.graph.operators.append(op)
    return n


def float_by_channel():
    """What converters leave in float32: int8, an operator with a number for each channel, at times another, int8."""
    n = Net(code("DEQUANTIZE"), *options("DequantizeOptions"))
    s = image()
    x = n.x(s)
    q = n.quant(x)["scales"][0]
    made = [n.tensor(s, F32)]
    n.op.outputs = made[:1]
    more, spread = [], 128.0 * q
    for name in r.sample(["PRELU", "MUL", "ADD", "SUB", "MAXIMUM"], r.choice([1, 1, 2])):
        first = len(made) == 1
        if not first and name == "PRELU":
            continue
        c = [1, 1, s[3]] if name == "PRELU" else r.choice([[s[3]], [1, 1, 1, s[3]], [1, s[1], 1, 1]]) if first else [1]
        near_one = name in ("PRELU", "MUL")
        values = [r.uniform(-1.2, 1.2) if near_one else r.uniform(-spread, spread) for _ in range(int(np.prod(c)))]
        k = n.tensor(c, F32, data=np.array(values, np.float32).reshape(c))
        made.append(n.tensor(s, F32))
        more.append((name, [made[-2], k], [made[-1]]))
    y = n.tensor(s, scales=[float(np.float32(q * r.uniform(0.5, 2)))])
    n.graph.outputs = [y]
    return chain(n, *more, ("QUANTIZE", [made[-1]], [y]))


# Scales of input and output, and of input, alpha and output, at which a byte shows whether their quotient was computed in
# float32 or in double; found by search.
QUOTIENTS = [(0.115508534014225, 0.20009352266788483), (0.011504328809678555, 0.051064375787973404),
             (0.01494995504617691, 0.026476256549358368), (0.010331619530916214, 0.14925679564476013),
             (0.07786929607391357, 0.13649000227451324), (0.04632045701146126, 0.032041218131780624)]
SLOPES = [(0.03919743746519089, 0.41522735357284546, 0.07351811230182648),
          (0.09382939338684082, 0.2137071192264557, 0.009124195203185081),
          (0.08767252415418625, 0.5768295526504517, 0.0272113848477602),
          (0.008064527064561844, 0.7747270464897156, 0.08652425557374954),
          (0.1584678290297699, 0.616140604019165, 0.01962113007903099),
          (0.23789706826210022, 0.7435868382453918, 0.06526301801204681)]


def quotient_of_scales(name):
    x, y = r.choice(QUOTIENTS)
    opts = {"MEAN": lambda: options("ReducerOptions", keepDims=True)}.get(name, lambda: (None, 0))
    if name == "LEAKY_RELU":
        x, alpha, y = r.choice(SLOPES)
        opts = lambda: options("LeakyReluOptions", alpha=alpha)
    n = Net(code(name), *opts())
    n.x([1, 256, 1], scales=[x], zeros=[0])
    n.data[0] = np.arange(-128, 128, dtype=np.int8).reshape(1, 256, 1)
    if name == "MEAN":
        n.const([2])
    n.y([1, 256, 1], scales=[y], zeros=[0])
    return n


def requantise_all(acc, v):
    """requantise() of an array by a factor below one."""
    m, e = split_factor(v)
    high = (acc * m + (1 << 30)) >> 31
    rounded = (np.abs(high) + ((1 << -e) >> 1)) >> -e
    return np.where(high < 0, -rounded, rounded)


def quotient_of_products(name):
    """MUL and PRELU of two numbers whose byte shows it."""
    numbers = np.arange(-128, 0)
    products = np.outer(numbers, np.arange(-128, 128))
    while True:
        a, b, y = (np.float32(2.0 ** r.uniform(-7, -2)) for _ in range(3))
        real = float(a) * float(b) / float(y)
        if real < 0.4:
            differ = requantise_all(products, real) != requantise_all(products, float(np.float32(np.float32(a * b) / y)))
            places = np.argwhere(differ & (np.abs(products * real) < 120))
            if len(places):
                break
    p, q = (int(v) for v in places[0])
    n = Net(code(name), *(options("MulOptions") if name == "MUL" else (None, 0)))
    n.x([1, 1, 1, 1], scales=[float(a)], zeros=[0])
    n.data[0] = np.array([[[[numbers[p]]]]], np.int8)
    n.const([[[q - 128]]], I8, scales=[float(b)], zeros=[0])
    n.y([1, 1, 1, 1], scales=[float(y)], zeros=[0])
    return n


OPERATORS |= {f"{name} factor": lambda name=name: quotient_of_scales(name) for name in ("RELU", "ABS", "LEAKY_RELU", "QUANTIZE", "MEAN")}
OPERATORS |= {f"{name} factor": lambda name=name: quotient_of_products(name) for name in ("MUL", "PRELU")}
OPERATORS["L2_NORMALIZATION"] = l2_normalization
OPERATORS["float by channel"] = float_by_channel


def too_many_outputs():
    n = Net(code("DEQUANTIZE"), *options("DequantizeOptions"))
    n.x([2, 3])
    made = [n.tensor([2, 3], F32) for _ in range(3)]
    n.op.outputs = made[:1]
    axis = n.tensor([1], I32, data=[0])
    n.graph.outputs = [n.tensor([2, 3])]
    return chain(n, ("REVERSE_V2", [made[0], axis], made[1:]), ("QUANTIZE", made[1:2], n.graph.outputs))


def compare_far_zero():
    n = Net(code("GREATER"), *options("GreaterOptions"))
    n.x([2, 3], scales=[0.5], zeros=[1 << 29])
    n.weights([1], scales=[0.5], zeros=[0])
    n.y([2, 3], tfl.TensorType.BOOL)
    return n


REFUSED = [
    ("more outputs", too_many_outputs), ("zero point outside", compare_far_zero),
    ("2 elements", pack_of_more),
    ("LSTM x2|CUSTOM Detection_PostProcess x1|WHILE x3", several),
    ("CUSTOM|TFLite_Detection_PostProcess is not supported; cut the network", boxes),
    ("uint8 with int8 weights", lambda: conv_net(U8, I8, U8)), ("int8 with uint8 weights", lambda: conv_net(I8, U8, I8)),
    ("float32 with float32 weights|representative_dataset|TFLITE_BUILTINS_INT8", lambda: conv_net(F32, F32, F32)),
    ("float32 with int8 weights|representative_dataset|TFLITE_BUILTINS_INT8", lambda: conv_net(F32, I8, F32)),
    ("float16|representative_dataset|TFLITE_BUILTINS_INT8", half_weights),
    ("int16", lambda: conv_net(tfl.TensorType.INT16, I8, tfl.TensorType.INT16)),
    ("int8 with int16 weights", lambda: conv_net(I8, tfl.TensorType.INT16)), ("scale is missing", lambda: conv_net(I8, tfl.TensorType.INT4)), ("batch of 65", lambda: conv_net(batch=65)),
    ("fused activation 4", lambda: conv_net(act=4)), ("zero point", lambda: conv_net(w_zero=3)),
    ("sparse", lambda: changed(sparse)), ("fixed sizes", lambda: changed(dynamic)),
    ("schema version 2", lambda: changed(version)), ("strings", lambda: changed(strings)),
    ("not constant", lambda: changed(computed)), ("already there", lambda: changed(twice)),
    ("in blocks", lambda: changed(block_scales)), ("scale", lambda: changed(no_scale)),
    ("must be a constant", lambda: changed(lambda n: setattr(n.graph.tensors[1], "buffer", 0), slice_())),
]
NUMPY.setdefault(tfl.TensorType.INT16, np.int16)


def judge():
    """The interpreter and which of its kernels: LiteRT's reference kernels, or TensorFlow Lite's."""
    if LITERT:
        return litert.Interpreter, litert.OpResolverType.BUILTIN_REF
    return tf.lite.Interpreter, tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


class Lite:
    """Such an interpreter with the methods of TensorFlow Lite Micro's."""

    def __init__(self, model):
        make, kind = judge()
        self.net = make(model_content=model, experimental_op_resolver_type=kind)
        self.net.allocate_tensors()

    def set_input(self, value, k):
        self.net.set_tensor(self.net.get_input_details()[k]["index"], value)

    def invoke(self):
        self.net.invoke()

    def get_output(self, k):
        return self.net.get_tensor(self.net.get_output_details()[k]["index"])


def run(n, model, lite):
    """Outputs, by a child process: some kernels abort on what they do not like.  None if it did."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        out = b""
        try:
            i = Lite(model) if lite or LITERT else runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
            for k, v in enumerate(n.data):
                i.set_input(v, k)
            i.invoke()
            out = b"".join(np.ascontiguousarray(i.get_output(k)).tobytes() for k in range(len(n.graph.outputs)))
            os.write(write, b"1")
        except Exception as e:
            os.write(write, b"0" + str(e).encode()[:300])
            os._exit(1)
        with os.fdopen(write, "wb") as f:
            f.write(out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as f:
        answer = f.read()
    os.waitpid(child, 0)
    return answer[1:] if answer[:1] == b"1" else None


def main():
    out, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    names = [n for n in OPERATORS if len(sys.argv) < 5 or n == sys.argv[4]]
    if LITERT:
        names.remove("SUM")  # its sums overflow; refused
    written, refused = 0, {}
    with open(out, "wb") as f:
        for k in range(count):
            r.seed(f"{seed} {k}")
            name = names[k % len(names)]
            n = OPERATORS[name]()
            model = n.bytes()
            y = run(n, model, name in LITE)
            if y is None:
                refused[name] = refused.get(name, 0) + 1
                continue
            for block in (f"{name} {seed} {k}".encode(), n.vary(), b"".join(v.tobytes() for v in n.data), y):
                f.write(struct.pack("<I", len(block)) + block)
            written += 1
        for words, make in REFUSED if len(sys.argv) < 5 else []:
            for block in (f"refused {words}".encode(), make().bytes(), b"", b""):
                f.write(struct.pack("<I", len(block)) + block)
    print(f"{written} cases of {len(names)} operators, refused by TensorFlow Lite Micro: {refused}")


if __name__ == "__main__":
    main()
