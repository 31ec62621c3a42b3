"""Cases for test_conformance from ONNX Runtime, made live: one operator each, quantised as QDQ or QLinear.

    make_ort_cases.py DIRECTORY [COUNT [SEED [OPERATOR..]]]

Writes DIRECTORY/<case>/model.onnx and test_data_set_0, COUNT random cases of every operator (or those).  What ONNX Runtime
computes with all optimisations is output_0.pb; where its plain execution or the QLinear kernel of the pattern
differs (by a tie of a rounding), that is other_0.pb, and either is right; exact_0.pb is what the float reference may
have besides, which adds averages in float64.  Exit status 77 where onnx or onnxruntime
cannot be imported; for machines without them tests/onnx/cases holds what `make_ort_cases.py tests/onnx/cases 2 1` made
with ONNX Runtime 1.32.0, exact halves of Sub (sub_tie), averages and interpolations on halves
(average_halves, qlinear_average_halves, resize_halves, mean_halves: of seed 11), means that need
the very order of float32 additions (mean_orders: of seed 3), a size that is one (resize_aspect_half), and of
seed 6 seven cases of LayerNormalization each of which another order or rounding of the sums fails (layer_norm_bits).
weights_of_four_bits are of seed 1, four of them.
"""
import os
import sys

from ort_float import FLOAT_CASES
from ort_halves import average_halves, mean_halves, mean_orders, ql_average_halves, resize_halves
from ort_net import Net, TensorProto, finish, float_of, np, numpy_helper, ort, run, shape, type_of
from ort_qlinear import (ql_average, ql_concat, ql_conv, ql_gemm, ql_global, ql_matmul, ql_mul_ties, ql_pair, ql_softmax,
                         ql_softmax_ends, ql_softmax_long, ql_unary)

import ml_dtypes
import onnx


# --- the operators; each returns the output name and its type

