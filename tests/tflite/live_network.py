"""A network with uint8 or int8 ends by LiteRT's reference kernels and by `weft run`, byte for byte.

    live_network.py BUILD MODEL [COUNT [URI]]

COUNT images of noise, flat and around the middle in turn.  Exit status 77: MODEL or ai-edge-litert is not there.
"""
import os
import subprocess
import sys

try:
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
except ImportError as missing:
    print(f"skipped live_network: {missing}")
    sys.exit(77)

build, model = sys.argv[1:3]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 10
uri = sys.argv[4] if len(sys.argv) > 4 else "ref:"
if not os.path.exists(model):
    print(f"skipped live_network: no {model}")
    sys.exit(77)
weft, work = f"{build}/weft", f"{build}/test/live_network"
os.makedirs(work, exist_ok=True)
net = Interpreter(model_path=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
net.allocate_tensors()
subprocess.run([weft, "compile", model, "-o", f"{work}/net.weft"], check=True, stdout=subprocess.DEVNULL)
rng = np.random.default_rng(int(os.environ.get("SEED", 1)))
total = wrong = 0
for k in range(count):
    given = b""
    for d in net.get_input_details():
        limits = np.iinfo(d["dtype"])
        flat = rng.integers(limits.min, limits.max + 1, d["shape"])
        near = np.clip(rng.normal((limits.min + limits.max + 1) / 2, 40, d["shape"]), limits.min, limits.max)
        value = (flat if k % 2 else near).astype(d["dtype"])
        net.set_tensor(d["index"], value)
        given += value.tobytes()
    net.invoke()
    want = b"".join(net.get_tensor(d["index"]).tobytes() for d in net.get_output_details())
    with open(f"{work}/in", "wb") as f:
        f.write(given)
    subprocess.run([weft, "run", f"{work}/net.weft", f"{work}/in", "-o", f"{work}/out", "--via", uri], check=True,
                   stdout=subprocess.DEVNULL)
    got = open(f"{work}/out", "rb").read()
    total += len(want)
    wrong += sum(a != b for a, b in zip(got, want)) + abs(len(got) - len(want))
print(f"{'FAIL' if wrong else 'ok'} live_network: {os.path.basename(model)} {count} times, {total} bytes, {wrong} not as LiteRT's")
sys.exit(1 if wrong else 0)
