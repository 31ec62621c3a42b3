"""Networks for the delegate, with what LiteRT's reference kernels make of them.

    delegate_cases.py OUT NETWORK.tflite...

Writes OUT, a numpy archive: the networks, half-supported ones, and every operator of tests/tflite/tflm_cases.bin with a
fully connected one behind it, so that it has work for the array; each with inputs and outputs.
"""

import struct
import sys
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

I8, F32, I32 = schema.TensorType.INT8, schema.TensorType.FLOAT32, schema.TensorType.INT32
NUMPY = {I8: np.int8, F32: np.float32, I32: np.int32}
OP, OPTIONS = schema.BuiltinOperator, schema.BuiltinOptions


class Net:
    """A network that grows: tensors are numbers."""

    def __init__(self, model=None):
        self.model = model or schema.ModelT()
        if model is None:
            self.model.version, self.model.buffers, self.model.operatorCodes = 3, [schema.BufferT()], []
            graph = schema.SubGraphT()
            graph.tensors, graph.inputs, graph.outputs, graph.operators = [], [], [], []
            self.model.subgraphs = [graph]
        self.graph = self.model.subgraphs[0]

    def tensor(self, shape, kind=I8, scale=None, zero=0, data=None):
        t = schema.TensorT()
        t.shape, t.type, t.name, t.buffer = [int(d) for d in shape], kind, f"t{len(self.graph.tensors)}".encode(), 0
        if scale is not None:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = [float(s) for s in np.atleast_1d(np.float32(scale))]
            t.quantization.zeroPoint = [int(zero)] * len(t.quantization.scale)
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data, NUMPY[kind]).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            t.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def operator(self, code, inputs, outputs, options=None, kind=0):
        row = schema.OperatorCodeT()
        row.builtinCode, row.deprecatedBuiltinCode, row.version = code, min(code, 127), 1
        self.model.operatorCodes.append(row)
        op = schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = len(self.model.operatorCodes) - 1, inputs, outputs
        op.builtinOptions, op.builtinOptionsType = options, kind
        self.graph.operators.append(op)
        return outputs[0]

    def input(self, shape, **more):
        self.graph.inputs.append(self.tensor(shape, **more))
        return self.graph.inputs[-1]

    def scale(self, tensor):
        return np.float32(self.graph.tensors[tensor].quantization.scale[0])

    def shape(self, tensor):
        return list(self.graph.tensors[tensor].shape)

    def bias(self, random, count, scale):
        return self.tensor([count], I32, scale, data=random.integers(-1000, 1000, count))

    def convolution(self, random, x, outputs, activation=0):
        options = schema.Conv2DOptionsT()
        options.strideW = options.strideH = options.dilationWFactor = options.dilationHFactor = 1
        options.fusedActivationFunction = activation
        batch, height, width, channels = self.shape(x)
        scales = np.float32(random.uniform(0.002, 0.01, outputs))
        w = self.tensor([outputs, 3, 3, channels], I8, scales, data=random.integers(-127, 128, (outputs, 3, 3, channels)))
        y = self.tensor([batch, height, width, outputs], I8, 0.07, random.integers(-20, 20))
        return self.operator(OP.CONV_2D, [x, w, self.bias(random, outputs, self.scale(x) * scales)], [y], options, OPTIONS.Conv2DOptions)

    def fully_connected(self, random, x, outputs):
        depth = int(np.prod(self.shape(x)))
        flat = self.tensor([1, depth], I8, self.scale(x), self.graph.tensors[x].quantization.zeroPoint[0])
        self.operator(OP.RESHAPE, [x, self.tensor([2], I32, data=[1, depth])], [flat], schema.ReshapeOptionsT(), OPTIONS.ReshapeOptions)
        w = self.tensor([outputs, depth], I8, 0.01, data=random.integers(-127, 128, (outputs, depth)))
        y = self.tensor([1, outputs], I8, self.scale(x) * np.float32(0.01 * 20 * depth**0.5))
        return self.operator(OP.FULLY_CONNECTED, [flat, w, self.bias(random, outputs, self.scale(x) * np.float32(0.01))], [y],
                             schema.FullyConnectedOptionsT(), OPTIONS.FullyConnectedOptions)

    def gather_nd(self, x):
        """The same pixels by an operator that Weft does not have."""
        places = np.stack(np.meshgrid(*[np.arange(d) for d in self.shape(x)[:3]], indexing="ij"), -1)
        y = self.tensor(self.shape(x), I8, self.scale(x), self.graph.tensors[x].quantization.zeroPoint[0])
        return self.operator(OP.GATHER_ND, [x, self.tensor(places.shape, I32, data=places)], [y], schema.GatherNdOptionsT(), OPTIONS.GatherNdOptions)

    def bytes(self, *outputs):
        self.graph.outputs = list(outputs) or self.graph.outputs
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())


def plain(seed):
    random, n = np.random.default_rng(seed), Net()
    x = n.convolution(random, n.input([1, 9, 7, 3], scale=0.05, zero=3), 8, seed % 2)
    return n.bytes(n.fully_connected(random, n.convolution(random, x, 4), 11))


def images(seed):
    """Convolutions alone: any number of images goes through."""
    random, n = np.random.default_rng(seed), Net()
    x = n.convolution(random, n.input([1, 9, 7, 3], scale=0.05, zero=3), 8)
    return n.bytes(n.convolution(random, x, 4))


