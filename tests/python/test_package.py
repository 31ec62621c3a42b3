"""The Python package on the C model and the simulated chip.

    test_package.py NETWORK.onnx ADDRESS...      NETWORK: with one float32 input and one output, weft beside build/
"""

import concurrent.futures
import gc
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import weft

passed = 0


def check(is_right, what):
    global passed
    if not is_right:
        sys.exit(f"FAIL package: {what}")
    passed += 1


def raises(kind, part, function, *arguments, **named):
    """The exception of `kind`, whose sentence holds `part`, that the call raises."""
    try:
        function(*arguments, **named)
    except kind as why:
        check(part in str(why), f"{kind.__name__} says {why!s}, without {part!r}")
        return why
    check(False, f"{function} did not raise {kind.__name__}")


def check_ways_in(path):
    """A path, bytes and what can be serialised give the same program; the shape of it is told."""
    data = Path(path).read_bytes()

    class Proto:
        def SerializeToString(self):
            return data

    programs = [weft.compile(m, "shape=8x8,lanes=4") for m in (path, Path(path), data, bytearray(data), Proto())]
    plain = bytes(programs[2])
    check(all(bytes(p) == plain for p in programs[2:]), "bytes, bytearray and ModelProto give different programs")
    check(programs[0].inputs == programs[4].inputs, "ports differ")
    network = weft.Network(path)
    check(network.format == "ONNX" and len(network.operators) > 3, "the network does not tell what it is")
    check({o.where for o in network.operators} <= {"device", "layer", "host"}, "where")
    check(sum(layer.predicted_cycles for layer in programs[0].layers) == programs[0].info["predicted_cycles"], "layers")
    with tempfile.TemporaryDirectory() as folder:
        programs[0].save(f"{folder}/net.weft")
        check(bytes(weft.Program(f"{folder}/net.weft")) == bytes(programs[0]), "a saved program is another")
        check([p.name for p in Path(folder).iterdir()] == ["net.weft"], "saving leaves something beside")
        raises(OSError, "", programs[0].save, f"{folder}/none/net.weft")


def tool_output(tool, path, image):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "in.bin").write_bytes(image.tobytes())
        subprocess.run([tool, "compile", path, "-o", f"{folder}/n.weft"], check=True, capture_output=True)
        subprocess.run(
            [tool, "run", f"{folder}/n.weft", f"{folder}/in.bin", "-o", f"{folder}/out.bin"], check=True, capture_output=True
        )
        return Path(folder, "out.bin").read_bytes()


def check_runs(path, address, tool):
    image = np.random.default_rng(7).random(weft.Network(path).inputs[0].shape).astype(np.float32)
    expected = tool_output(tool, path, image)
    with weft.Device(address) as device:
        model = device.load(path)
        port = model.inputs[0]
        check(model.run(image).tobytes() == expected, "run differs from the command")
        check(model(image).tobytes() == expected and model.run(**{port.name: image}).tobytes() == expected, "by name")
        check(model.run(image.astype(np.float64)).tobytes() == expected, "float64")
        check(model.run(image.squeeze()).tobytes() == expected, "without the axes of one")
        check(model.run(np.asfortranarray(image)).tobytes() == expected, "another order in memory")
        futures = [model.submit(image) for _ in range(100)]
        check(all(f.result().tobytes() == expected for f in concurrent.futures.as_completed(futures)), "submit differs")
        many = [np.roll(image, n) for n in range(30)]
        check([r.tobytes() for r in model.map(many)] == [model.run(i).tobytes() for i in many], "map differs")
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            check(all(r.tobytes() == expected for r in pool.map(model.run, [image] * 96)), "threads differ")
        profile = model.profile()
        check(profile["runs"] >= 200 and profile["counters"]["COMMANDS"] > 0, "profile")
        check((profile["cycles"] > 0) == address.startswith("sim"), "cycles")
        raises(weft.ArgumentError, "shape", model.run, image[..., 1:])
        raises(weft.ArgumentError, "astype", model.run, image.astype(np.int16))
        raises(weft.ArgumentError, "1 inputs", model.run)
        raises(weft.ArgumentError, "unknown", model.run, nothing=image)
        second = device.load(weft.compile(path, device))
        check(second.run(image).tobytes() == expected, "two programs at once")
        second.unload()
        check(device.info["loaded_count"] == 1, "unload")
    raises(weft.NoDevice, "closed", model.run, image)


def check_cancel(path):
    with weft.Device("sim:stall=90,latency=5000") as device:
        model = device.load(path)
        image = np.zeros(model.inputs[0].shape, np.float32)
        raises(TimeoutError, "cancelled", model.run, image, timeout=0.001)
        jobs = [model.submit(image) for _ in range(8)]
        started = time.monotonic()
        check(all(job.cancel() for job in reversed(jobs)), "cancel says that they were over")
        concurrent.futures.wait(jobs, timeout=5)
        check(all(job.cancelled() for job in jobs[1:]), "a queued job was not cancelled")
        check(time.monotonic() - started < 5, "cancelling waits")


def check_refusals(path):
    why = raises(weft.FormatError, "", weft.compile, b"nothing of the kind")
    check(why.status_name == "ERR_FORMAT" and isinstance(why, ValueError), "status")
    raises(weft.ArgumentError, "path", weft.compile, 3)
    raises(weft.FileError, "none.onnx", weft.compile, "none.onnx")
    raises(weft.ArgumentError, "", weft.compile, path, "shape=0x0")
    raises(weft.ArgumentError, "", weft.Device, "nowhere:")
    raises(weft.HardwareMismatch, "compile", weft.Device("ref:shape=4x4").load, weft.compile(path, "shape=8x8"))
    raises(weft.ArgumentError, "", weft.compile, path, bind={"unknown": 3})

    class Stop(Exception):
        pass

    def stop(done):
        raise Stop

    raises(Stop, "", weft.compile, path, progress=stop)
    seen = []
    weft.compile(path, progress=seen.append)
    check(seen and seen == sorted(seen) and seen[-1] <= 1, f"progress went {seen}")


def check_given_back(path):
    """What is dropped in any order, with jobs in flight, is given back: no thread is left."""
    before = threading.active_count()
    for _ in range(20):
        device = weft.Device("ref:")
        model = device.load(path)
        image = np.zeros(model.inputs[0].shape, np.float32)
        jobs = [model.submit(image) for _ in range(5)]
        del device, model
        gc.collect()
        check(all(job.done() for job in jobs), "closing left a job without an end")
    gc.collect()
    check(threading.active_count() <= before + 1, "threads are left")


network, *addresses = sys.argv[1:]
tool = next(f"{a}/weft" for a in ("build", "../build") if Path(a, "weft").exists())
check_ways_in(network)
for one in addresses:
    check_runs(network, one, tool)
if any(a.startswith("sim") for a in addresses):
    check_cancel(network)
check_refusals(network)
check_given_back(network)
print(f"ok package: {passed} checks of weft {weft.__version__} on {' '.join(addresses)}")
