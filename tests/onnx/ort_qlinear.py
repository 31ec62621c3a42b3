"""The QLinear operators of ONNX Runtime, for make_ort_cases.py; each returns the output name and its type."""
from ort_net import MS, TensorProto, float_of, np, shape, type_of


def ql_out(n, real):
    return n.params(scale=n.out_scale(real))


def ql_pair(op, plain):
    def make(n):
        s = shape(n.rng)
        t = [d if n.rng.random() < 0.7 else 1 for d in s]
        x, px = n.quantised_input(s)
        y, py = n.quantised_input(t)
        real = n.node(plain, [n.dq(x, px), n.dq(y, py)])
        p = ql_out(n, float_of(n, real))
        return n.node(op, [x, px[2], px[3], y, py[2], py[3], p[2], p[3]], domain=MS), type_of(p)
    return make


def ql_mul_ties(n):
    """Powers of two and an odd zero point: many products are exact halves, of which some go up and some down."""
    n.ties = True
    x, px = n.quantised_input([1, 64, 1])
    y, py = n.quantised_input([1, 1, 64])
    p = n.params(scale=np.float32(px[0] * py[0] * 2.0 ** n.rng.integers(1, 7)), zero=n.zero() | 1)
    return n.node("QLinearMul", [x, px[2], px[3], y, py[2], py[3], p[2], p[3]], domain=MS), type_of(p)


def ql_unary(op, plain, **attributes):
    def make(n):
        x, px = n.quantised_input(shape(n.rng))
        p = ql_out(n, float_of(n, n.node(plain, [n.dq(x, px)], **attributes)))
        return n.node(op, [x, px[2], px[3], p[2], p[3]], domain=MS, **attributes), type_of(p)
    return make


def ql_global(n):
    x, px = n.quantised_input(shape(n.rng, batch=n.batch))
    p = ql_out(n, float_of(n, n.node("GlobalAveragePool", [n.dq(x, px)])))
    return n.node("QLinearGlobalAveragePool", [x, px[2], px[3], p[2], p[3]], domain=MS, channels_last=0), type_of(p)


def ql_average(n):
    x, px = n.quantised_input([n.batch, 3, 9, 8])
    attributes = dict(kernel_shape=[3, 2], strides=[2, 1], pads=[1, 1, 0, 0], count_include_pad=int(n.rng.integers(0, 2)))
    real = n.node("AveragePool", [n.dq(x, px)], **attributes)
    p = ql_out(n, float_of(n, real))
    return n.node("QLinearAveragePool", [x, px[2], px[3], p[2], p[3]], domain=MS, **attributes), type_of(p)


def ql_concat(n):
    inputs, p = [], n.params()
    for _ in range(int(n.rng.integers(2, 4))):
        x, px = n.quantised_input([1, int(n.rng.integers(1, 5)), 3, 4])
        inputs += [x, px[2], px[3]]
    return n.node("QLinearConcat", [p[2], p[3]] + inputs, domain=MS, axis=1), type_of(p)


def ql_conv(n):
    x, px = n.quantised_input([n.batch, 4, 7, 6])
    w = n.rng.integers(-128, 128, [5, 4, 3, 2]).astype(np.int8)
    ws = np.array([n.scale() for _ in range(5)], np.float32)
    wz = np.zeros(5, np.int8)
    real = n.node("Conv", [n.dq(x, px), n.init((w * ws.reshape(5, 1, 1, 1)).astype(np.float32))])
    p = ql_out(n, float_of(n, real))
    b = n.rng.integers(-3000, 3000, 5).astype(np.int32)
    return n.node("QLinearConv", [x, px[2], px[3], n.init(w), n.init(ws), n.init(wz), p[2], p[3], n.init(b)]), type_of(p)


def ql_matmul(n):
    x, px = n.quantised_input([1, int(n.rng.integers(1, 4)), 12])
    w = n.rng.integers(-128, 128, [12, 7]).astype(np.int8)
    ws, wz = n.scale(), np.int8(0)
    p = ql_out(n, float_of(n, n.node("MatMul", [n.dq(x, px), n.init((w * ws).astype(np.float32))])))
    return n.node("QLinearMatMul", [x, px[2], px[3], n.init(w), n.init(np.float32(ws)), n.init(wz), p[2], p[3]]), type_of(p)


