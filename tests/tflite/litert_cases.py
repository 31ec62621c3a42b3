"""Random networks of one operator, run live by LiteRT's reference kernels: what TensorFlow Lite Micro lacks.

    litert_cases.py OUT SEED COUNT [OPERATOR]

Writes a file like tflm_cases.py: the operators there with uint8 in the scheme of 2018 (weights with zero points of their
own), weights of four bits, channels that are dead.  tests/tflite/litert_cases.bin was recorded with ai-edge-litert 2.3.0.
Exit status: 0 written; 77 skipped, because ai-edge-litert is not installed (pip install ai-edge-litert).
"""
import os
import struct
import sys

import tflm_cases as cases
from tflm_cases import I8, U8, I32, OPERATORS, code, np, options, r, tfl

try:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
except ImportError as missing:
    print(f"skipped litert_cases: {missing}")
    sys.exit(77)

WEIGHTED = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"}


# What LiteRT has no uint8 kernel for, what Weft refuses of uint8, and what is about something else.
OTHERS = {"SQUARED_DIFFERENCE", "ABS", "ELU", "RSQRT", "BATCH_MATMUL", "BROADCAST_TO", "L2_NORMALIZATION",
          "float by channel"}


def buffer_of(n, t):
    return n.model.buffers[t.buffer] if t.buffer else None


def one_scale(n):
    """The weights and the bias of its operator on one scale each, as uint8 demands."""
    w = n.graph.tensors[n.op.inputs[1]]
    x = n.graph.tensors[n.op.inputs[2 if len(n.op.inputs) > 2 and n.op.inputs[2] in n.graph.inputs else 0]]
    w.quantization.scale, w.quantization.zeroPoint = [max(w.quantization.scale)], [0]
    for i in n.op.inputs[2:]:
        if i >= 0 and n.graph.tensors[i].type == I32:
            q = n.graph.tensors[i].quantization = tfl.QuantizationParametersT()
            q.scale, q.zeroPoint = [float(np.float32(x.quantization.scale[0] * w.quantization.scale[0]))], [0]


def as_uint8(n):
    """The same network of 2018: every int8 is uint8, plus 128, and weights have a zero point of their own."""
    weights = None
    if n.name in WEIGHTED:
        one_scale(n)
        weights = n.graph.tensors[n.op.inputs[1]]
    for t in n.graph.tensors:
        if t.type != I8:
            continue
        t.type = U8
        t.quantization.zeroPoint = [z + 128 for z in t.quantization.zeroPoint]
        if buffer_of(n, t):
            buffer_of(n, t).data = [b ^ 0x80 for b in buffer_of(n, t).data]
        if t is weights:
            t.quantization.zeroPoint = [r.choice([128, 0, 255, r.randint(0, 255), r.randint(100, 150)])]
    n.data = [(v.view(np.uint8) ^ 0x80) if v.dtype == np.int8 else v for v in n.data]
    return n


def concatenation_of_scales():
    """Only uint8 may join parts of different scales."""
    n = OPERATORS["CONCATENATION"]()
    for t in n.graph.tensors:
        if r.random() < 0.6:
            t.quantization.scale, t.quantization.zeroPoint = [cases.near(t.quantization.scale[0])], [cases.zero()]
    return n


def quarter(n):
    """Weights of four bits, two to a byte."""
    w = n.graph.tensors[n.op.inputs[1]]
    b = np.array(buffer_of(n, w).data, np.uint8).view(np.int8).astype(int) // 16
    if len(b) % 2:
        b = np.append(b, 0)
    b = b & 15
    buffer_of(n, w).data = [int(v) for v in b[::2] | b[1::2] << 4]
    w.type = tfl.TensorType.INT4
    return n


def dead_channel(n):
    s = n.graph.tensors[n.op.inputs[1]].quantization
    s.scale = [0.0 if r.random() < 0.5 else v for v in s.scale]
    return n


