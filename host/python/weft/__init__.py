"""Run quantised networks on Weft: the C model, the simulated chip, or a board.

    import weft
    program = weft.compile("net.tflite", "shape=16x16")     # or bytes, or an onnx.ModelProto
    with weft.Device("sim:") as device:
        model = device.load(program)
        scores = model.run(image)                             # numpy in, numpy out

Errors are the exceptions below weft.Error, with the sentences of the library.
"""

from . import _native
from ._device import Device, Job, Listing, Model, devices
from ._errors import *  # noqa: F403
from ._errors import CLASSES, Error
from ._network import Network, Operator, compile, quantize
from ._program import Layer, Program
from ._values import Port

__version__ = _native.runtime.weft_version().decode()
__all__ = [
    *("Device", "Job", "Layer", "Listing", "Model", "Network", "Operator", "Port", "Program"),
    *("compile", "devices", "quantize"),
    *("Error", *(kind.__name__ for kind in CLASSES.values())),
]