def conv(n, transposed=False):
    r = n.rng
    groups = int(r.choice([1, 1, 2, 3]))
    ci, co = groups * int(r.integers(1, 5)), groups * int(r.integers(1, 6))
    kernel = [int(v) for v in r.integers(1, 4, 2)]
    strides, dilations = [int(v) for v in r.integers(1, 4, 2)], [int(v) for v in r.integers(1, 3, 2)]
    size = [int(v) for v in r.integers(6, 11, 2)]
    x, p = n.input([n.batch, ci] + size)
    per_channel = r.random() < 0.5 and not (transposed and groups > 1)
    if transposed:
        w, sw, _ = n.weights([ci, co // groups] + kernel, 1 if per_channel else None)
        pads = [int(v) for v in r.integers(0, min(kernel), 4)]
        more = [int(r.integers(0, s)) for s in strides]
        y = n.node("ConvTranspose", [x, w, n.bias(p[0], sw, co)], strides=strides, dilations=dilations, pads=pads,
                   group=groups, output_padding=more)
    else:
        w, sw, _ = n.weights([co, ci // groups] + kernel, 0 if per_channel else None,
                             np.uint8 if r.random() < 0.2 and n.dtype == np.uint8 and not per_channel else np.int8)
        pads = [int(v) for v in r.integers(0, 3, 4)]
        inputs = [x, w] + ([n.bias(p[0], sw, co)] if r.random() < 0.7 else [])
        y = n.node("Conv", inputs, strides=strides, dilations=dilations, pads=pads, group=groups)
        if r.random() < 0.3:
            y = n.node("Relu", [y])
    return finish(n, y)


def weights_of_four_bits(n):
    """INT4 and UINT4 as opset 21 packs them; ONNX Runtime computes with them in float32."""
    r, n.opset, n.ties = n.rng, 21, False
    dtype = ml_dtypes.int4 if r.random() < 0.5 else ml_dtypes.uint4
    lo, hi = (-8, 8) if dtype == ml_dtypes.int4 else (0, 16)
    ci, co = (int(v) for v in r.integers(1, 9, 2))
    is_conv = r.random() < 0.6
    kernel = [int(v) for v in r.integers(1, 4, 2)]
    axis = 0 if is_conv else 1
    w = r.integers(lo, hi, [co, ci] + kernel if is_conv else [ci, co])
    per_channel = r.random() < 0.7
    count = [co] if per_channel else []
    scale = np.array(10 ** r.uniform(-2.5, -0.5, count), np.float32)
    zero = r.integers(lo, hi, count) if lo == 0 else np.zeros(count, int)
    parts = [n.init(v) for v in (w.astype(dtype), scale, np.asarray(zero).astype(dtype))]
    if not np.any(zero) and r.random() < 0.4:
        parts.pop()
    real = n.node("DequantizeLinear", parts, **({"axis": axis} if per_channel else {}))
    x, _ = n.input([1, ci] + ([int(v) for v in r.integers(3, 9, 2)] if is_conv else []))
    y = n.node("Conv", [x, real]) if is_conv else n.node("MatMul", [x, real])
    q, p = n.q(y, n.params(scale=n.out_scale(float_of(n, y))))
    n.halves = y, p
    return q, type_of(p)


def conv_1d(n):
    ci, co, kernel = (int(v) for v in n.rng.integers(1, 6, 3))
    x, p = n.input([n.batch, ci, int(n.rng.integers(6, 20))])
    w, sw, _ = n.weights([co, ci, kernel], 0 if n.rng.random() < 0.5 else None)
    y = n.node("Conv", [x, w, n.bias(p[0], sw, co)], strides=[int(n.rng.integers(1, 4))], pads=[1, int(n.rng.integers(0, 3))])
    return finish(n, y)


def pool_1d(n):
    x, p = n.input([n.batch, int(n.rng.integers(1, 5)), 12])
    if n.rng.random() < 0.5:
        return keep(n, n.node("MaxPool", [x], kernel_shape=[3], strides=[2], pads=[1, 0]), p)
    return finish(n, n.node("AveragePool", [x], kernel_shape=[4], strides=[2], pads=[1, 2]))


def conv_transpose(n):
    return conv(n, True)


def gemm(n):
    k, m = int(n.rng.integers(2, 40)), int(n.rng.integers(1, 20))
    x, p = n.input([int(n.rng.integers(1, 4)), k])
    trans = int(n.rng.integers(0, 2))
    per = n.rng.random() < 0.5
    w, sw, _ = n.weights([m, k] if trans else [k, m], (0 if trans else 1) if per else None)
    return finish(n, n.node("Gemm", [x, w, n.bias(p[0], sw, m)], transB=trans))


def float_bias(n):
    """A bias that the quantiser left in float32: ONNX Runtime makes int32 of it when it fuses the product."""
    n.bias = lambda sx, sw, co: n.init(n.rng.normal(0, 40, co).astype(np.float32) * np.float32(sx) * np.asarray(sw).reshape(-1))
    return [conv, conv, gemm, conv_transpose][int(n.rng.integers(0, 4))](n)


def relu_before(n):
    """A Relu of which nobody quantises the result."""
    read = n.input

    def through(*args):
        x, p = read(*args)
        return n.node("Relu", [x]), p
    n.input = through
    return [conv, gemm, global_pool, reduce_mean, matmul][int(n.rng.integers(0, 5))](n)


def matmul(n):
    k, m = int(n.rng.integers(2, 40)), int(n.rng.integers(1, 20))
    x, _ = n.input([1, int(n.rng.integers(1, 5)), k] if n.rng.random() < 0.5 else [1, k])
    w, _, _ = n.weights([k, m], 1 if n.rng.random() < 0.4 else None)
    return finish(n, n.node("MatMul", [x, w]))


def matmul_two(n):
    b, i, k, j = (int(v) for v in n.rng.integers(1, 6, 4))
    x, _ = n.input([1, b, i, k])
    y, _ = n.input([1, b, k, j])
    return finish(n, n.node("MatMul", [x, y]))


def pair(op):
    def make(n):
        s = shape(n.rng)
        t = [d if n.rng.random() < 0.7 else 1 for d in s][int(n.rng.integers(0, 3)) if n.rng.random() < 0.3 else 0:]
        x, _ = n.input(s)
        y = n.weights(t, None, n.dtype)[0] if n.rng.random() < 0.3 else n.input(t)[0]
        inputs = [x, y] if n.rng.random() < 0.7 else [y, x]
        qlinear = {"Add": "QLinearAdd", "Mul": "QLinearMul"}.get(op)
        return finish(n, n.node(op, inputs), inputs, qlinear)
    return make


def prelu(n):
    s = shape(n.rng)
    x, _ = n.input(s)
    return finish(n, n.node("PRelu", [x, n.weights([s[1], 1, 1], None, n.dtype)[0]]))


def function(op, **attributes):
    def make(n):
        x, _ = n.input(shape(n.rng))
        return finish(n, n.node(op, [x], **attributes))
    return make


def clip(n):
    x, _ = n.input(shape(n.rng))
    lo, hi = n.init(np.float32(-0.3)), n.init(np.float32(1.7))
    return finish(n, n.node("Clip", [x, lo, hi]))


def by_number(op):
    def make(n):
        x, _ = n.input(shape(n.rng))
        return finish(n, n.node(op, [x, n.init(np.float32(n.rng.uniform(0.5, 3)))]))
    return make


def concat(n):
    s = shape(n.rng)
    axis = int(n.rng.integers(1, 4))
    same = n.params() if n.rng.random() < 0.4 else None
    parts = []
    for _ in range(int(n.rng.integers(2, 5))):
        t = list(s)
        t[axis] = int(n.rng.integers(1, 6))
        parts.append(n.input(t, same)[0])
    return finish(n, n.node("Concat", parts, axis=axis))


def keep(n, y, p):
    """The same quantisation behind an operator that only moves data."""
    return n.q(y, p)[0], type_of(p)


def split(n):
    s = shape(n.rng)
    s[1] = 6
    x, p = n.input(s)
    parts = n.node("Split", [x, n.init(np.array([1, 2, 3], np.int64))], 3, axis=1)
    y = n.node("Max", [parts[int(n.rng.integers(0, 3))], parts[0]])
    return finish(n, y) if n.rng.random() < 0.5 else keep(n, parts[2], p)


def slice_(n):
    s = [1, 5, 9, 8]
    x, p = n.input(s)
    ints = lambda *v: n.init(np.array(v, np.int64))
    step = int(n.rng.choice([1, 2, -1, -2]))
    start, end = (1, 8) if step > 0 else (7, 0)
    return keep(n, n.node("Slice", [x, ints(start, 1), ints(end, 4), ints(2, 1), ints(step, 1)]), p)


def pad(n):
    x, p = n.input(shape(n.rng))
    pads = np.concatenate([[0], n.rng.integers(0, 3, 3), [0], n.rng.integers(0, 3, 3)]).astype(np.int64)
    return keep(n, n.node("Pad", [x, n.init(pads)]), p)


def pad_modes(n):
    """Around images of one or two spatial axes, by what they have themselves."""
    n.opset = 19
    axes = int(n.rng.integers(1, 3))
    x, p = n.input([int(n.rng.integers(1, 3)), 3] + [int(v) for v in n.rng.integers(4, 7, axes)])
    pads = n.init(n.rng.integers(0, 4, 2 * axes).astype(np.int64))
    y = n.node("Pad", [x, pads, "", n.init(np.arange(-axes, 0).astype(np.int64))], mode=str(n.rng.choice(["reflect", "edge", "wrap"])))
    return keep(n, y, p)


def transpose(n):
    x, p = n.input(shape(n.rng))
    y = n.node("Transpose", [x], perm=[int(v) for v in n.rng.permutation(4)])
    return keep(n, y, p)


def gather(n):
    x, p = n.input([1, 6, 5, 4])
    index = np.array(3, np.int64) if n.rng.random() < 0.5 else np.array([4, 2, 0], np.int64)
    return keep(n, n.node("Gather", [x, n.init(index)], axis=1), p)


def resize(n):
    r = n.rng
    x, p = n.input(shape(r, batch=n.batch))
    mode = str(r.choice(["asymmetric", "half_pixel", "pytorch_half_pixel"]))
    near = str(r.choice(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]))
    scales = np.array([1, 1, r.choice([2, 1.5, 3, 0.7]), r.choice([2, 1, 2.5])], np.float32)
    y = n.node("Resize", [x, "", n.init(scales)], mode="nearest", coordinate_transformation_mode=mode, nearest_mode=near)
    return keep(n, y, p)


def linear_arguments(n):
    """Sizes or scales, and a rule; what Weft has exact weights for."""
    mode = str(n.rng.choice(["asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"]))
    size = [int(v) for v in n.rng.integers(2, 7, 2)]
    x = [1, int(n.rng.integers(1, 6))] + size
    to = [s * int(n.rng.integers(1, 5)) if n.rng.random() < 0.7 else int(n.rng.integers(1, 12)) for s in size]
    if n.rng.random() < 0.5 or mode == "align_corners":
        return x, ["", "", n.init(np.array(x[:2] + to, np.int64))], mode
    scales = np.array([1, 1, n.rng.choice([2, 1.5, 4, 0.75]), n.rng.choice([2, 1, 2.5])], np.float32)
    return x, ["", n.init(scales)], mode


def resize_linear(n):
    dims, to, mode = linear_arguments(n)
    x, p = n.input(dims)
    y = n.node("Resize", [x] + to, mode="linear", coordinate_transformation_mode=mode)
    if n.rng.random() < 0.3:
        y = n.node("Relu", [y])
    if n.rng.random() < 0.5:
        p = n.params(scale=n.out_scale(float_of(n, y)))
    n.exact = y, p
    return keep(n, y, p)


def integer_resize_linear(n):
    dims, to, mode = linear_arguments(n)
    name, p = n.quantised_input(dims)
    y = n.node("Resize", [name] + to, mode="linear", coordinate_transformation_mode=mode)
    real = n.node("Cast", [name], to=TensorProto.FLOAT)
    n.wholes = n.node("Resize", [real] + to, mode="linear", coordinate_transformation_mode=mode)
    return keep(n, n.dq(y, p), p)


def batch_norm(n):
    r = n.rng
    x, p = n.input(shape(r))
    c = n.feeds[0][1].shape[1]
    parts = [r.normal(0, 1.5, c), r.normal(0, 2, c), r.normal(0, 1, c), r.uniform(0.3, 2, c)]
    y = n.node("BatchNormalization", [x] + [n.init(v.astype(np.float32)) for v in parts])
    if r.random() < 0.6:
        y = n.node("Relu", [y])
    n.halves = y, n.params(scale=n.out_scale(float_of(n, y)))
    return keep(n, y, n.halves[1])


def layer_norm(n):
    """Rows of every length below 40 and some longer; the output scale mostly such that a value lies on a half to its last
    bit, where the order of all additions counts."""
    r = n.rng
    n.ties = False
    width = int(r.choice([r.integers(1, 40), r.choice([64, 100, 197, 256, 768])]))
    dims = [[1, int(r.integers(1, 6)), width], [1, 3, 2, width], [2, width]][int(r.integers(0, 3))]
    axis = int(r.choice([-1, len(dims) - 1, 1])) if width < 40 else -1
    x, _ = n.input(dims)
    if r.random() < 0.2:
        x = n.node("Transpose", [x], perm=[0] + list(range(len(dims) - 1, 0, -1)))
        dims = [dims[0]] + dims[:0:-1]
    of = dims[axis:]
    inputs = [x, n.weights(of, None)[0] if r.random() < 0.2 else n.init(r.normal(1, 0.4, of).astype(np.float32))]
    if r.random() < 0.8:
        inputs.append(n.init(r.normal(0, 0.5, of).astype(np.float32)))
    y = n.node("LayerNormalization", inputs, axis=axis, epsilon=float(r.choice([1e-5, 1e-6, 1e-3])))
    if r.random() < 0.2:
        y = n.node("Relu", [y])
    real = np.abs(float_of(n, y))
    scale, value = n.out_scale(real), r.choice(real[real > 0]) if np.any(real > 0) else 0
    if value and r.random() < 0.8:
        scale = np.float32(value / (np.floor(value / scale) + 0.5))
    return keep(n, y, n.params(scale=scale))


def depth_to_space(n):
    x, p = n.input([1, 8, int(n.rng.integers(1, 5)), int(n.rng.integers(1, 5))])
    return keep(n, n.node("DepthToSpace", [x], blocksize=2, mode=str(n.rng.choice(["DCR", "CRD"]))), p)


def space_to_depth(n):
    x, p = n.input([1, 3, 4, 6])
    return keep(n, n.node("SpaceToDepth", [x], blocksize=2), p)


def max_pool(n):
    x, p = n.input([n.batch, int(n.rng.integers(1, 5)), 9, 8])
    y = n.node("MaxPool", [x], kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 1, 1], ceil_mode=int(n.rng.integers(0, 2)))
    return keep(n, y, p)


def average_pool(n):
    x, _ = n.input([n.batch, int(n.rng.integers(1, 5)), 9, 8])
    include = int(n.rng.integers(0, 2))
    y = n.node("AveragePool", [x], kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 1, 1], count_include_pad=include)
    return finish(n, y)


