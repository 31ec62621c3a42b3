"""Averages and interpolations of which many lie on a half or within rounding errors of one, for make_ort_cases.py."""
from ort_net import MS, np, type_of


def scales(n):
    """Of input and output: equal, simple fractions of another or any; of one bit, few bits or all 24."""
    r = n.rng
    x = [np.float32(2.0 ** r.integers(-6, 1)), np.float32(r.integers(2049, 4096) * 2.0 ** -17),
         np.float32(10 ** r.uniform(-2.5, -0.5))][int(r.integers(0, 3))]
    part = [1, 1, r.choice([0.25, 0.5, 0.75, 2]), r.uniform(0.4, 1.2)][int(r.integers(0, 4))]
    return x, np.float32(x * np.float32(part))


def zero(n):
    """Often that of a Relu: the least."""
    least = np.iinfo(n.dtype).min
    return np.array(least, n.dtype) if n.rng.random() < 0.4 else n.zero()


def window(n, size, dilated):
    r = n.rng
    kernel = [int(v) for v in r.integers(1, 5, len(size))]
    if not dilated and r.random() < 0.25:
        kernel = [int(r.choice([2, 3, 6, 7]))] * len(size)
    if not dilated and r.random() < 0.1:
        kernel = list(size)
    made = dict(kernel_shape=kernel, strides=[int(v) for v in r.integers(1, 4, len(size))],
                count_include_pad=int(r.integers(0, 2)))
    if kernel != size:
        made["pads"] = [int(r.integers(0, k)) for k in kernel + kernel]
    if not made["count_include_pad"]:
        made["ceil_mode"] = int(r.integers(0, 2))
    if dilated:
        made["dilations"] = [int(v) for v in r.integers(1, 3, len(size))]
        made["ceil_mode"] = 0
    return made


def average_halves(n):
    """What ONNX Runtime fuses and what it does not, before and after opset 19."""
    r = n.rng
    n.opset = int(r.choice([13, 17, 19, 21]))
    size = [int(v) for v in r.integers(8, 13, int(r.choice([1, 2, 2])))]
    scale_x, scale_y = scales(n)
    zero_y = zero(n)
    x, _ = n.input([1, int(r.choice([3, 16]))] + size, n.params(scale_x, zero(n)))
    if r.random() < 0.2:
        y = n.node("GlobalAveragePool", [x])
    else:
        y = n.node("AveragePool", [x], **window(n, size, n.opset >= 19 and r.random() < 0.3))
    kind = r.random()
    if kind < 0.15:
        y = n.node("Relu", [y])
    elif kind < 0.3:
        y = n.node("Clip", [y, n.init(np.float32(-40 * scale_y)), n.init(np.float32(60 * scale_y))])
    elif kind < 0.4:
        y = n.node("Flatten", [y])
    elif kind < 0.5 and len(size) == 2:
        y = n.node("Transpose", [y], perm=[0] + list(range(2, len(size) + 2)) + [1])
    q, p = n.q(y, n.params(scale_y, zero_y))
    n.exact = y, p
    return q, type_of(p)


def ql_average_halves(n):
    r = n.rng
    size = [int(v) for v in r.integers(8, 13, int(r.choice([1, 2, 2])))]
    scale_x, scale_y = scales(n)
    x, px = n.quantised_input([1, 8] + size, n.params(scale_x, zero(n)))
    p = n.params(scale_y, zero(n))
    op = "QLinearGlobalAveragePool" if r.random() < 0.2 else "QLinearAveragePool"
    attributes = window(n, size, False) if op == "QLinearAveragePool" else {}
    return n.node(op, [x, px[2], px[3], p[2], p[3]], domain=MS, channels_last=0, **attributes), type_of(p)


def resize_halves(n):
    """Factors and sizes, corners and half pixels; one or both axes as they are, too."""
    r = n.rng
    n.opset = int(r.choice([13, 18, 19]))
    mode = str(r.choice(["asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"]))
    size = [int(v) for v in r.integers(1, 9, 2)]
    scale_x, scale_y = scales(n)
    x, _ = n.input([1, int(r.choice([3, 16]))] + size, n.params(scale_x, zero(n)))
    if mode == "align_corners" or r.random() < 0.5:
        to = [s * int(r.integers(1, 5)) if r.random() < 0.6 else int(r.integers(1, 17)) for s in size]
        to = ["", "", n.init(np.array([1, n.feeds[0][1].shape[1]] + to, np.int64))]
    else:
        to = ["", n.init(np.array([1, 1, r.choice([1, 2, 1.5, 4]), r.choice([1, 2, 3, 2.5])], np.float32))]
    y = n.node("Resize", [x] + to, mode="linear", coordinate_transformation_mode=mode)
    if r.random() < 0.2:
        y = n.node("Relu", [y])
    q, p = n.q(y, n.params(scale_y, zero(n)))
    n.exact = y, p
    return q, type_of(p)


def mean_of(n, x, axes, scale_y):
    axes = axes[int(n.rng.integers(0, len(axes)))]
    keep = int(n.rng.integers(0, 2))
    if n.opset == 18:
        y = n.node("ReduceMean", [x, n.init(np.array(axes, np.int64))], keepdims=keep)
    else:
        y = n.node("ReduceMean", [x], axes=axes, keepdims=keep)
    q, p = n.q(y, n.params(scale_y, zero(n)))
    n.exact = y, p
    return q, type_of(p)


def mean_halves(n):
    """Of scales so short that float32 rounds no sum, whatever the order of its additions."""
    r = n.rng
    n.opset = int(r.choice([13, 18]))
    scale_x, scale_y = scales(n)
    while int(scale_x.view(np.uint32)) & 0x1fff:
        scale_x, scale_y = scales(n)
    size = [[7, 2], [1, 14], [2, 13], [6, 5], [7, 7], [4, 4]][int(r.integers(0, 6))]
    x, _ = n.input([1, 16] + size, n.params(scale_x, zero(n)))
    return mean_of(n, x, [[2, 3], [1], [-1], [2]], scale_y)


def mean_orders(n):
    """Of scales of 24 bits, along all axes that ONNX Runtime has an order of its own for: on a half the order decides."""
    r = n.rng
    scale = np.float32(10 ** r.uniform(-2.5, -0.5))
    scale_y = scale * np.float32(r.choice([1, 1, 0.25, 0.5, 2]))
    n.opset = int(r.choice([13, 18]))
    size = [[1, 96, 2, 7], [3, 40, 2, 5], [2, 18, 10, 6], [1, 128, 3, 6], [10, 4, 14, 6], [1, 22, 1, 14]][int(r.integers(0, 6))]
    x, _ = n.input(size, n.params(scale, zero(n)))
    if r.random() < 0.2:
        x = n.node("Transpose", [x], perm=[int(v) for v in r.permutation(4)])
    axes = [[2, 3], [2, 3], [2, 3], [1], [-1], [2], [0], [1, 2], [0, 1], [1, 3], [0, 2], [0, 3], [1, 2, 3], [0, 1, 3],
            [0, 1, 2, 3]]
    return mean_of(n, x, axes, scale_y)
