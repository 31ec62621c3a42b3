"""Networks: reading TensorFlow Lite and ONNX, compiling, quantising."""

import ctypes
import weakref
from dataclasses import dataclass

import numpy as np

from . import _native
from ._errors import Unsupported, call
from ._program import Program
from ._values import address_of, binds_of, described, input_array, model_bytes, name_of, port, positional

_library = _native.compiler


@dataclass(frozen=True)
class Operator:
    """An operator: where ("device", "layer": inside that of another, "host") and, in words, why there."""

    name: str
    op: str
    where: str
    why: str


def _operator(info):
    return Operator(name_of(info.name), name_of(info.op), _native.WHERE[info.where], name_of(info.why))


def array_of(array):
    """weft_array of words ("shape=8x8,lanes=4"), of a Device, or of None: the 16x16 array."""
    if array is not None and not isinstance(array, str):
        return array._array()
    row = _native.weft_array()
    call(_library.weft_array_parse, (array or "").encode(), row)
    return row


def _progress(callback, failure):
    """The C callback of progress(done); what it raises is kept in `failure` and ends the work."""

    def called(_, done):
        try:
            callback(done)
            return 0
        except BaseException as raised:  # KeyboardInterrupt too: it must not be lost in C
            failure.append(raised)
            return 1

    return _native.PROGRESS(called) if callback else _native.PROGRESS()


class Network:
    """A quantised network: .inputs and .outputs (Port), .operators (Operator), .compile().

    model   a path, bytes, or an onnx.ModelProto
    bind    sizes of symbolic dimensions: {"N": 1} of a symbol, {("input", 0): 1} of an axis

    truth="litert": the bytes of LiteRT's reference kernels, for a TensorFlow Lite network.
    Raises Unsupported with .refusals, a tuple (count, op, name, why) for each kind.
    """

    def __init__(self, model, *, bind=None, all_outputs=False, truth="model"):
        rows, refusals = binds_of(bind), []

        def refused(_, pointer):
            row = ctypes.cast(pointer, ctypes.POINTER(_native.weft_refusal)).contents
            refusals.append((row.count, name_of(row.op), name_of(row.name), name_of(row.why)))

        options = _native.weft_network_options(
            binds=rows,
            bind_count=len(bind or {}),
            flags=_native.NETWORK_ALL_OUTPUTS if all_outputs else 0,
            truth=_native.TRUTHS.index(truth),
            refused=_native.REFUSED(refused),
        )
        path, data = model_bytes(model)
        handle = ctypes.c_void_p()
        try:
            if path is not None:
                call(_library.weft_network_open, path, options, handle)
            else:
                call(_library.weft_network_parse, address_of(data), len(data), options, handle)
        except Unsupported as why:
            why.refusals = tuple(refusals)
            raise
        self._handle = handle
        self._finalizer = weakref.finalize(self, _library.weft_network_close, handle)
        info = _native.weft_network_info()
        call(_library.weft_network_describe, handle, info)
        self.format, self.producer = name_of(info.format), name_of(info.producer)
        tensor = _native.weft_tensor_info
        self.inputs = tuple(map(port, described(_library.weft_network_describe_input, handle, info.input_count, tensor)))
        self.outputs = tuple(map(port, described(_library.weft_network_describe_output, handle, info.output_count, tensor)))
        rows = described(_library.weft_network_describe_operator, handle, info.operator_count, _native.weft_operator_info)
        self.operators = tuple(map(_operator, rows))

    def compile(self, array=None, *, device_only=False, progress=None):
        """Compile for an array: words ("shape=8x8,lanes=4"), a Device, or None for 16x16.  Returns a Program.

        device_only  refuse what this array is too small for, instead of running it on the host
        progress     called with a number from 0 to 1; what it raises ends the work and is raised here
        """
        failure = []
        options = _native.weft_compiler_options(
            flags=_native.COMPILE_DEVICE_ONLY if device_only else 0, progress=_progress(progress, failure)
        )
        compiled = ctypes.c_void_p()
        try:
            call(_library.weft_network_compile, self._handle, array_of(array), options, compiled)
        except Exception as why:
            raise failure[0] if failure else why from None
        try:
            size = ctypes.c_uint64()
            data = _library.weft_compiled_bytes(compiled, size)
            program = Program(ctypes.string_at(data, size.value))
            describe = _library.weft_compiled_describe_operator
            rows = described(describe, compiled, len(self.operators), _native.weft_operator_info)
            program.operators = tuple(map(_operator, rows))
            return program
        finally:
            _library.weft_compiled_close(compiled)


def compile(model, array=None, *, bind=None, truth="model", device_only=False, progress=None):
    """Network(model, bind=bind, truth=truth).compile(array, ...): a Program of a path, bytes or an onnx.ModelProto."""
    return Network(model, bind=bind, truth=truth).compile(array, device_only=device_only, progress=progress)


def quantize(model, samples, *, calibration="minmax", percentile=0.0, uint8=False, reduced_range=False, bind=None, progress=None):
    """Make an int8 ONNX network (QDQ) of a float one.  Returns the bytes of its file.

    samples      what the network will see: for each sample an array, or a sequence of one array an input
    calibration  "minmax", "percentile" or "mse"
    """
    rows, failure = binds_of(bind), []
    options = _native.weft_quantizer_options(
        flags=(_native.QUANTIZER_UINT8 if uint8 else 0) | (_native.QUANTIZER_REDUCED_RANGE if reduced_range else 0),
        calibration=_native.CALIBRATIONS.index(calibration),
        binds=rows,
        bind_count=len(bind or {}),
        percentile=percentile,
    )
    path, data = model_bytes(model)
    handle = ctypes.c_void_p()
    if path is not None:
        call(_library.weft_quantizer_open, path, options, handle)
    else:
        call(_library.weft_quantizer_parse, address_of(data), len(data), options, handle)
    try:
        info = _native.weft_quantizer_info()
        call(_library.weft_quantizer_describe, handle, info)
        describe = _library.weft_quantizer_describe_input
        ports = tuple(map(port, described(describe, handle, info.input_count, _native.weft_tensor_info)))
        ready = [_sample(sample, ports) for sample in samples]

        def get(_, sample, index, to, size):
            ctypes.memmove(to, ready[sample][index].ctypes.data, size)
            return 0

        rows = _native.weft_samples(count=len(ready), get=_native.SAMPLE(get), progress=_progress(progress, failure))
        try:
            call(_library.weft_quantizer_run, handle, rows)
        except Exception as why:
            raise failure[0] if failure else why from None
        size = ctypes.c_uint64()
        data = _library.weft_quantizer_bytes(handle, size)
        return ctypes.string_at(data, size.value)
    finally:
        _library.weft_quantizer_close(handle)


def _sample(sample, ports):
    """The arrays of one sample, each of exactly the bytes that its input has."""
    values = [sample] if isinstance(sample, np.ndarray) or np.isscalar(sample) else list(sample)
    return [input_array(value, p)[1] for value, p in zip(positional(values, {}, ports, "inputs of a sample"), ports)]