def global_pool(n):
    x, _ = n.input(shape(n.rng, batch=n.batch))
    return finish(n, n.node("GlobalAveragePool", [x]))


def average_exact(n):
    """Powers of two and a window of which float32 loses nothing: the sum alone decides, thousands of halves included."""
    n.ties = True
    k = int(n.rng.choice([2, 3, 4, 7, 8]))
    if n.rng.random() < 0.4:
        return finish(n, n.node("GlobalAveragePool", [n.input([1, 40, k, k])[0]]))
    return finish(n, n.node("AveragePool", [n.input([1, 3, k + 3, k + 2])[0]], kernel_shape=[k, k]))


def global_max(n):
    x, p = n.input(shape(n.rng, batch=n.batch))
    return keep(n, n.node("GlobalMaxPool", [x]), p)


def reduce_mean(n):
    x, _ = n.input(shape(n.rng))
    axes = [[2, 3], [1], [-1], [1, 2, 3]][int(n.rng.integers(0, 4))]
    return finish(n, n.node("ReduceMean", [x], axes=axes, keepdims=int(n.rng.integers(0, 2))))


def softmax(op):
    def make(n):
        x, _ = n.input(shape(n.rng, int(n.rng.integers(2, 5))))
        return n.node(op, [x], axis=int(n.rng.choice([1, -1]))), TensorProto.FLOAT
    return make


