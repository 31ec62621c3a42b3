"""Float operators in the forms of opset 18 to 22, for make_ort_cases.py: what the float reference has to compute."""
from ort_net import TensorProto, helper, np


def real_input(n, shape, dtype=np.float32):
    name = f"x{len(n.inputs)}"
    value = n.rng.normal(0, 2, shape).astype(dtype)
    n.inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape))
    n.feeds.append((name, value))
    return name


def ints(n, values):
    return n.init(np.array(values, np.int64))


def resize_float(n):
    """Two axes of an image by scales or sizes, in every mode that ONNX Runtime computes as ONNX writes it; an axis that
    keeps its size by a scale beside 1 it leaves as it is."""
    r = n.rng
    n.opset = 19
    x = real_input(n, [1, 2, int(r.integers(3, 9)), int(r.integers(3, 9))])
    mode = str(r.choice(["linear", "cubic"]))
    antialias = int(r.integers(0, 2))
    ways = ["half_pixel", "half_pixel_symmetric", "asymmetric", "pytorch_half_pixel", "align_corners"]
    way = str(r.choice(ways[:3] if antialias else ways))
    attributes = dict(mode=mode, coordinate_transformation_mode=way, antialias=antialias, axes=[2, 3])
    if mode == "cubic":
        attributes.update(cubic_coeff_a=float(r.choice([-0.5, -0.75])), exclude_outside=int(r.integers(0, 2)))
    sizes = [int(v) for v in r.integers(2, 13, 2)]
    if way != "align_corners" and r.random() < 0.5:
        scales = n.init(np.array([r.choice([r.uniform(0.4, 0.7), r.uniform(1.5, 2.5)]), r.choice([0.5, 2, 3])], np.float32))
        return n.node("Resize", [x, "", scales], **attributes), TensorProto.FLOAT
    return n.node("Resize", [x, "", "", ints(n, sizes)], **attributes), TensorProto.FLOAT


def resize_aspect(n):
    n.opset = 19
    x = real_input(n, [1, 2, int(n.rng.integers(3, 9)), int(n.rng.integers(3, 9))])
    policy = str(n.rng.choice(["not_larger", "not_smaller"]))
    sizes = ints(n, [int(v) for v in n.rng.integers(2, 13, 2)])
    return n.node("Resize", [x, "", "", sizes], mode="nearest", axes=[2, 3], keep_aspect_ratio_policy=policy,
                  coordinate_transformation_mode="asymmetric", nearest_mode="floor"), TensorProto.FLOAT


def resize_crop(n):
    """To other sizes than before: ONNX Runtime does not crop an axis that keeps its size."""
    r = n.rng
    n.opset = 18
    x = real_input(n, [1, 1, int(r.integers(3, 6)), int(r.integers(7, 10))])
    begin, end = r.uniform(0, 0.6, 2), r.uniform(0.7, 1.3, 2)
    region = n.init(np.concatenate([[0, 0], begin, [1, 1], end]).astype(np.float32))
    sizes = ints(n, [1, 1, int(r.integers(6, 9)), int(r.integers(1, 7))])
    return n.node("Resize", [x, region, "", sizes], mode="linear", coordinate_transformation_mode="tf_crop_and_resize",
                  extrapolation_value=float(r.choice([0, 7.5]))), TensorProto.FLOAT


def split_parts(n):
    n.opset = 18
    parts = int(n.rng.integers(2, 5))
    x = real_input(n, [2, int(n.rng.integers(parts * (parts - 1), 17))])
    outputs = n.node("Split", [x], parts, axis=1, num_outputs=parts)
    return n.node("Concat", outputs[::-1], axis=1), TensorProto.FLOAT


def pad_axes(n):
    n.opset = int(n.rng.choice([18, 19, 21]))
    mode = str(n.rng.choice(["constant", "reflect", "edge"] + ["wrap"] * (n.opset > 18)))
    x = real_input(n, [2, 5, 4])
    value = n.init(np.float32(1.5)) if mode == "constant" else ""
    return n.node("Pad", [x, ints(n, [1, 2, 2, 1]), value, ints(n, [-1, 1])], mode=mode), TensorProto.FLOAT


def reduce_axes(n):
    n.opset = 18
    kinds = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    kind = str(n.rng.choice(kinds))
    x = n.node("Abs", [real_input(n, [2, 3, 4])])
    axes = [ints(n, [int(n.rng.integers(-3, 3))])] if n.rng.random() < 0.7 else []
    y = n.node("Reduce" + kind, [x] + axes, keepdims=int(n.rng.integers(0, 2)), noop_with_empty_axes=int(n.rng.integers(0, 2)))
    return y, TensorProto.FLOAT


def pool_dilated(n):
    n.opset = 22
    r = n.rng
    axes = int(r.integers(1, 4))
    x = real_input(n, [1, 2] + [int(v) for v in r.integers(7, 10, axes)])
    kernel = [int(v) for v in r.integers(2, 4, axes)]
    attributes = dict(kernel_shape=kernel, strides=[int(v) for v in r.integers(1, 4, axes)],
                      dilations=[int(v) for v in r.integers(1, 3, axes)], pads=[1] * (2 * axes),
                      ceil_mode=int(r.integers(0, 2)))
    op = str(r.choice(["AveragePool", "LpPool", "MaxPool"]))
    if op == "AveragePool":
        attributes["count_include_pad"] = int(r.integers(0, 2))
    if op == "LpPool":
        attributes["p"] = int(r.integers(1, 4))
    return n.node(op, [x], **attributes), TensorProto.FLOAT


def gelu(n):
    n.opset = 20
    return n.node("Gelu", [real_input(n, [3, 7])], approximate=str(n.rng.choice(["none", "tanh"]))), TensorProto.FLOAT


def half_constants(n):
    """Weights in float16 and float64, brought to float32."""
    n.opset = 21
    x = real_input(n, [3, 5])
    dtype = n.rng.choice([np.float16, np.float64])
    w = n.node("Cast", [n.init(n.rng.normal(0, 1, [5, 4]).astype(dtype))], to=TensorProto.FLOAT)
    return n.node("MatMul", [x, w]), TensorProto.FLOAT


def blocked(n):
    n.opset = 21
    axis, block = int(n.rng.integers(0, 2)), int(n.rng.integers(2, 4))
    size = [6, 6]
    scales = list(size)
    scales[axis] = 6 // block
    scale = n.init(n.rng.uniform(0.05, 0.2, scales).astype(np.float32))
    zero = n.init(n.rng.integers(-20, 20, scales).astype(np.int8))
    x = real_input(n, size)
    q = n.node("QuantizeLinear", [x, scale, zero], axis=axis, block_size=block)
    return n.node("DequantizeLinear", [q, scale, zero], axis=axis, block_size=block), TensorProto.FLOAT


FLOAT_CASES = {
    "resize_float": resize_float, "resize_aspect": resize_aspect, "resize_crop": resize_crop, "split_parts": split_parts,
    "pad_axes": pad_axes, "reduce_axes": reduce_axes, "pool_dilated": pool_dilated, "gelu": gelu,
    "half_constants": half_constants, "blocked": blocked,
}
