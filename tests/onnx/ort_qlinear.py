"""The QLinear operators of ONNX Runtime, for make_ort_cases.py; each returns the output name and its type."""
from ort_net import MS, float_of, np, shape, type_of


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
    n.other = n.node("QuantizeLinear", [real, p[2], p[3]])
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