def softmax_quantised(n):
    """Behind the device: quantised again, and real numbers of that."""
    x, _ = n.input(shape(n.rng, int(n.rng.integers(2, 5))))
    q, p = n.q(n.node("Softmax", [x], axis=int(n.rng.choice([1, -1]))), n.params(scale=np.float32(1 / 256)))
    return (n.dq(q, p), TensorProto.FLOAT) if n.rng.random() < 0.5 else (q, type_of(p))


def softmax_two(n):
    """Older, over all axes from one on; or into another type, where ONNX Runtime leaves it in float32."""
    n.opset = int(n.rng.choice([11, 12, 17]))
    x, p = n.input(shape(n.rng, int(n.rng.integers(2, 5))))
    if n.opset == 17:
        n.dtype = np.uint8 if n.dtype == np.int8 else np.int8
    q, p = n.q(n.node("Softmax", [x], axis=1), n.params(scale=np.float32(1 / 256)))
    return (n.dq(q, p), TensorProto.FLOAT) if n.rng.random() < 0.3 else (q, type_of(p))


def arg_max(n):
    x, _ = n.input(shape(n.rng))
    return n.node("ArgMax", [x], axis=int(n.rng.integers(1, 4)), keepdims=int(n.rng.integers(0, 2))), TensorProto.INT64


