"""Networks of a folder by TensorFlow Lite Micro's reference kernels, those in uint8 by LiteRT's: N.tflite with N.in gives N.out, byte for byte.

    run_graphs.py DIR [check]      check: only whether tflite-micro is here

Judges what `rand_tflite --write DIR` wrote.  Exit status: 0 equal; 1 not; 77 skipped, because tflite-micro is not
installed (pip install tflite-micro).
"""
import os
import sys

try:
    import numpy as np
    from tflite_micro.python.tflite_micro import runtime
except ImportError as missing:
    print(f"skipped live_graphs: {missing}")
    sys.exit(77)


class Lite:
    """LiteRT's reference kernels with the methods of TensorFlow Lite Micro, which has none for uint8."""

    def __init__(self, path):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        self.net = Interpreter(model_path=path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        self.net.allocate_tensors()
        self.invoke = self.net.invoke

    def get_input_details(self, k):
        return self.net.get_input_details()[k]

    def set_input(self, value, k):
        self.net.set_tensor(self.net.get_input_details()[k]["index"], value)

    def get_output(self, k):
        return self.net.get_tensor(self.net.get_output_details()[k]["index"])


def is_uint8(path):
    return open(path + ".txt").read().startswith("uint8:")


def run(path):
    """The outputs one behind the other, or None if the interpreter refuses."""
    data = open(path + ".in", "rb").read()
    inputs, outputs = ends(path)
    try:
        net = Lite(path + ".tflite") if is_uint8(path) else runtime.Interpreter.from_file(path + ".tflite", arena_size=16 << 20)
    except Exception:  # the binding throws what the kernels return
        return None
    at = 0
    for i in range(inputs):
        d = net.get_input_details(i)
        size = int(np.prod(d["shape"])) * np.dtype(d["dtype"]).itemsize
        net.set_input(np.frombuffer(data[at:at + size], d["dtype"]).reshape(d["shape"]), i)
        at += size
    net.invoke()
    return b"".join(net.get_output(i).tobytes() for i in range(outputs))


def run_apart(path):
    """run in a process of its own, because some networks crash the interpreter; None then too."""
    child = os.fork()
    if child == 0:
        got = run(path)
        if got is None:
            os._exit(1)
        with open(path + ".got", "wb") as f:
            f.write(got)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return open(path + ".got", "rb").read() if status == 0 else None


def ends(path):
    """How many inputs and outputs subgraph 0 has."""
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as tfl
    g = tfl.Model.GetRootAs(open(path + ".tflite", "rb").read(), 0).Subgraphs(0)
    return g.InputsLength(), g.OutputsLength()


if len(sys.argv) > 2:
    sys.exit(0)
folder = sys.argv[1]
equal = refused = wrong = of_uint8 = 0
for name in sorted(f[:-7] for f in os.listdir(folder) if f.endswith(".tflite")):
    path = os.path.join(folder, name)
    got = run_apart(path)
    want = open(path + ".out", "rb").read()
    if got is None:
        refused += 1
        if os.environ.get("VERBOSE"):
            print(f"not run: {name}: {open(path + '.txt').read()}")
    elif got == want:
        equal += 1
        of_uint8 += is_uint8(path)
    else:
        wrong += 1
        at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
        print(f"FAIL live_graphs: {name}: byte {at} of {len(got)} differs: {open(path + '.txt').read()}")
print(f"{'FAIL' if wrong or not equal else 'ok'} live_graphs: {equal} networks equal to TensorFlow Lite Micro, {of_uint8} of them in uint8 to LiteRT, "
      f"{refused} that it does not run, {wrong} differ")
sys.exit(1 if wrong or not equal else 0)
