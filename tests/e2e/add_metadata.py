"""A TensorFlow Lite model with metadata: how pixels are normalised, and the names of the classes in a zip archive behind it.

    add_metadata.py MODEL.tflite OUT.tflite MEAN STD NAME...

The old file is kept as it is behind a new root, which refers into it."""
import io, struct, sys, zipfile


class Writer:
    """A FlatBuffer from front to back: parents first, their references patched when the children are written."""

    def __init__(self):
        self.out, self.waiting = bytearray(8), []

    def align(self):
        while len(self.out) % 4:
            self.out.append(0)

    def table(self, fields):
        """fields: {id: bytes of 1 or 4, or a function that writes a child and returns its place}"""
        self.align()
        count = max(fields) + 1 if fields else 0
        vtable = len(self.out)
        self.out += struct.pack("<HH", 4 + 2 * count, 4 + 4 * count) + bytes(2 * count)
        self.align()
        at = len(self.out)
        self.out += struct.pack("<i", at - vtable) + bytes(4 * count)
        for k, v in fields.items():
            struct.pack_into("<H", self.out, vtable + 4 + 2 * k, 4 + 4 * k)
            place = at + 4 + 4 * k
            if isinstance(v, bytes):
                self.out[place:place + len(v)] = v
            else:
                self.waiting.append((place, v))
        return at

    def vector(self, items):
        self.align()
        at = len(self.out)
        self.out += struct.pack("<I", len(items)) + bytes(4 * len(items))
        for i, v in enumerate(items):
            self.waiting.append((at + 4 + 4 * i, v))
        return at

    def data(self, data, count=None):
        self.align()
        at = len(self.out)
        self.out += struct.pack("<I", len(data) if count is None else count) + data + b"\0"
        return at

    def finish(self):
        while self.waiting:
            place, child = self.waiting.pop(0)
            to = child if isinstance(child, int) else child()
            struct.pack_into("<I", self.out, place, to - place)
        return bytes(self.out)


def metadata(mean, std):
    w = Writer()
    floats = lambda v: lambda: w.data(struct.pack("<f", v), 1)
    unit = lambda: w.table({0: b"\1", 1: lambda: w.table({0: floats(mean), 1: floats(std)})})
    taken = lambda: w.table({4: lambda: w.vector([unit])})
    given = lambda: w.table({6: lambda: w.vector([lambda: w.table({0: lambda: w.data(b"labels.txt")})])})
    graph = lambda: w.table({2: lambda: w.vector([taken]), 3: lambda: w.vector([given])})
    root = w.table({3: lambda: w.vector([graph])})
    struct.pack_into("<I4s", w.out, 0, root, b"M001")
    return w.finish()


def fields_of(old):
    """Where each field of the old root refers to, or its four bytes (the version)."""
    root = struct.unpack_from("<I", old)[0]
    vtable = root - struct.unpack_from("<i", old, root)[0]
    found = {}
    for k in range((struct.unpack_from("<H", old, vtable)[0] - 4) // 2):
        at = struct.unpack_from("<H", old, vtable + 4 + 2 * k)[0]
        if at:
            found[k] = old[root + at:root + at + 4] if k == 0 else root + at + struct.unpack_from("<I", old, root + at)[0]
    return found


def main():
    old = open(sys.argv[1], "rb").read()
    about = metadata(float(sys.argv[3]), float(sys.argv[4]))
    old_fields = fields_of(old)
    front = 1 << 20  # far behind
    for _ in range(2):  # the second time the length of what is in front is known
        w = Writer()
        shifted = {k: v if isinstance(v, bytes) else v + front for k, v in old_fields.items() if k not in (4, 6)}
        at = old_fields[4]
        buffers = [at + 4 + 4 * i + struct.unpack_from("<I", old, at + 4 + 4 * i)[0] + front for i in range(struct.unpack_from("<I", old, at)[0])]
        number = struct.pack("<I", len(buffers))
        shifted[4] = lambda: w.vector(buffers + [lambda: w.table({0: lambda: w.data(about)})])
        shifted[6] = lambda: w.vector([lambda: w.table({0: lambda: w.data(b"TFLITE_METADATA"), 1: number})])
        root = w.table(shifted)
        struct.pack_into("<I4s", w.out, 0, root, b"TFL3")
        new = w.finish()
        new += bytes(-len(new) % 64)
        front = len(new)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("labels.txt", "".join(name + "\n" for name in sys.argv[5:]))
    open(sys.argv[2], "wb").write(new + old + packed.getvalue())


main()