def arg_min(n):
    """Ten numbers, many of them equal."""
    x, _ = n.input([1, 10])
    name, value = n.feeds[0]
    n.feeds[0] = name, (value % 4).astype(value.dtype)
    last = int(n.rng.integers(0, 2))
    return n.node("ArgMin", [x], axis=1, keepdims=int(n.rng.integers(0, 2)), select_last_index=last), TensorProto.INT64


def batch(n):
    """An operator on several images."""
    makers = [conv, conv, conv_transpose, conv_1d, pool_1d, max_pool, average_pool, global_pool, global_max, resize, ql_conv,
              ql_average, ql_global]
    n.batch = int(n.rng.integers(2, 5))
    return makers[int(n.rng.integers(0, len(makers)))](n)


def batch_net(n):
    """A small network on several images: convolution, residual sum, pools, flattening, Gemm, Softmax.  Without ties, which
    would go on through the network."""
    r = n.rng
    n.ties = False
    c = int(r.integers(1, 4))
    x, p = n.input([int(r.integers(2, 6)), c, 6, 8])
    w, sw, _ = n.weights([c, c, 3, 3], 0)
    a = requantised(n, n.node("Relu", [n.node("Conv", [x, w, n.bias(p[0], sw, c)], pads=[1, 1, 1, 1])]))
    b = requantised(n, n.node("Add", [a, x]))
    d = n.node("MaxPool", [b], kernel_shape=[2, 2], strides=[2, 2])
    e = requantised(n, n.node("Transpose", [d], perm=[0, 2, 3, 1]))
    f = n.node("Flatten", [e])
    v, _, _ = n.weights([12 * c, 5])
    return n.node("Softmax", [requantised(n, n.node("Gemm", [f, v]))]), TensorProto.FLOAT


