"""Weft inside ONNX Runtime: where its execution provider is, and how it is registered.

    import onnxruntime, weft.ort
    options = weft.ort.session_options(via="sim:")
    session = onnxruntime.InferenceSession("net_int8.onnx", options)

onnxruntime (1.23 or newer) is needed only by session_options().
"""

import os


def get_ep_name():
    return "WeftExecutionProvider"


def get_library_path():
    """The path for register_execution_provider_library()."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", "libweft_ep.so.1")
    if not os.path.exists(path):
        raise ImportError(
            "this package was built without the execution provider, which needs the C headers of ONNX Runtime: build it "
            "after `make ort-headers`"
        )
    return path


def session_options(**options):
    """SessionOptions with the provider: via=\"ref:\", \"sim:\", ..; strict=\"1\".  Registers it if it is not yet."""
    import onnxruntime

    def found():
        return [device for device in onnxruntime.get_ep_devices() if device.ep_name == get_ep_name()]

    if not found():
        onnxruntime.register_execution_provider_library("weft", get_library_path())
    session = onnxruntime.SessionOptions()
    session.add_provider_for_devices(found(), options)
    return session
