"""The execution provider inside ONNX Runtime, against the runtime's own integer kernels.

    test_ep.py LIBRARY VIA NETWORK.onnx...     networks of QDQ; VIA: "ref:", "sim:"
"""

import concurrent.futures
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

passed = 0


def check(is_right, what):
    global passed
    if not is_right:
        sys.exit(f"FAIL ep: {what}")
    passed += 1


def raises(part, function, *arguments):
    try:
        function(*arguments)
    except Exception as why:  # the runtime has one class for each of its own codes
        check(part in str(why), f"the error says {why!s}, without {part!r}")
        return
    check(False, f"no error, where {part!r} was expected")


def cpu(model):
    options = ort.SessionOptions()
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def weft(model, entries=None, **options):
    session = ort.SessionOptions()
    session.log_severity_level = 3
    for key, value in (entries or {}).items():
        session.add_session_config_entry(key, value)
    session.add_provider_for_devices(devices, {"via": via, **options})
    return ort.InferenceSession(model, session, enable_fallback=0)  # 1: after a wrong option the runtime goes on without


def feed_of(session, seed, batch=1):
    random = np.random.default_rng(seed)
    feed = {}
    for port in session.get_inputs():
        shape = [d if isinstance(d, int) else batch for d in port.shape]
        if port.type == "tensor(float)":
            feed[port.name] = random.standard_normal(shape).astype(np.float32)
        else:
            kind = np.dtype(port.type[7:-1])
            feed[port.name] = random.integers(np.iinfo(kind).min, np.iinfo(kind).max + 1, shape).astype(kind)
    return feed


def same(a, b):
    """Equal bytes; of real values behind a softmax, whose float kernels differ between processors, the last bits may not be."""
    return all(
        p.dtype == q.dtype and p.shape == q.shape and (np.array_equal(p, q) or (p.dtype == np.float32 and np.allclose(p, q, 3e-7, 0)))
        for p, q in zip(a, b, strict=True)
    )


def random_qdq(seed, middle=None, batch=1, bias=True):
    """Two quantised convolutions with a float operator between them, if `middle` names one."""
    random = np.random.default_rng(seed)
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def quantise(name, value, scale, zero):
        s, z = constant(f"{name}_s", np.float32(scale)), constant(f"{name}_z", np.int8(zero))
        nodes.append(helper.make_node("QuantizeLinear", [value, s, z], [f"{name}_q"], name=f"{name}_Q"))
        nodes.append(helper.make_node("DequantizeLinear", [f"{name}_q", s, z], [name], name=f"{name}_DQ"))
        return name

    def convolution(name, value, inputs, outputs, scale):
        weights = random.integers(-127, 128, (outputs, inputs, 3, 3)).astype(np.int8)
        w, s = constant(f"{name}_w", weights), constant(f"{name}_ws", np.float32(0.01))
        nodes.append(helper.make_node("DequantizeLinear", [w, s, constant(f"{name}_wz", np.int8(0))], [f"{name}_wf"]))
        values = [value, f"{name}_wf"]
        if bias:
            b = constant(f"{name}_b", random.integers(-1000, 1000, outputs).astype(np.int32))
            nodes.append(helper.make_node("DequantizeLinear", [b, constant(f"{name}_bs", np.float32(np.float32(scale) * np.float32(0.01)))], [f"{name}_bf"]))
            values.append(f"{name}_bf")
        nodes.append(helper.make_node("Conv", values, [name], name=name, pads=[1, 1, 1, 1]))
        return name

    value = quantise("a", "x", 0.05, 3)
    value = quantise("b", convolution("c1", value, 3, 8, 0.05), 0.1, -5)
    if middle:
        nodes.append(helper.make_node(middle, [value], ["m"], name="middle"))
        value = quantise("m2", "m", 0.1, 0)
    value = quantise("y", convolution("c2", value, 8, 4, 0.1), 0.2, 1)
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 9, 7])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, [batch, 4, 9, 7])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def providers_of(model):
    """Names of the providers that ran nodes of a model, with how many, by the runtime's own profile."""
    with tempfile.TemporaryDirectory() as folder:
        session = ort.SessionOptions()
        session.enable_profiling = True
        session.profile_file_prefix = f"{folder}/p"
        session.log_severity_level = 3
        session.add_provider_for_devices(devices, {"via": via})
        run = ort.InferenceSession(model, session)
        run.run(None, feed_of(run, 1))
        events = json.loads(Path(run.end_profiling()).read_text())
    count = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            provider = event["args"].get("provider")
            count[provider] = count.get(provider, 0) + 1
    return count