def half(seed, again):
    """An operator that Weft does not have, between convolutions."""
    random, n = np.random.default_rng(seed), Net()
    x = n.convolution(random, n.input([1, 6, 5, 3], scale=0.05, zero=3), 8)
    x = n.gather_nd(n.convolution(random, n.convolution(random, x, 8), 8))
    y = n.convolution(random, x, 4)
    return n.bytes(n.convolution(random, n.gather_nd(y), 4) if again else y)


def around(seed):
    """Likewise beside it: what goes round must not come back into the same part."""
    random, n = np.random.default_rng(seed), Net()
    x = n.convolution(random, n.input([1, 6, 5, 3], scale=0.05, zero=3), 8)
    y = n.tensor(n.shape(x), I8, 0.1, 3)
    n.operator(OP.ADD, [n.convolution(random, x, 8), n.gather_nd(x)], [y], schema.AddOptionsT(), OPTIONS.AddOptions)
    return n.bytes(n.convolution(random, y, 4), x)


def floats():
    n = Net()
    x = n.input([1, 4], kind=F32)
    return n.bytes(n.operator(OP.ADD, [x, x], [n.tensor([1, 4], F32)], schema.AddOptionsT(), OPTIONS.AddOptions))


def dynamic(seed):
    """The sizes of a tensor are an input."""
    random, n = np.random.default_rng(seed), Net()
    x = n.convolution(random, n.input([1, 6, 5, 3], scale=0.05, zero=3), 8)
    y = n.tensor([1, 240], I8, n.scale(x), n.graph.tensors[x].quantization.zeroPoint[0])
    n.operator(OP.RESHAPE, [x, n.input([2], kind=I32)], [y], schema.ReshapeOptionsT(), OPTIONS.ReshapeOptions)
    return n.bytes(y)


def recorded(path):
    """The operators of a file of tflm_cases.py: name, model, inputs."""
    data, at = Path(path).read_bytes(), 0
    while at < len(data):
        blocks = []
        for _ in range(4):
            (count,) = struct.unpack_from("<I", data, at)
            blocks.append(data[at + 4 : at + 4 + count])
            at += 4 + count
        if not blocks[0].startswith(b"refused"):
            yield blocks[0].decode(), blocks[1], blocks[2]


def with_work(model, seed):
    """The network with a fully connected operator behind each int8 output."""
    n = Net(schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0)))
    for buffer in n.model.buffers:  # constants behind the FlatBuffer go into it
        if buffer.offset > 1:
            buffer.data, buffer.offset, buffer.size = np.frombuffer(model[buffer.offset : buffer.offset + buffer.size], np.uint8), 0, 0
    random, outputs = np.random.default_rng(seed), list(n.graph.outputs)
    ends = [n.fully_connected(random, y, 3) for y in outputs if n.graph.tensors[y].type == I8]
    return n.bytes(*outputs, *ends) if ends else None


def split(model, data):
    """Inputs that lie one behind the other."""
    net, at, inputs = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF), 0, []
    for port in net.get_input_details():
        count = int(np.prod(port["shape"])) * np.dtype(port["dtype"]).itemsize
        inputs.append(np.frombuffer(data[at : at + count], port["dtype"]).reshape(port["shape"]))
        at += count
    return inputs


def draw(model, seed):
    net, random = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF), np.random.default_rng(seed)
    return [random.integers(-128, 128, p["shape"]).astype(np.int8) if p["dtype"] == np.int8 else random.standard_normal(p["shape"]).astype(p["dtype"])
            for p in net.get_input_details()]


def truth(model, inputs):
    net = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    net.allocate_tensors()
    for port, value in zip(net.get_input_details(), inputs, strict=True):
        net.set_tensor(port["index"], value)
    net.invoke()
    return [net.get_tensor(port["index"]) for port in net.get_output_details()]


def cases(networks):
    for path in networks:
        model = Path(path).read_bytes()
        for seed in range(3):
            yield f"network {Path(path).stem}", model, draw(model, seed)
    for seed in range(4):
        for kind, model in ("plain", plain(seed)), ("half", half(seed, seed % 2)), ("around", around(seed)):
            yield f"{kind} {seed}", model, draw(model, seed)
    for seed, (name, model, data) in enumerate(recorded("tests/tflite/tflm_cases.bin")):
        # LiteRT refuses to prepare what follows: DEPTHWISE_CONV_2D and others of sizes that only tflite-micro takes.
        try:
            more = with_work(model, seed)
            if more:
                yield f"operator {name}", more, split(more, data)
        except (RuntimeError, ValueError):
            continue


def main():
    arrays, count, left_out = {}, 0, 0
    for name, model, inputs in cases(sys.argv[2:]):
        try:
            outputs = truth(model, inputs)
        except RuntimeError:
            left_out += 1
            continue
        arrays[f"{count} name"], arrays[f"{count} model"] = np.array(name), np.frombuffer(model, np.uint8)
        for word, values in ("in", inputs), ("out", outputs):
            for i, value in enumerate(values):
                arrays[f"{count} {word} {i}"] = value
        count += 1
    for name, model in ("images", images(3)), ("floats", floats()), ("dynamic", dynamic(5)), ("strict", half(1, 1)):
        arrays[name] = np.frombuffer(model, np.uint8)
    wide = draw(images(3), 1)[0].repeat(3, 0)
    wide[1:] = np.random.default_rng(8).integers(-128, 128, wide[1:].shape)
    arrays["images in"] = wide
    arrays["images out"] = np.concatenate([truth(images(3), [wide[i : i + 1]])[0] for i in range(3)])
    np.savez(sys.argv[1], count=count, **arrays)
    print(f"{count} cases, {left_out} that LiteRT does not run")


main()
