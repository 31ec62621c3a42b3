"""What is shared by networks and programs: ports, and numpy arrays to and from the library."""

import os
from dataclasses import dataclass

import numpy as np

from . import _native
from ._errors import ArgumentError


@dataclass(frozen=True)
class Port:
    """An input or output as the model has it: real = scale * (element - zero_point), where scale is not None."""

    name: str
    shape: tuple
    dtype: np.dtype
    scale: float | None
    zero_point: int


def name_of(raw):
    """A name of a model as text; what is no UTF-8 is shown as the replacement character."""
    return raw.decode("utf-8", "replace")


def port(info):
    """A Port of weft_port_info or weft_tensor_info."""
    quantised = info.scale != 0
    return Port(
        name_of(info.name),
        tuple(info.dims[: info.rank]),
        np.dtype(_native.TYPES[info.type]),
        info.scale if quantised else None,
        info.zero_point if quantised else 0,
    )


def described(function, handle, count, struct):
    """The structs 0 to count - 1 that `function` describes."""
    from ._errors import call

    rows = []
    for index in range(count):
        row = struct()
        call(function, handle, index, row)
        rows.append(row)
    return rows


def model_bytes(model):
    """(path, None) of a path, (None, bytes) of bytes or of what can be serialised, as an onnx.ModelProto."""
    if isinstance(model, (str, os.PathLike)):
        return os.fsencode(model), None
    if hasattr(model, "SerializeToString"):
        return None, model.SerializeToString()
    try:
        return None, bytes(memoryview(model))
    except TypeError:
        raise ArgumentError(
            f"a model is a path, bytes or an onnx.ModelProto, and this is {type(model).__name__}", -1
        ) from None


def address_of(data):
    """A pointer to the bytes of a bytes object or of a contiguous array, which must be kept meanwhile."""
    return np.frombuffer(data, np.uint8).ctypes.data if isinstance(data, bytes) else data.ctypes.data


def input_array(value, port):
    """(form, contiguous array) of a value for an input: of the model's type, or real values to be quantised."""
    array = np.asarray(value)
    if array.dtype == port.dtype:
        form = _native.FORM_MODEL
    elif array.dtype.kind == "f":
        form, array = _native.FORM_FLOAT32, array.astype(np.float32)
    else:
        raise ArgumentError(
            f'input "{port.name}" takes {port.dtype} as the model has it or floating point, not {array.dtype}: use '
            f".astype({port.dtype.name!r}) if these are the model's own values",
            -1,
        )
    plain = [n for n in array.shape if n != 1]
    if plain != [n for n in port.shape if n != 1]:
        raise ArgumentError(f'input "{port.name}" has shape {port.shape}, and this array {array.shape}', -1)
    return form, np.ascontiguousarray(array)


def binds_of(bind):
    """An array of weft_bind of {"symbol": size, ("input", axis): size}, axes counted from 0."""
    rows = (_native.weft_bind * max(len(bind or {}), 1))()
    for row, (key, size) in zip(rows, (bind or {}).items()):
        name, axis = (key, 0) if isinstance(key, str) else (key[0], key[1] + 1)
        row.name, row.size, row.axis = name.encode(), size, axis
    return rows


def positional(values, named, ports, what):
    """The values in the order of the ports, given by position or by name."""
    if named and values:
        raise ArgumentError(f"give {what} by position or by name, not both", -1)
    if named:
        missing = [p.name for p in ports if p.name not in named]
        unknown = [name for name in named if name not in {p.name for p in ports}]
        if missing or unknown:
            raise ArgumentError(
                f"{what} are named {[p.name for p in ports]}; missing {missing}, unknown {unknown}", -1
            )
        values = [named[p.name] for p in ports]
    if len(values) != len(ports):
        raise ArgumentError(f"there are {len(ports)} {what} and {len(values)} were given", -1)
    return values
