"""The C interface of Weft for ctypes: structs, enumerations and functions of weft.h and weft_compiler.h.

Nothing here decides anything; tests/python/test_abi.py compares every struct, member and function with the headers.
The libraries are those in this package (lib/), or in the directory that WEFT_LIBRARY_PATH names, or the system's.
"""

import ctypes
import os
from ctypes import CFUNCTYPE, POINTER, Structure
from ctypes import c_char_p as text
from ctypes import c_double, c_float, c_int, c_int32, c_uint32, c_uint64, c_void_p

MAX_DIMS = 8
ERROR_TEXT_BYTES = 1024
FOREVER = 0xFFFFFFFF

FORM_MODEL, FORM_INT8, FORM_FLOAT32 = 0, 1, 2
TYPES = ("int8", "uint8", "float32", "int32", "int64")  # weft_type
WHERE = ("device", "layer", "host")  # weft_where
TRUTHS = ("model", "litert")  # weft_truth
CALIBRATIONS = ("minmax", "percentile", "mse")  # weft_calibration
NETWORK_ALL_OUTPUTS = 1
COMPILE_DEVICE_ONLY = 1
QUANTIZER_UINT8, QUANTIZER_REDUCED_RANGE = 1, 2
JOB_ENDED = CFUNCTYPE(None, c_void_p, c_int, text)
PROGRESS = CFUNCTYPE(c_int, c_void_p, c_double)
SAMPLE = CFUNCTYPE(c_int, c_void_p, c_uint32, c_uint32, c_void_p, c_uint64)


def _struct(name, *members):
    """A struct that begins with struct_bytes, which it sets itself."""

    def begin(self, *values, **named):
        Structure.__init__(self, *values, **named)
        self.struct_bytes = ctypes.sizeof(type(self))

    fields = [("struct_bytes", c_uint32), *members]
    return type(name, (Structure,), {"_fields_": fields, "__init__": begin})


class weft_error(Structure):
    _fields_ = [("status", c_int), ("text", ctypes.c_char * ERROR_TEXT_BYTES)]


class weft_bind(Structure):
    _fields_ = [("name", text), ("size", c_uint32), ("axis", c_uint32)]


def _numbers(kind, names):
    return [(name, kind) for name in names.split()]


