"""Networks as Keras users make them, quantised by TensorFlow's converter, against TensorFlow Lite Micro, live.

    live_keras.py WEFT DIR [NAME...]      networks of keras_nets.py, all without NAME

For each: DIR/NAME.tflite is converted with seeded weights and calibration (and kept: the next run reads it), its
outputs come from TensorFlow Lite Micro's reference kernels, or, where those lack an operator, from TensorFlow Lite's;
then `weft run` on the C model and the chip must give the same bytes: as the network is, and with every operator's
result made an output.  What cannot run must be refused with the words of REFUSED
(which may also run and be equal).
Exit status: 0 equal; 1 not; 77 skipped, because TensorFlow or tflite-micro is not installed.
"""
import os
import pickle
import resource
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
try:
    import numpy as np
    import tensorflow as tf
    from tflite_micro.python.tflite_micro import runtime
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as tfl
    import flatbuffers
    import keras
except ImportError as missing:
    print(f"skipped live_keras: {missing}")
    sys.exit(77)
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from keras_nets import NETS, REFUSED, VARIANTS

SIM_MOST_BYTES = 2 << 20  # of a file whose network also goes through the chip
DEVICES = ("ref:shape=4x4,port=8,fb=1024,acc=64", "ref:shape=32x32,port=32,fb=16384")


# --- making the file ----------------------------------------------------------------------------

def seeded(net, r):
    """Weights as training could leave them: no layer dead or saturated, biases and statistics that are not 0 and 1."""
    for v in net.variables:
        shape, name = tuple(v.shape), v.path.rsplit("/", 1)[-1]
        if not np.issubdtype(v.dtype, np.floating):
            continue
        if name in ("gamma", "moving_variance") or name == "variance":
            v.assign(r.uniform(0.5, 1.5, shape))
        elif len(shape) < 2 or name in ("bias", "beta", "alpha"):
            v.assign(r.normal(0.0, 0.2, shape))


def calibration(shapes, kinds, r):
    for _ in range(12):
        yield [(r.normal(0.0, 1.0, s) if k == tf.float32 else r.integers(0, 20, s)).astype(k.as_numpy_dtype)
               for s, k in zip(shapes, kinds)]