def constant_quantize():
    """QUANTIZE of a constant, added to what is not."""
    n = OPERATORS["QUANTIZE"]()
    while n.graph.tensors[0].type == U8:
        n = OPERATORS["QUANTIZE"]()
    data, x, y = n.data.pop(), n.graph.inputs.pop(), n.op.outputs[0]
    n.model.buffers.append(tfl.BufferT())
    n.model.buffers[-1].data = list(data.tobytes())
    n.graph.tensors[x].buffer = len(n.model.buffers) - 1
    n.graph.outputs = []
    other = n.x(list(data.shape))
    n.op.inputs.pop()
    cases.chain(n, ("ADD", [y, other], [n.tensor(list(data.shape), scales=[n.quant(y)["scales"][0] * 2])]))
    n.graph.operators[-1].builtinOptions, n.graph.operators[-1].builtinOptionsType = options("AddOptions")
    n.graph.outputs = [len(n.graph.tensors) - 1]
    return n


def rounded(name, x, w, y, acc):
    """What acc is in steps of y in the two ways between which the case decides."""
    short, long = cases.split_factor(float(x * w) / float(y)), cases.split_factor(float(x) * float(w) / float(y))
    if name == "FULLY_CONNECTED":
        return cases.requantise(acc, *long), int(np.floor(acc * (float(x) * float(w) / float(y)) + 0.5))
    return cases.requantise(acc, *short), cases.requantise(acc, *long)


def product_of_scales(name):
    """A bias alone, at which it shows how the factor is computed and how often the sum is rounded."""
    while True:
        x, w, y = (np.float32(2.0 ** r.uniform(*range)) for range in ((-6, -2), (-9, -5), (2, 6)))
        k = r.randint(3, 120)
        at = round((k + 0.5) * float(y) / (float(x) * float(w)))
        for acc in range(at - 2, at + 3):
            if acc < 2 ** 31 - 2 ** 16 and len(set(rounded(name, x, w, y, acc))) == 2:
                return bias_net(name, x, w, y, acc)


def bias_net(name, x, w, y, acc):
    common = dict(padding=1, strideH=1, strideW=1, fusedActivationFunction=0)
    kind = {"CONV_2D": options("Conv2DOptions", **common), "TRANSPOSE_CONV": options("TransposeConvOptions", **common),
            "DEPTHWISE_CONV_2D": options("DepthwiseConv2DOptions", depthMultiplier=1, **common),
            "FULLY_CONNECTED": options("FullyConnectedOptions", fusedActivationFunction=0)}[name]
    n = cases.Net(code(name), *kind)
    shape = [1, 1] if name == "FULLY_CONNECTED" else [1, 1, 1, 1]
    if name == "TRANSPOSE_CONV":
        n.const(shape)
        n.const(np.zeros(shape), I8, scales=[float(w)], zeros=[0])
        n.x(shape, scales=[float(x)])
    else:
        n.x(shape, scales=[float(x)])
        n.const(np.zeros(shape), I8, scales=[float(w)], zeros=[0])
    n.const([acc])
    n.graph.tensors[-1].quantization = tfl.QuantizationParametersT()
    n.graph.tensors[-1].quantization.scale = [float(np.float32(x * w))]
    n.graph.tensors[-1].quantization.zeroPoint = [0]
    n.y(shape, scales=[float(y)], zeros=[0])
    return n


