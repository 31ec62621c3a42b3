"""The delegate inside TensorFlow Lite or LiteRT, against what LiteRT's reference kernels gave.

    test_delegate.py MODULE LIBRARY VIA CASES      MODULE: ai_edge_litert or tflite_runtime; VIA: "ref:", "sim:";
                                                   CASES: of delegate_cases.py
"""

import concurrent.futures
import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

module, library, via, path = sys.argv[1:]
lite = importlib.import_module(f"{module}.interpreter")
archive = np.load(path)
passed = 0


def check(is_right, what):
    global passed
    if not is_right:
        sys.exit(f"FAIL delegate: {what}")
    passed += 1


def raises(part, function):
    try:
        function()
    except (ValueError, RuntimeError) as why:
        check(part in str(why), f"the error says {why!s}, without {part!r}")
        return
    check(False, f"no error, where {part!r} was expected")


def model(name):
    return archive[name].tobytes()


def delegate(**options):
    return lite.load_delegate(library, {"via": via, "cache": "none", **options})


def prepared(network, *delegates):
    # What stays is run by the reference kernels; by default XNNPACK would take it, whose bytes are others.
    kind = lite.OpResolverType.BUILTIN_REF
    net = lite.Interpreter(model_content=network, experimental_delegates=list(delegates) or None, experimental_op_resolver_type=kind)
    net.allocate_tensors()
    return net


def run(net, inputs):
    for port, value in zip(net.get_input_details(), inputs, strict=True):
        net.set_tensor(port["index"], value)
    net.invoke()
    return [net.get_tensor(port["index"]) for port in net.get_output_details()]


def case(number):
    names = archive.files
    values = [[archive[f"{number} {word} {i}"] for i in range(64) if f"{number} {word} {i}" in names] for word in ("in", "out")]
    return str(archive[f"{number} name"]), model(f"{number} model"), *values


def is_same(got, expected):
    """Equal bytes; of a float softmax on the host the last bits may differ."""
    return all(np.array_equal(a, b) or (a.dtype == np.float32 and np.allclose(a, b, 3e-7, 0)) for a, b in zip(got, expected, strict=True))


def parts(net):
    """How many parts of the network Weft runs."""
    return [row["op_name"] for row in net._get_ops_details()].count("DELEGATE")


def check_cases():
    """Whole networks, halves, and the options of every operator."""
    shared, strict, claimed, operators = delegate(), delegate(strict="1"), 0, set()
    for number in range(int(archive["count"])):
        name, network, inputs, expected = case(number)
        if via != "ref:" and name.startswith("operator") and number % 11:
            continue
        if name.startswith("operator") and module != "ai_edge_litert":  # others lack some kernels: only what needs none of them
            try:
                net = prepared(network, strict)
            except RuntimeError:
                continue
        else:
            net = prepared(network, shared)
        weft = parts(net)
        got = run(net, inputs)
        if name.startswith("operator"):
            claimed += weft > 0
            operators.add(name.split()[1])
        else:
            check(weft == 1, f"{name}: {weft} parts run on Weft, not one")
        if weft:
            check(is_same(got, expected), f"{name} (case {number}) differs")
        if name.startswith(("network", "plain")):
            check(is_same(run(prepared(network, delegate(strict="1")), inputs), expected), f"{name} with strict differs")
    return claimed, len(operators)


def check_refusals():
    """Half a network with strict is an error that says what is in the way; without, the rest stays with the runtime."""
    raises("GATHER_ND", lambda: prepared(model("strict"), delegate(strict="1")))
    raises("quantise", lambda: prepared(model("floats"), delegate(strict="1")))
    x = np.float32([[1, -2, 3, 0.5]])
    check(np.array_equal(run(prepared(model("floats"), delegate()), [x])[0], x + x), "a float network")
    raises("", lambda: prepared(model("dynamic"), delegate()))  # weft.tflite.interpreter() goes on without:
    # the runtime refuses any delegate for sizes that depend on data, and logs it


def check_sizes():
    """Inputs that are resized: the network is claimed anew."""
    wide, expected = archive["images in"], archive["images out"]
    net = prepared(model("images"), delegate())
    for count in (1, 3, 2, 1):
        net.resize_tensor_input(net.get_input_details()[0]["index"], [count, *wide.shape[1:]])
        net.allocate_tensors()
        check(parts(net) == 1, f"{count} images are not on Weft")
        check(np.array_equal(run(net, [wide[:count]])[0], expected[:count]), f"{count} images differ")


def check_options():
    raises("nowhere", lambda: delegate(via="nowhere:"))
    raises("strict is 0 or 1", lambda: delegate(strict="yes"))
    raises("no option turbo", lambda: delegate(turbo="1"))
    raises("litert or tflm", lambda: delegate(truth="onnx"))
    raises("longer than", lambda: delegate(cache="x" * 2000))
    raises("weft: ", lambda: delegate(via="ref:shape=0x0"))


def check_cache(name, network, inputs, expected):
    def same(**options):
        return is_same(run(prepared(network, delegate(**options)), inputs), expected)

    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "a" / "b"
        check(same(cache=str(cache)), f"{name} with an empty cache differs")
        entry = next(cache.iterdir())
        check([entry] == list(cache.iterdir()) and entry.suffix == ".weft", f"the cache holds {list(cache.iterdir())}")
        written, good = entry.stat().st_mtime_ns, entry.read_bytes()
        check(same(cache=str(cache)) and entry.stat().st_mtime_ns == written, f"{name} from the cache differs, or is compiled again")
        for bad in b"", good[:100], good[:-1], good + b"x", bytes(len(good)), good[:200] + b"\xff" * 8 + good[208:]:
            entry.write_bytes(bad)
            check(same(cache=str(cache)) and entry.read_bytes() == good, f"a damaged entry of {len(bad)} bytes")
        entry.unlink()
        entry.mkdir()
        check(same(cache=str(cache)), "a directory instead of an entry")
        (Path(folder) / "file").touch()
        check(same(cache=f"{folder}/file/below"), "a cache that cannot be made")
        check(same(truth="tflm") is not None and not list(Path(folder).glob("file/*")), "another truth")
        os.environ["XDG_CACHE_HOME"] = folder
        prepared(network, lite.load_delegate(library, {"via": via}))
        check(len(list((Path(folder) / "weft").glob("*.weft"))) == 1, "the user's own directory has no entry")


def check_threads(network, inputs, expected):
    """Interpreters in threads share a delegate, and so a device; they come and go."""
    shared = delegate()

    def work(_):
        net = prepared(network, shared)
        return all(is_same(run(net, inputs), expected) for _ in range(5))

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        check(all(pool.map(work, range(24))), "interpreters in threads differ")
    for _ in range(20):
        check(is_same(run(prepared(network, delegate()), inputs), expected), "a delegate after others")


claimed, operators = check_cases()
check_refusals()
check_sizes()
check_options()
first = next(case(i) for i in range(int(archive["count"])) if str(archive[f"{i} name"]).startswith("plain"))
check_cache(*first)
check_threads(*first[1:])
print(f"ok delegate: {passed} checks in {module} on {via}, {claimed} networks of {operators} operators on Weft")
