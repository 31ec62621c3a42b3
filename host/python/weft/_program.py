"""Compiled networks: what runs on a device."""

import ctypes
import os
import weakref
from dataclasses import dataclass

from . import _native
from ._errors import call
from ._values import address_of, described, name_of, port

_library = _native.runtime


@dataclass(frozen=True)
class Layer:
    """A layer of a program with what the compiler predicts; a step of the host has no cycles."""

    name: str
    op: str
    macs: int
    predicted_cycles: int


class Program:
    """A compiled network, from the path or the bytes of a .weft file.

    .inputs, .outputs (Port), .layers (Layer), .info (dict); .operators is what Network.compile knows, else None.
    """

    operators = None

    def __init__(self, source):
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                source = file.read()
        self._bytes = bytes(source)
        handle = ctypes.c_void_p()
        call(_library.weft_program_parse, address_of(self._bytes), len(self._bytes), handle)
        self._handle = handle
        self._finalizer = weakref.finalize(self, _library.weft_program_close, handle)
        info = _native.weft_program_info()
        call(_library.weft_program_describe, handle, info)
        fields = [name for name, _ in info._fields_[1:]]
        self.info = {f: name_of(v) if isinstance(v := getattr(info, f), bytes) else v for f in fields}
        kind = _native.weft_port_info
        self.inputs = tuple(map(port, described(_library.weft_program_describe_input, handle, info.input_count, kind)))
        self.outputs = tuple(map(port, described(_library.weft_program_describe_output, handle, info.output_count, kind)))

    @property
    def layers(self):
        count, kind = self.info["layer_count"], _native.weft_program_layer_info
        rows = described(_library.weft_program_describe_layer, self._handle, count, kind)
        return tuple(Layer(name_of(r.name), name_of(r.op), r.macs, r.predicted_cycles) for r in rows)

    def __bytes__(self):
        return self._bytes

    def save(self, path):
        """Write the program as a .weft file: beside it first, so that an old file is replaced whole or not at all."""
        beside = f"{os.fspath(path)}.{os.getpid()}"
        try:
            with open(beside, "wb") as file:
                file.write(self._bytes)
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise

    def __repr__(self):
        return f"<weft.Program {self.info['source_name'] or 'without a name'}, {len(self._bytes)} bytes>"