def requantised(n, y):
    q, p = n.q(y, n.params(scale=n.out_scale(float_of(n, y))))
    return n.dq(q, p)


def folded_reshape(n):
    s = shape(n.rng)
    x, p = n.input(s)
    whole = n.node("Shape", [x])
    first = n.node("Gather", [whole, n.init(np.array([0], np.int64))])
    rest = n.node("ReduceProd", [n.node("Slice", [whole, n.init(np.array([1], np.int64)), n.init(np.array([4], np.int64))])], keepdims=1)
    return keep(n, n.node("Reshape", [x, n.node("Concat", [first, rest], axis=0)]), p)


CASES = {
    "conv": conv, "conv_transpose": conv_transpose, "gemm": gemm, "matmul": matmul, "matmul_two": matmul_two,
    "add": pair("Add"), "sub": pair("Sub"), "mul": pair("Mul"), "min": pair("Min"), "max": pair("Max"), "prelu": prelu,
    "relu": function("Relu"), "clip": clip, "leaky_relu": function("LeakyRelu", alpha=0.13), "sigmoid": function("Sigmoid"),
    "tanh": function("Tanh"), "hard_swish": function("HardSwish"), "hard_sigmoid": function("HardSigmoid", alpha=0.3),
    "elu": function("Elu", alpha=0.7), "softplus": function("Softplus"), "exp": function("Exp"), "abs": function("Abs"),
    "erf": function("Erf"), "add_number": by_number("Add"), "mul_number": by_number("Mul"), "div_number": by_number("Div"),
    "concat": concat, "split": split, "slice": slice_, "pad": pad, "transpose": transpose, "gather": gather,
    "resize": resize, "depth_to_space": depth_to_space, "space_to_depth": space_to_depth, "max_pool": max_pool,
    "average_pool": average_pool, "global_average_pool": global_pool, "global_max_pool": global_max,
    "reduce_mean": reduce_mean, "softmax": softmax("Softmax"), "log_softmax": softmax("LogSoftmax"), "arg_max": arg_max,
    "folded_reshape": folded_reshape, "qlinear_add": ql_pair("QLinearAdd", "Add"), "qlinear_mul": ql_pair("QLinearMul", "Mul"),
    "qlinear_leaky_relu": ql_unary("QLinearLeakyRelu", "LeakyRelu", alpha=0.2),
    "qlinear_sigmoid": ql_unary("QLinearSigmoid", "Sigmoid"), "qlinear_global_average_pool": ql_global,
    "qlinear_average_pool": ql_average, "qlinear_concat": ql_concat, "qlinear_conv": ql_conv,
    "qlinear_matmul": ql_matmul, "qgemm": ql_gemm, "conv_1d": conv_1d, "pool_1d": pool_1d,
    "softmax_quantised": softmax_quantised, "resize_linear": resize_linear, "integer_resize_linear": integer_resize_linear,
    "batch_norm": batch_norm,
}
CASES.update(FLOAT_CASES)
CASES["arg_min"] = arg_min
CASES["float_bias"] = float_bias
CASES["relu_before"] = relu_before
CASES["qlinear_mul_ties"] = ql_mul_ties
CASES["batch"] = batch
CASES["batch_net"] = batch_net
CASES["average_exact"] = average_exact
CASES["pad_modes"] = pad_modes
CASES.update({"qlinear_softmax_int8": ql_softmax(13, np.int8), "qlinear_softmax_uint8": ql_softmax(13, np.uint8),
              "qlinear_softmax_12": ql_softmax(12), "qlinear_softmax_long": ql_softmax_long,
              "qlinear_softmax_ends_int8": ql_softmax_ends(np.int8), "qlinear_softmax_ends_uint8": ql_softmax_ends(np.uint8)})