def concrete(name, r):
    """The network as a function of fixed sizes."""
    keras.utils.set_random_seed(7)
    built = NETS[name]
    if hasattr(built, "shapes"):
        specs = [tf.TensorSpec(s, tf.float32) for s in built.shapes]
        return tf.function(built).get_concrete_function(*specs), None
    keras.backend.clear_session()
    net = built()
    seeded(net, r)
    specs = [tf.TensorSpec(v.shape, v.dtype) for v in net.inputs]

    def call(*inputs):
        return net(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
    return convert_variables_to_constants_v2(tf.function(call).get_concrete_function(*specs)), net


def convert(name, variant, path):
    r = np.random.default_rng(11)
    f, net = concrete(name, r)
    if variant == "batch":
        free = keras.models.clone_model(net, input_tensors=[keras.Input(tuple(net.inputs[0].shape)[1:])])
        free.set_weights(net.get_weights())
        c = tf.lite.TFLiteConverter.from_keras_model(free)
    else:
        c = tf.lite.TFLiteConverter.from_concrete_functions([f])
    c.optimizations = [tf.lite.Optimize.DEFAULT]
    shapes, kinds = [tuple(i.shape) for i in f.inputs], [i.dtype for i in f.inputs]
    if variant not in ("dynamic", "float16"):
        c.representative_dataset = lambda: calibration(shapes, kinds, r)
        c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if variant == "float16":
        c.target_spec.supported_types = [tf.float16]
    if variant == "16x8":
        c.target_spec.supported_ops = [tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
        c.inference_input_type = c.inference_output_type = tf.int16
    elif variant == "uint8":
        c.inference_input_type = c.inference_output_type = tf.uint8
    elif variant == "mixed":  # what the quantiser has no kernel for stays float32
        c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
    elif variant in ("", "batch", "dense", "tensor", "old"):
        c.inference_input_type = c.inference_output_type = tf.int8
    if variant == "tensor":
        c._experimental_disable_per_channel = True
    if variant == "old":
        c.experimental_new_quantizer = False
    if variant == "dense":
        c._experimental_disable_per_channel_quantization_for_dense_layers = True
    data = c.convert()
    with open(path + ".part", "wb") as out:
        out.write(data)
    os.rename(path + ".part", path)
    return path


# --- the file with every result an output -------------------------------------------------------

def exposed(path):
    """The model with the int8 results of all operators as outputs, and its inputs and outputs."""
    file = open(path, "rb").read()
    m = tfl.ModelT.InitFromObj(tfl.Model.GetRootAs(file, 0))
    for b in m.buffers:  # constants behind the FlatBuffer, which TensorFlow Lite Micro does not read
        if b.offset > 1:
            b.data, b.offset, b.size = np.frombuffer(file, np.uint8, b.size, b.offset), 0, 0
    g = m.subgraphs[0]
    live = set(int(i) for i in g.inputs)
    outputs = [int(i) for i in g.outputs]
    for op in g.operators:
        if any(int(i) in live for i in op.inputs):
            for i in op.outputs:
                live.add(int(i))
                if g.tensors[i].type == tfl.TensorType.INT8 and int(i) not in outputs:
                    outputs.append(int(i))
    g.outputs = np.array(outputs, np.int32)
    m.signatureDefs = None
    b = flatbuffers.Builder(1024)
    b.Finish(m.Pack(b), file_identifier=b"TFL3")
    every = path.replace(".tflite", ".every.tflite")
    with open(every, "wb") as f:
        f.write(bytes(b.Output()))
    kinds = {v: k for k, v in vars(tfl.BuiltinOperator).items() if isinstance(v, int)}
    codes = [max(c.builtinCode, c.deprecatedBuiltinCode) for c in m.operatorCodes]
    made = {int(i): (kinds.get(codes[op.opcodeIndex], "?"), n) for n, op in enumerate(g.operators) for i in op.outputs}
    return every, [made.get(i, ("INPUT", -1)) for i in outputs], sorted({k for k, _ in made.values()})


def micro(path, inputs, outputs):
    """By TensorFlow Lite Micro; raises what it says if it cannot."""
    net = runtime.Interpreter.from_file(path, arena_size=400 << 20)
    for i, x in enumerate(inputs):
        net.set_input(x, i)
    net.invoke()
    return [net.get_output(i) for i in range(outputs)]


def lite(path, inputs, outputs, kernels=None):
    """By TensorFlow Lite's reference kernels."""
    kinds = tf.lite.experimental.OpResolverType
    net = tf.lite.Interpreter(path, experimental_op_resolver_type=kernels or kinds.BUILTIN_REF)
    net.allocate_tensors()
    for d, x in zip(net.get_input_details(), inputs):
        net.set_tensor(d["index"], x)
    net.invoke()
    return [net.get_tensor(d["index"]) for d in net.get_output_details()[:outputs]]


def lite_optimised(path, inputs, outputs):
    """By TensorFlow Lite's own kernels, which alone know the newest versions of operators that move data."""
    return lite(path, inputs, outputs, tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)


def single(m, op, path):
    """A model of this operator alone; the tensors it reads that are no constants."""
    g, one, sub = m.subgraphs[0], tfl.ModelT(), tfl.SubGraphT()
    one.version, one.buffers, one.operatorCodes = 3, [tfl.BufferT()], [m.operatorCodes[op.opcodeIndex]]
    one.subgraphs, sub.tensors, own, reads = [sub], [], tfl.OperatorT(), []
    at = {}
    for i in dict.fromkeys([int(i) for i in op.inputs if i >= 0] + [int(i) for i in op.outputs]):
        t, data = tfl.TensorT(), m.buffers[g.tensors[i].buffer].data
        vars(t).update(vars(g.tensors[i]))
        t.buffer = 0
        if data is not None and len(data):
            t.buffer = len(one.buffers)
            one.buffers.append(m.buffers[g.tensors[i].buffer])
        elif i in [int(k) for k in op.inputs]:
            reads.append(i)
        at[i] = len(sub.tensors)
        sub.tensors.append(t)
    vars(own).update(vars(op))
    own.opcodeIndex = 0
    own.inputs, own.outputs = [at.get(int(i), -1) for i in op.inputs], [at[int(i)] for i in op.outputs]
    sub.inputs, sub.outputs, sub.operators = [at[i] for i in reads], own.outputs, [own]
    b = flatbuffers.Builder(1024)
    b.Finish(one.Pack(b), file_identifier=b"TFL3")
    with open(path, "wb") as f:
        f.write(bytes(b.Output()))
    return reads


def by_operator(path, inputs, outputs):
    """Every operator by the first interpreter that has it, for networks that TensorFlow Lite Micro does not run whole:
    TensorFlow Lite's kernels round some products in another way than Micro's."""
    m = tfl.ModelT.InitFromObj(tfl.Model.GetRootAs(open(path, "rb").read(), 0))
    g = m.subgraphs[0]
    values = dict(zip([int(i) for i in g.inputs], inputs))
    for op in g.operators:
        reads = single(m, op, path + ".one")
        for kernels in (micro, lite, lite_optimised):
            got = apart(kernels, path + ".one", [values[i] for i in reads], len(op.outputs))
            if got is not None:
                break
        if got is None:
            return None
        values.update(zip([int(i) for i in op.outputs], got))
    return [values[int(i)] for i in g.outputs][:outputs]


def apart(kernels, *args):
    """kernels(*args) in a process of its own, because some networks crash it; None then and if it raises."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        if not os.environ.get("VERBOSE"):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            data = pickle.dumps(kernels(*args))
        except Exception as why:
            if os.environ.get("VERBOSE"):
                print(f"{kernels.__name__}: {why}", flush=True)
            os._exit(1)
        with os.fdopen(write, "wb") as f:
            f.write(data)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as f:
        data = f.read()
    return pickle.loads(data) if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 else None


def drawn(path, r):
    """Random inputs as the model takes them."""
    net = tf.lite.Interpreter(path)
    inputs = []
    for d in net.get_input_details():
        if d["dtype"] == np.float32:
            inputs.append(r.normal(0.0, 1.0, d["shape"]).astype(np.float32))
        elif d["dtype"] == np.int32:
            inputs.append(r.integers(0, 20, d["shape"]).astype(np.int32))
        else:
            low = np.iinfo(d["dtype"])
            inputs.append(r.integers(low.min, low.max + 1, d["shape"]).astype(d["dtype"]))
    return inputs


# --- judging ------------------------------------------------------------------------------------

def weft(tool, *args):
    """Exit status, what it printed and the seconds of a processor it took, whatever else runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.run([tool, *args], capture_output=True, text=True, timeout=1800)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = sum(getattr(after, k) - getattr(before, k) for k in ("ru_utime", "ru_stime"))
    return p.returncode, (p.stdout + p.stderr).strip(), seconds


def differs(got, want, made):
    """The first byte that differs, as a sentence, or None."""
    at = 0
    for i, (w, (op, number)) in enumerate(zip(want, made)):
        b = w.tobytes()
        g = got[at:at + len(b)]
        at += len(b)
        if g != b:
            k = next((k for k, (p, q) in enumerate(zip(g, b)) if p != q), len(g))
            count = sum(p != q for p, q in zip(g, b))
            return (f"output {i} (operator {number} {op}): byte {k} is {g[k:k+1].hex()}, not {b[k:k+1].hex()}; "
                    f"{count} of {len(b)} differ")
    return None if at == len(got) else f"{len(got)} bytes, not {at}"


def run_on(tool, device, path, files, want, made):
    got = path + ".got"
    code, said, _ = weft(tool, "run", path, *files, "-o", got, "--via", device)
    if code != 0:
        return f"{device}: exit status {code}: {said}"
    wrong = differs(open(got, "rb").read(), want, made)
    return f"{device}: {wrong}" if wrong else None


def judge(tool, name, path):
    """A row of the table: outcome, words."""
    every, made, ops = exposed(path)
    code, said, seconds = weft(tool, "compile", path, "-o", path + ".weft")
    if code != 0:
        words = REFUSED.get(name)
        if code == 3 and words and all(w in said for w in words):
            return "refused", said, ops
        return "FAIL", f"exit status {code}: {said}", ops
    inputs = drawn(path, np.random.default_rng(3))
    files = []
    for i, x in enumerate(inputs):
        files.append(f"{path}.in{i}")
        x.tofile(files[-1])
    for by, kernels in (("TFLM", micro), ("each", by_operator), ("TFLite", lite)):
        want = apart(kernels, every, inputs, len(made)) if by != "each" else kernels(every, inputs, len(made))
        if want is not None:
            break
    if want is None:
        return "FAIL", "no interpreter runs it", ops
    outputs = sum(1 for _ in tfl.Model.GetRootAs(open(path, "rb").read(), 0).Subgraphs(0).OutputsAsNumpy())
    devices = ["ref:"] + list(DEVICES) + (["sim:"] if os.path.getsize(path) < SIM_MOST_BYTES else [])
    bad = [run_on(tool, "ref:", every, files, want, made)]
    bad += [run_on(tool, d, path, files, want[:outputs], made) for d in devices]
    bad = [b for b in bad if b]
    if seconds > 10.0:
        bad.append(f"compiled in {seconds:.0f} s")
    _, info, _ = weft(tool, "info", path + ".weft")
    return ("FAIL", "; ".join(bad), ops) if bad else ("equal", f"{by}, compiled in {seconds:.1f} s, {info.splitlines()[-1]}", ops)


def main():
    tool, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    tally = {"equal": 0, "refused": 0, "FAIL": 0}
    for name in names or list(NETS) + VARIANTS:
        base, _, variant = name.partition(":")
        path = os.path.join(folder, name.replace(":", "_") + ".tflite")
        if not os.path.exists(path):
            if apart(convert, base, variant, path) is None:  # the converter's limits are not ours
                print(f"not converted: {name}", flush=True)
                continue
        outcome, words, ops = judge(tool, name, path)
        tally[outcome] += 1
        print(f"{outcome:8} {name:24} {words}\n{'':33}{' '.join(ops)}", flush=True)
    bad = tally["FAIL"] or not tally["equal"]
    print(f"{'FAIL' if bad else 'ok'} live_keras: {tally['equal']} networks equal to TensorFlow Lite Micro or TensorFlow "
          f"Lite, {tally['refused']} refused as they should, {tally['FAIL']} wrong")
    return 1 if bad else 0


sys.exit(main())
