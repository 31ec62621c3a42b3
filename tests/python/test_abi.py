"""Compares every struct, member, enumeration and function of the Python package with the C headers.

    test_abi.py CC INCLUDE...      CC: a C compiler; INCLUDE: directories of headers

Offsets and sizes are asked of the C compiler; the kinds of arguments are read from the headers' text.
"""

import ctypes
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from weft import _errors, _native

failures = 0


def check(is_right, what):
    global failures
    if not is_right:
        failures += 1
        print("FAIL", what)


def structs():
    found = {n: v for n, v in vars(_native).items() if isinstance(v, type) and issubclass(v, ctypes.Structure)}
    return {n: v for n, v in found.items() if v is not ctypes.Structure}


def run_c(compiler, includes, lines):
    """The lines that a C program of these statements prints."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "abi.c")
        source.write_text(
            "#include <stddef.h>\n#include <stdio.h>\n#include <weft/weft_compiler.h>\nint main(void) {\n" + "\n".join(lines) + "\n}\n"
        )
        subprocess.run([*compiler.split(), *(f"-I{i}" for i in includes), "-o", f"{folder}/abi", source], check=True)
        return subprocess.run([f"{folder}/abi"], check=True, capture_output=True, text=True).stdout.splitlines()


def check_structs(compiler, includes):
    lines, expected = [], []
    for name, kind in structs().items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(kind)}")
        for member, *_ in kind._fields_:
            where = f"offsetof({name}, {member}), sizeof((({name} *)0)->{member})"
            lines.append(f'printf("{name}.{member} %zu %zu\\n", {where});')
            field = getattr(kind, member)
            expected.append(f"{name}.{member} {field.offset} {field.size}")
    for got, want in zip(run_c(compiler, includes, lines), expected, strict=True):
        check(got == want, f"C says {got}, the package {want}")
    return len(expected)


def check_values(compiler, includes):
    values = {
        "WEFT_MAX_DIMS": _native.MAX_DIMS,
        "WEFT_ERROR_TEXT_BYTES": _native.ERROR_TEXT_BYTES,
        "WEFT_FOREVER": _native.FOREVER,
        "WEFT_FORM_MODEL": _native.FORM_MODEL,
        "WEFT_FORM_INT8": _native.FORM_INT8,
        "WEFT_FORM_FLOAT32": _native.FORM_FLOAT32,
        "WEFT_NETWORK_ALL_OUTPUTS": _native.NETWORK_ALL_OUTPUTS,
        "WEFT_COMPILE_DEVICE_ONLY": _native.COMPILE_DEVICE_ONLY,
        "WEFT_QUANTIZER_UINT8": _native.QUANTIZER_UINT8,
        "WEFT_QUANTIZER_REDUCED_RANGE": _native.QUANTIZER_REDUCED_RANGE,
        "WEFT_VERSION_MAJOR": 1,  # of the names that the package loads
        **{f"WEFT_TYPE_{n.upper()}": i for i, n in enumerate(_native.TYPES)},
        **{f"WEFT_CALIBRATE_{n.upper()}": i for i, n in enumerate(_native.CALIBRATIONS)},
        **{n: i for i, n in enumerate(("WEFT_ON_DEVICE", "WEFT_IN_LAYER", "WEFT_ON_HOST"))},
    }
    lines = [f'printf("%llu\\n", (unsigned long long){name});' for name in values]
    for name, got in zip(values, run_c(compiler, includes, lines), strict=True):
        check(int(got) == values[name], f"{name} is {got}, the package has {values[name]}")


def kind_of_c(text):
    text = re.sub(r"\bconst\b", "", text)
    if "*" in text or "(" in text or "[" in text:
        return "pointer"
    return {"int": "int", "uint32_t": "u32", "uint64_t": "u64", "double": "double", "void": "void"}[text.split()[0]]


def kind_of_ctypes(kind):
    if kind is None:
        return "void"
    plain = {ctypes.c_int: "int", ctypes.c_uint32: "u32", ctypes.c_uint64: "u64", ctypes.c_double: "double"}
    return plain.get(kind, "pointer")


def check_functions(includes):
    functions = {**_native.RUNTIME, **_native.COMPILER}
    text = ""
    for header in ("weft_status.h", "weft_version.h", "weft.h", "weft_compiler.h"):
        text += next(p for p in (Path(i, "weft", header) for i in includes) if p.exists()).read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found = {n: (r, a) for r, n, a in re.findall(r"^([a-z][\w \*]*?)\b(weft_\w+)\(([^;{}]*)\);", text, flags=re.M)}
    for name, (result, *arguments) in functions.items():
        if name not in found:
            check(False, f"the headers have no {name}")
            continue
        want = [kind_of_c(found[name][0])] + [kind_of_c(a) for a in found[name][1].split(",") if a.strip() != "void"]
        got = [kind_of_ctypes(k) for k in (result, *arguments)]
        check(got == want, f"{name}: the headers say {want}, the package {got}")
    return len(functions)


def check_statuses(includes):
    table = next(p for p in (Path(i, "weft", "weft_status.def") for i in includes) if p.exists()).read_text()
    names = set(re.findall(r"^STATUS\((ERR_\w+),", table, flags=re.M))
    check(names == set(_errors.CLASSES), f"statuses without an exception, or the reverse: {names ^ set(_errors.CLASSES)}")


compiler, *includes = sys.argv[1:]
members = check_structs(compiler, includes)
check_values(compiler, includes)
functions = check_functions(includes)
check_statuses(includes)
if failures:
    sys.exit(1)
print(f"ok abi: {members} structs and members, {functions} functions as in the headers")
