"""Weft inside TensorFlow Lite and LiteRT: where its delegate is, and an interpreter with it.

    import weft.tflite
    net = weft.tflite.interpreter("net.tflite", via="sim:")

ai-edge-litert or tflite-runtime is needed only by load_delegate() and interpreter().
"""

import ctypes
import importlib
import os
import warnings

from . import _native


def get_library_path():
    """The path for load_delegate() of the runtime."""
    path = _native.library_path("weft_delegate")
    try:
        ctypes.CDLL(path)
    except OSError as why:
        raise ImportError(f"the delegate is not here ({why}): build it into this package with `make wheel`") from None
    return path


def _runtime():
    for name in "ai_edge_litert", "tflite_runtime", "tensorflow.lite.python":
        try:
            return importlib.import_module(f"{name}.interpreter")
        except ImportError:
            continue
    raise ImportError("neither ai_edge_litert nor tflite_runtime is installed: pip install ai-edge-litert")


def load_delegate(**options):
    """The delegate: via=\"ref:\", \"sim:\", ..; strict=1; cache=a directory, or \"none\"; truth=\"litert\" or \"tflm\"."""
    return _runtime().load_delegate(get_library_path(), options)


def interpreter(model, strict=0, **options):
    """An interpreter, tensors allocated, of a path or of bytes, with the delegate and its options.

    Runtimes refuse every delegate for a network whose sizes depend on data: unless strict, it runs without then.
    """
    runtime = _runtime()
    network = {"model_path": os.fspath(model)} if isinstance(model, (str, os.PathLike)) else {"model_content": bytes(model)}
    delegate = load_delegate(strict=int(strict), **options)
    try:
        net = runtime.Interpreter(**network, experimental_delegates=[delegate])
    except RuntimeError as why:
        if strict:
            raise
        warnings.warn(f"runs without Weft: {str(why) or 'its sizes depend on data'}", stacklevel=2)
        net = runtime.Interpreter(**network)
    net.allocate_tensors()
    return net