CASES["layer_norm"] = layer_norm
CASES["softmax_two"] = softmax_two

CASES.update({"average_halves": average_halves, "qlinear_average_halves": ql_average_halves,
              "resize_halves": resize_halves, "mean_halves": mean_halves,
              "mean_orders": mean_orders})
CASES["weights_of_four_bits"] = weights_of_four_bits


def used_only(net, output):
    """Drop what was added only to choose scales."""
    needed, nodes = {output}, []
    for node in reversed(net.nodes):
        if needed & set(node.output):
            needed |= set(node.input)
            nodes.insert(0, node)
    net.nodes = nodes
    net.inits = [i for i in net.inits if i.name in needed]


def other_of_halves(net, feeds, got, of):
    """Of a sum in float32: got with what lies on a half rounded the other way, as the exact sum may have it."""
    y, (scale, zero, _, _) = of
    real = run(net.model(y, TensorProto.FLOAT), feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL)
    steps = real.astype(np.float64) / np.float64(scale)
    other = 2 * np.floor(steps) + 1 + 2 * int(zero) - got
    limits = np.iinfo(got.dtype)
    tie = abs(steps - np.floor(steps) - 0.5) < 1e-4
    return np.where(tie, np.clip(other, limits.min, limits.max), got).astype(got.dtype)


def write_case(directory, name, net, output, dtype):
    feeds = dict(net.feeds)
    other = net.other and run(net.model(net.other, dtype), feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL)
    if net.halves:
        other = other_of_halves(net, feeds, run(net.model(output, dtype), feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL), net.halves)
    if net.wholes:  # the same of a cut-off sum: float32 may have a whole number just below itself
        real = run(net.model(net.wholes, TensorProto.FLOAT), feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL)
        other = np.rint(real).astype(np.int64)
        got = run(net.model(output, dtype), feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL)
        other = np.where(abs(real - other) < 1e-4, other, got).astype(got.dtype)
    exact = net.exact and other_of_halves(net, feeds, run(net.model(output, dtype), feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL), net.exact)
    used_only(net, output)
    model = net.model(output, dtype)
    plain = run(model, feeds, ort.GraphOptimizationLevel.ORT_DISABLE_ALL)
    try:
        best = run(model, feeds, ort.GraphOptimizationLevel.ORT_ENABLE_ALL)
    except Exception:  # some of its kernels exist for one type only
        best = plain
    data = os.path.join(directory, name, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    onnx.save(model, os.path.join(directory, name, "model.onnx"))
    for i, (_, value) in enumerate(net.feeds):
        onnx.save_tensor(numpy_helper.from_array(value), os.path.join(data, f"input_{i}.pb"))
    onnx.save_tensor(numpy_helper.from_array(best), os.path.join(data, "output_0.pb"))
    differs = not np.array_equal(best, plain)
    if differs or (other is not None and not np.array_equal(other, best)):
        other = plain if differs else other
        onnx.save_tensor(numpy_helper.from_array(other), os.path.join(data, "other_0.pb"))
    if exact is not None and not np.array_equal(exact, plain):
        onnx.save_tensor(numpy_helper.from_array(exact), os.path.join(data, "exact_0.pb"))
    return differs


def main():
    directory, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 4
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    chosen = sys.argv[4:] or list(CASES)
    levels_differ = 0
    for number, (name, make) in enumerate(CASES.items()):
        for k in range(count if name in chosen else 0):
            net = Net(np.random.default_rng([seed, number, k]))
            output, dtype = make(net)
            levels_differ += write_case(directory, f"{name}_{k}", net, output, dtype)
    print(f"{len(chosen) * count} cases of {len(chosen)} operators by ONNX Runtime {ort.__version__}, "
          f"its levels differ in {levels_differ}")


main()
