"""MNIST idx files as numpy arrays, for the scripts that run ONNX Runtime live."""
import gzip
import os
import struct
import sys

import numpy as np


def read_idx(directory, name, magic):
    path = os.path.join(directory, name)
    opener = open if os.path.exists(path) else gzip.open
    with opener(path if opener is open else path + ".gz", "rb") as f:
        data = f.read()
    rank = magic & 0xFF
    header = struct.unpack(f">{1 + rank}I", data[: 4 + 4 * rank])
    if header[0] != magic:
        sys.exit(f"{path}: magic {header[0]:#x}, expected {magic:#x}")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(header[1:])