weft_array = _struct("weft_array", *_numbers(c_uint32, "rows cols lanes fb_words word_bytes acc_depth mem_bytes mem_size lacks"))
weft_program_info = _struct(
    "weft_program_info",
    *_numbers(c_uint32, "isa_version input_count output_count layer_count command_count host_step_count source_crc32"),
    *_numbers(c_uint64, "source_bytes memory_bytes macs predicted_cycles"),
    *_numbers(text, "source_kind source_name source_producer compile_options made_by"),
)
weft_port_info = _struct(
    "weft_port_info",
    ("type", c_uint32),
    ("name", text),
    ("layout", text),
    ("rank", c_uint32),
    ("dims", c_uint32 * MAX_DIMS),
    *_numbers(c_uint64, "elements model_bytes int8_bytes float32_bytes"),
    ("scale", c_float),
    ("zero_point", c_int32),
    ("int8_scale", c_float),
    ("int8_zero_point", c_int32),
    ("host_steps", ctypes.c_char * 64),
)
weft_program_layer_info = _struct(
    "weft_program_layer_info",
    *_numbers(c_uint32, "first_command command_count"),
    *_numbers(text, "name op"),
    *_numbers(c_uint64, "macs predicted_cycles"),
)
weft_listing = _struct(
    "weft_listing",
    ("address", ctypes.c_char * 128),
    ("text", ctypes.c_char * 128),
    ("serial", ctypes.c_char * 64),
    ("speed", ctypes.c_char * 32),
    *_numbers(c_uint32, "power_ma release"),
)
weft_device_info = _struct(
    "weft_device_info",
    ("isa_version", c_uint32),
    ("address", text),
    *_numbers(c_uint64, "memory_bytes memory_free memory_free_at_once"),
    *_numbers(c_uint32, "loaded_count most_jobs jobs lost"),
)
weft_load_options = _struct("weft_load_options", ("port_sets", c_uint32))
_data = [("form", c_uint32), ("data", c_void_p), ("bytes", c_uint64)]
weft_input = _struct("weft_input", *_data)
weft_output = _struct("weft_output", *_data)
weft_request = _struct(
    "weft_request",
    *_numbers(c_uint32, "input_count output_count"),
    ("inputs", POINTER(weft_input)),
    ("outputs", POINTER(weft_output)),
    ("port_set", c_void_p),
    ("ended", JOB_ENDED),
    ("self", c_void_p),
)
weft_stats = _struct(
    "weft_stats",
    ("last_cycles", c_uint32),
    *_numbers(c_uint64, "runs cycles"),
    ("run_seconds", c_double),
    ("elapsed_cycles", c_uint64),
)
REFUSED = CFUNCTYPE(None, c_void_p, c_void_p)
weft_refusal = _struct("weft_refusal", ("count", c_uint32), *_numbers(text, "op name why"))
weft_network_options = _struct(
    "weft_network_options",
    ("flags", c_uint32),
    ("binds", POINTER(weft_bind)),
    *_numbers(c_uint32, "bind_count truth"),
    ("refused", REFUSED),
    ("self", c_void_p),
)
weft_network_info = _struct(
    "weft_network_info", *_numbers(c_uint32, "input_count output_count operator_count"), *_numbers(text, "format producer")
)
weft_tensor_info = _struct(
    "weft_tensor_info",
    ("type", c_uint32),
    ("name", text),
    ("rank", c_uint32),
    ("dims", c_uint32 * MAX_DIMS),
    ("is_quantised", c_uint32),
    ("scale", c_float),
    ("zero_point", c_int32),
    ("reserved", c_uint32),
    *_numbers(c_uint64, "elements bytes"),
)
weft_operator_info = _struct("weft_operator_info", ("where", c_uint32), *_numbers(text, "name op why"))
weft_compiler_options = _struct("weft_compiler_options", ("flags", c_uint32), ("progress", PROGRESS), ("self", c_void_p))
weft_compiled_info = _struct(
    "weft_compiled_info",
    *_numbers(c_uint32, "commands host_steps layer_count"),
    *_numbers(c_uint64, "macs predicted_cycles memory_bytes"),
)
weft_quantizer_options = _struct(
    "weft_quantizer_options",
    *_numbers(c_uint32, "flags calibration bind_count"),
    ("binds", POINTER(weft_bind)),
    ("percentile", c_double),
    ("seed", c_uint64),
)
weft_quantizer_info = _struct(
    "weft_quantizer_info", *_numbers(c_uint32, "input_count activation_count compared agree reserved")
)
weft_samples = _struct("weft_samples", ("count", c_uint32), ("get", SAMPLE), ("progress", PROGRESS), ("self", c_void_p))
weft_quantized_info = _struct(
    "weft_quantized_info",
    ("scale", c_float),
    *_numbers(text, "name op"),
    ("zero_point", c_int32),
    ("reserved", c_uint32),
    *_numbers(c_double, "own_db all_db"),
)