def ql_gemm(n):
    x, px = n.quantised_input([2, 12])
    w = n.rng.integers(-128, 128, [7, 12]).astype(np.int8)
    ws, wz = n.scale(), np.int8(0)
    p = ql_out(n, float_of(n, n.node("Gemm", [n.dq(x, px), n.init((w * ws).astype(np.float32))], transB=1)))
    b = n.rng.integers(-300, 300, 7).astype(np.int32)
    return n.node("QGemm", [x, px[2], px[3], n.init(w), n.init(np.float32(ws)), n.init(wz), n.init(b), p[2], p[3]],
                  domain=MS, transB=1), type_of(p)


def soft_scales(n):
    """From nearly equal shares to one that has it all; output steps whose number is odd, exact or too large for a byte."""
    x, y = [0.003, 0.03, np.log(2), 0.3, 3], [1 / 256, 1 / 255, 1 / 128, 0.003, 1.5]
    return np.float32(n.rng.choice(x)), np.float32(n.rng.choice(y))


def soft_node(n, x, px, scale, **attributes):
    info = np.iinfo(px[1].dtype)
    zero = int(n.rng.choice([info.min, info.min, 0, info.max - 99]))
    p = n.params(scale=scale, zero=np.array(zero, px[1].dtype))
    return n.node("QLinearSoftmax", [x, px[2], px[3], p[2], p[3]], domain=MS, **attributes), p


def ql_softmax(opset, dtype=None):
    """Any axis; before opset 13 all from the axis on are one."""
    def make(n):
        n.dtype = dtype or n.dtype
        x_scale, y_scale = soft_scales(n)
        x, px = n.quantised_input(shape(n.rng, int(n.rng.integers(2, 5))), n.params(scale=x_scale))
        rank = len(n.feeds[0][1].shape)
        name, value = n.feeds[0]
        if n.rng.random() < 0.4:  # many equals, so exact halves
            n.feeds[0] = name, np.where(value % 2, np.iinfo(value.dtype).max - 3, value // 16).astype(value.dtype)
        attributes = {} if n.rng.random() < 0.2 else {"axis": int(n.rng.integers(-rank, rank))}
        y, p = soft_node(n, x, px, y_scale, opset=opset, **attributes)
        return y, type_of(p)
    return make


def ql_softmax_long(n):
    x_scale, y_scale = soft_scales(n)
    x, px = n.quantised_input([2, int(n.rng.integers(1000, 5000))], n.params(scale=x_scale))
    y, p = soft_node(n, x, px, y_scale, axis=-1, opset=13)
    return y, type_of(p)


def ql_softmax_ends(dtype):
    """A QOperator classifier: Conv, softmax over the channels of each pixel, matrix, softmax at the end, read as real
    numbers or not."""
    def make(n):
        n.dtype = dtype
        c, k = 3, 5
        x, px = n.quantised_input([1, c, 4, 4])
        pc, pd = n.params(), n.params()
        w, ws, wz = n.init(n.rng.integers(-128, 128, [k, c, 3, 3]).astype(np.int8)), n.scale(), n.init(np.int8(0))
        y = n.node("QLinearConv", [x, px[2], px[3], w, n.init(np.float32(ws * 0.1)), wz, pc[2], pc[3]], pads=[1, 1, 1, 1])
        y, ps = soft_node(n, y, pc, np.float32(1 / 256), axis=1, opset=13)
        v = n.init(n.rng.integers(-128, 128, [k * 16, 10]).astype(np.int8))
        y = n.node("Flatten", [y], axis=1)
        y = n.node("QLinearMatMul", [y, ps[2], ps[3], v, n.init(np.float32(pd[0] * 0.5)), wz, pd[2], pd[3]])
        y, p = soft_node(n, y, pd, np.float32(1 / 256), axis=1, opset=int(n.rng.choice([12, 13])))
        return (n.dq(y, p), TensorProto.FLOAT) if n.rng.random() < 0.5 else (y, type_of(p))
    return make