def check_networks(networks):
    for network in [*networks, *(random_qdq(seed, bias=seed % 2 == 0) for seed in range(6))]:
        reference, session = cpu(network), weft(network, strict="1")
        for seed in range(4):
            feed = feed_of(reference, seed)
            check(same(reference.run(None, feed), session.run(None, feed)), f"{network if isinstance(network, str) else 'random'} differs")
    check(providers_of(random_qdq(1)) == {"WeftExecutionProvider": 1}, f"not one node: {providers_of(random_qdq(1))}")


def check_halves():
    """A network that is half supported: the rest runs on the CPU, and strict refuses it with the operator's name."""
    for middle in ("Sin", "Erf", "Floor"):
        network = random_qdq(5, middle)
        reference, session = cpu(network), weft(network)
        for seed in range(3):
            feed = feed_of(reference, seed)
            check(same(reference.run(None, feed), session.run(None, feed)), f"half a network with {middle} differs")
        count = providers_of(network)
        if count.get("CPUExecutionProvider"):
            check(count.get("WeftExecutionProvider") == 1, f"of half a network ran {count}")
            raises(middle, lambda: weft(network, strict="1"))
    float_only = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "f",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 2])],
    )
    model = helper.make_model(float_only, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    check(weft(model).run(None, {"x": np.float32([[-1, 2], [3, -4]])})[0].tolist() == [[0, 2], [3, 0]], "a float network")
    raises("quantise", lambda: weft(model, strict="1"))


def check_batches():
    network = random_qdq(9, batch="N")
    reference, session = cpu(network), weft(network, strict="1")
    for batch in (1, 3, 1, 5, 3):
        feed = feed_of(reference, batch, batch)
        check(same(reference.run(None, feed), session.run(None, feed)), f"a batch of {batch} differs")
    raises("", lambda: session.run(None, {"x": np.zeros((1, 3, 8, 7), np.float32)}))
    feed = feed_of(reference, 1)
    check(same(reference.run(None, feed), session.run(None, feed)), "after a refused shape")


def check_sessions(network):
    """Sessions in threads share a device; sessions come and go."""
    reference = cpu(network)
    feeds = [feed_of(reference, seed) for seed in range(8)]
    expected = [reference.run(None, feed) for feed in feeds]
    sessions = [weft(network) for _ in range(3)]

    def work(number):
        got = [sessions[number % 3].run(None, feed) for feed in feeds]
        return all(same(a, b) for a, b in zip(expected, got))

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        check(all(pool.map(work, range(36))), "sessions in threads differ")
    for _ in range(20):
        check(same(weft(network).run(None, feeds[0]), expected[0]), "a session after others")


def check_options(network):
    raises("nowhere", lambda: weft(network, via="nowhere:"))
    raises("0 or 1", lambda: weft(network, strict="yes"))
    raises("", lambda: weft(network, via="ref:shape=0x0"))


def check_contexts(network):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/context.onnx"
        reference = cpu(network)
        feed = feed_of(reference, 3)
        made = weft(network, {"ep.context_enable": "1", "ep.context_file_path": path, "ep.context_embed_mode": "1"})
        check(same(made.run(None, feed), reference.run(None, feed)), "a session that writes a context differs")
        model = onnx.load(path)
        node = next(n for n in model.graph.node if n.op_type == "EPContext")
        check(same(weft(path).run(None, feed), reference.run(None, feed)), "a context differs")
        cached = next(a for a in node.attribute if a.name == "ep_cache_context")
        cached.s = cached.s[: len(cached.s) // 2]
        raises("weft:", lambda: weft(model.SerializeToString()))


library, via, *networks = sys.argv[1:]
ort.register_execution_provider_library("weft", str(Path(library).resolve()))
devices = [d for d in ort.get_ep_devices() if d.ep_name == "WeftExecutionProvider"]
check(len(devices) == 1 and devices[0].ep_vendor == "Weft", "the provider is not among the devices")
check_networks(networks)
check_halves()
check_batches()
check_sessions(random_qdq(2))
check_options(random_qdq(2))
check_contexts(random_qdq(4))
ort.unregister_execution_provider_library("weft")
print(f"ok ep: {passed} checks in ONNX Runtime {ort.__version__} on {via}")