# What can fail takes a weft_error at its end and returns a status.
_handle, _count, _size, _error = c_void_p, c_uint32, c_uint64, POINTER(weft_error)
_out = POINTER(c_void_p)
RUNTIME = {
    "weft_version": (text,),
    "weft_status_name": (text, c_int),
    "weft_program_open": (c_int, text, _out, _error),
    "weft_program_parse": (c_int, c_void_p, _size, _out, _error),
    "weft_program_close": (None, _handle),
    "weft_program_describe": (c_int, _handle, POINTER(weft_program_info), _error),
    "weft_program_array": (c_int, _handle, POINTER(weft_array), _error),
    "weft_program_describe_input": (c_int, _handle, _count, POINTER(weft_port_info), _error),
    "weft_program_describe_output": (c_int, _handle, _count, POINTER(weft_port_info), _error),
    "weft_program_describe_layer": (c_int, _handle, _count, POINTER(weft_program_layer_info), _error),
    "weft_device_list": (c_int, _count, POINTER(weft_listing), _error),
    "weft_open": (c_int, text, _out, _error),
    "weft_close": (c_int, _handle),
    "weft_device_describe": (c_int, _handle, POINTER(weft_device_info), _error),
    "weft_device_array": (c_int, _handle, POINTER(weft_array), _error),
    "weft_recover": (c_int, _handle, _error),
    "weft_load": (c_int, _handle, _handle, POINTER(weft_load_options), _out, _error),
    "weft_unload": (None, _handle),
    "weft_submit": (c_int, _handle, POINTER(weft_request), _out, _error),
    "weft_wait": (c_int, _handle, c_uint32, _error),
    "weft_cancel": (None, _handle),
    "weft_job_free": (None, _handle),
    "weft_loaded_stats": (c_int, _handle, POINTER(weft_stats), _error),
    "weft_counter_name": (text, _count),
    "weft_device_counters": (c_int, _handle, POINTER(c_uint32), _count, _error),
}
COMPILER = {
    "weft_network_open": (c_int, text, POINTER(weft_network_options), _out, _error),
    "weft_network_parse": (c_int, c_void_p, _size, POINTER(weft_network_options), _out, _error),
    "weft_network_close": (None, _handle),
    "weft_network_describe": (c_int, _handle, POINTER(weft_network_info), _error),
    "weft_network_describe_input": (c_int, _handle, _count, POINTER(weft_tensor_info), _error),
    "weft_network_describe_output": (c_int, _handle, _count, POINTER(weft_tensor_info), _error),
    "weft_network_describe_operator": (c_int, _handle, _count, POINTER(weft_operator_info), _error),
    "weft_array_parse": (c_int, text, POINTER(weft_array), _error),
    "weft_network_compile": (c_int, _handle, POINTER(weft_array), POINTER(weft_compiler_options), _out, _error),
    "weft_compiled_close": (None, _handle),
    "weft_compiled_bytes": (c_void_p, _handle, POINTER(c_uint64)),
    "weft_compiled_describe_operator": (c_int, _handle, _count, POINTER(weft_operator_info), _error),
    "weft_quantizer_open": (c_int, text, POINTER(weft_quantizer_options), _out, _error),
    "weft_quantizer_parse": (c_int, c_void_p, _size, POINTER(weft_quantizer_options), _out, _error),
    "weft_quantizer_close": (None, _handle),
    "weft_quantizer_describe": (c_int, _handle, POINTER(weft_quantizer_info), _error),
    "weft_quantizer_describe_input": (c_int, _handle, _count, POINTER(weft_tensor_info), _error),
    "weft_quantizer_run": (c_int, _handle, POINTER(weft_samples), _error),
    "weft_quantizer_bytes": (c_void_p, _handle, POINTER(c_uint64)),
}


def library_path(name):
    """Where a library is: in the directory that is named, in this package, or where the system finds its bare name."""
    file = f"lib{name}.so.1"
    folder = os.environ.get("WEFT_LIBRARY_PATH")
    if folder is None:
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib")
        if not os.path.exists(os.path.join(folder, file)):
            folder = ""
    return os.path.join(folder, file)


def _find(name):
    try:
        return ctypes.CDLL(library_path(name))
    except OSError as why:
        raise ImportError(
            f"lib{name}.so.1 of Weft cannot be loaded ({why}): install the wheel or the library, or name its directory in "
            f"WEFT_LIBRARY_PATH"
        ) from None


def _load(name, functions):
    library = _find(name)
    for function, (result, *arguments) in functions.items():
        try:
            native = getattr(library, function)
        except AttributeError:
            raise ImportError(f"lib{name} has no {function}: install the library of the same version as this package") from None
        native.restype, native.argtypes = result, arguments
    return library


runtime = _load("weft", RUNTIME)
compiler = _load("weft_compiler", COMPILER)