def computed_shape():
    """A list for TILE or PAD made of the sizes of a tensor, step by step."""
    shape = [r.randint(1, 3), r.randint(2, 4), r.randint(1, 3)]
    pads = r.random() < 0.5
    n = cases.Net(code("SHAPE"), *options("ShapeOptions", outType=I32))
    x, more = n.x(shape), []
    known = [(n.tensor([3], I32), np.array(shape))]
    n.op.outputs = [known[0][0]]

    def step(name, inputs, value, opts=None):
        i = n.tensor(list(np.shape(value)), I32)
        more.append((name, inputs, [i], opts))
        known.append((i, np.asarray(value)))
        return i

    const = lambda v: n.tensor(list(np.shape(v)), I32, data=v)
    parts = [n.tensor([], I32) for _ in range(3)]
    more.append(("UNPACK", [known[0][0]], parts, options("UnpackOptions", num=3, axis=0)))
    scalars = list(zip(parts, shape))
    for _ in range(r.randint(1, 4)):
        (i, v), k = r.choice(scalars), r.randint(1, 3)
        name = r.choice(["ADD", "MUL", "SUB", "FLOOR_DIV"])
        w = {"ADD": v + k, "MUL": v * k, "SUB": max(v, k) - min(v, k), "FLOOR_DIV": v // k}[name]
        pair = [i, const(k)] if name != "SUB" or v >= k else [const(k), i]
        scalars.append((step(name, pair, w), w))
    scalars = [(i, v) for i, v in scalars if 0 <= v <= 4]
    if pads:
        rows = []
        for _ in shape:
            (i, v), (j, w) = r.choice(scalars), r.choice(scalars)
            rows.append((step("PACK", [i, j], [v, w], options("PackOptions", valuesCount=2, axis=0)), [v, w]))
        table = [v for _, v in rows]
        last = step("PACK", [i for i, _ in rows], table, options("PackOptions", valuesCount=3, axis=0))
        out = [d + a + b for d, (a, b) in zip(shape, table)]
        kind = ("PAD", options("PadOptions"))
    else:
        chosen = [r.choice([s for s in scalars if s[1] > 0]) for _ in shape]
        last = step("PACK", [i for i, _ in chosen], [v for _, v in chosen], options("PackOptions", valuesCount=3, axis=0))
        last = step("BROADCAST_ARGS", [last, const([1, 1, 1])], [v for _, v in chosen])
        out = [d * v for d, (_, v) in zip(shape, chosen)]
        kind = ("TILE", options("TileOptions"))
    y = n.tensor(out, **n.quant(x))
    more.append((kind[0], [x, last], [y], kind[1]))
    cases.chain(n, *[m[:3] for m in more])
    for op, m in zip(n.graph.operators[1:], more):
        if m[3]:
            op.builtinOptions, op.builtinOptionsType = m[3]
    n.graph.outputs = [y]
    return n


def operator(n, graph, name, inputs, outputs, opts=(None, 0)):
    oc, op = tfl.OperatorCodeT(), tfl.OperatorT()
    oc.builtinCode, oc.deprecatedBuiltinCode, oc.version = code(name), min(code(name), 127), 1
    n.model.operatorCodes.append(oc)
    op.opcodeIndex, op.inputs, op.outputs = len(n.model.operatorCodes) - 1, inputs, outputs
    op.builtinOptions, op.builtinOptionsType = opts
    graph.operators.append(op)


def beginning(n, name, state):
    """A subgraph that fills the variable with zero points."""
    main, n.graph = n.graph, tfl.SubGraphT()
    g = n.graph
    g.tensors, g.inputs, g.outputs, g.operators = [], [], [], []
    n.model.subgraphs.append(g)
    h = n.tensor([], tfl.TensorType.RESOURCE)
    q = main.tensors[state].quantization
    c = n.tensor(main.tensors[state].shape, scales=q.scale, zeros=q.zeroPoint,
                 data=np.full(main.tensors[state].shape, q.zeroPoint[0]))
    operator(n, g, "VAR_HANDLE", [], [h], options("VarHandleOptions", container="", sharedName=name))
    operator(n, g, "ASSIGN_VARIABLE", [h, c], [], options("AssignVariableOptions"))
    n.graph = main


def stream():
    """A convolution over the last rows of a stream, which a variable keeps: one of its runs."""
    n = cases.Net(code("CALL_ONCE"), *options("CallOnceOptions", initSubgraphIndex=1))
    kept, fresh, c, co = r.randint(1, 4), r.randint(1, 2), r.randint(1, 6), r.randint(1, 5)
    g, q = n.graph, {"scales": [cases.scale()], "zeros": [cases.zero()]}
    x = n.tensor([1, fresh, 1, c], **q)
    g.inputs.append(x)
    n.graph.operators = [n.op]
    handle = n.tensor([], tfl.TensorType.RESOURCE)
    state, whole, tail = (n.tensor([1, rows, 1, c], **q) for rows in (kept, kept + fresh, kept))
    operator(n, g, "VAR_HANDLE", [], [handle], options("VarHandleOptions", container="", sharedName="rows"))
    operator(n, g, "READ_VARIABLE", [handle], [state], options("ReadVariableOptions"))
    operator(n, g, "CONCATENATION", [state, x], [whole], options("ConcatenationOptions", axis=1, fusedActivationFunction=0))
    ends = [n.tensor([4], I32, data=v) for v in ([0, fresh, 0, 0], [1, kept + fresh, 1, c], [1, 1, 1, 1])]
    operator(n, g, "STRIDED_SLICE", [whole] + ends, [tail], options("StridedSliceOptions"))
    operator(n, g, "ASSIGN_VARIABLE", [handle, tail], [], options("AssignVariableOptions"))
    w = n.tensor([co, kept + fresh, 1, c], scales=[0.01] * co, zeros=[0] * co,
                 data=[[r.randint(-127, 127) for _ in range(c)] for _ in range(co * (kept + fresh))])
    g.tensors[w].shape = [co, kept + fresh, 1, c]
    y = n.tensor([1, 1, 1, co], scales=cases.sum_scale(q["scales"][0], 0.01, c * (kept + fresh)))
    b = n.tensor([co], I32, data=[r.randint(-3000, 3000) for _ in range(co)])
    operator(n, g, "CONV_2D", [whole, w, b], [y],
             options("Conv2DOptions", padding=1, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1))
    g.outputs = [y]
    beginning(n, "rows", state)
    runs = [np.array([r.randint(-128, 127) for _ in range(fresh * c)], np.int8).reshape(1, fresh, 1, c)
            for _ in range(r.randint(1, 4))]
    seen = np.concatenate([np.full([1, kept, 1, c], q["zeros"][0], np.int8)] + runs, 1)
    n.stream, n.after = runs, seen[:, -kept:]
    n.data = [runs[-1], seen[:, -kept - fresh:-fresh]]
    return n


def run_stream(n):
    """The output of the last run, and the rows that are kept behind it."""
    net = cases.Lite(n.bytes())
    for rows in n.stream:
        net.set_input(rows, 0)
        net.invoke()
    return net.get_output(0).tobytes() + n.after.tobytes()


def named(name, make):
    n = make()
    n.name = name
    return n


KINDS = {f"uint8 {name}": (lambda name=name, make=make: as_uint8(named(name, make))) for name, make in
         list(OPERATORS.items()) + [("CONCATENATION scales", concatenation_of_scales)]
         if not name.endswith("product") and name not in OTHERS}
KINDS |= {f"uint8 {name} product": (lambda name=name: as_uint8(named("product", lambda: product_of_scales(name))))
          for name in sorted(WEIGHTED)}
KINDS |= {f"int4 {name}": (lambda name=name: quarter(named(name, OPERATORS[name])))
          for name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")}
KINDS |= {f"dead channel {name}": (lambda name=name: dead_channel(named(name, OPERATORS[name])))
          for name in ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")}
KINDS["constant QUANTIZE"] = constant_quantize
KINDS["computed shape"] = computed_shape
KINDS["stream"] = stream


# int8 is judged by TensorFlow Lite Micro, whose FULLY_CONNECTED rounds twice, LiteRT's once.
MICRO = {"int4 FULLY_CONNECTED"}


def main():
    out, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    names = [n for n in KINDS if len(sys.argv) < 5 or sys.argv[4] in n]
    cases.judge, cases.PADS = lambda: (Interpreter, OpResolverType.BUILTIN_REF), True
    written, refused = 0, {}
    with open(out, "wb") as f:
        for k in range(count):
            r.seed(f"{seed} {k}")
            name = names[k % len(names)]
            n = KINDS[name]()
            y = run_stream(n) if name == "stream" else cases.run(n, n.bytes(), name not in MICRO)
            if y is None:
                refused[name] = refused.get(name, 0) + 1
                continue
            for block in (f"{name} {seed} {k}".encode(), n.vary(), b"".join(v.tobytes() for v in n.data), y):
                f.write(struct.pack("<I", len(block)) + block)
            written += 1
    print(f"{written} cases of {len(names)} operators, refused by LiteRT: {refused}")


if __name__ == "__main__":
    main()
