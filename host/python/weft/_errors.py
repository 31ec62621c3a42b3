"""What can go wrong: one exception for each status of the library, with the library's own sentence."""

from . import _native


class Error(Exception):
    """Base of all: str() is the sentence; status and status_name are those of weft_status.h."""

    def __init__(self, sentence, status=0):
        super().__init__(sentence)
        self.status = status
        self.status_name = _native.runtime.weft_status_name(status).decode()


class ArgumentError(Error, ValueError):
    pass


class NoDevice(Error):
    pass


class VersionMismatch(Error):
    pass


class Timeout(Error):
    pass


class LinkError(Error):
    pass


class DeviceError(Error):
    pass


class FormatError(Error, ValueError):
    pass


class OutOfMemory(Error, MemoryError):
    pass


class Unsupported(Error):
    """The network has what Weft does not do; refusals lists it all: (count, op, name, why)."""

    refusals = ()


class ShapeError(Error, ValueError):
    pass


class FileError(Error):
    pass


class HardwareMismatch(Error):
    pass


class Busy(Error):
    pass


class Cancelled(Error):
    pass


class RangeError(Error, ValueError):
    pass


class CapacityError(Error):
    pass


CLASSES = {
    "ERR_ARG": ArgumentError,
    "ERR_NO_DEVICE": NoDevice,
    "ERR_VERSION": VersionMismatch,
    "ERR_TIMEOUT": Timeout,
    "ERR_LINK": LinkError,
    "ERR_DEVICE": DeviceError,
    "ERR_FORMAT": FormatError,
    "ERR_NO_MEMORY": OutOfMemory,
    "ERR_UNSUPPORTED": Unsupported,
    "ERR_SHAPE": ShapeError,
    "ERR_IO": FileError,
    "ERR_HARDWARE": HardwareMismatch,
    "ERR_BUSY": Busy,
    "ERR_CANCELLED": Cancelled,
    "ERR_RANGE": RangeError,
    "ERR_CAPACITY": CapacityError,
}


def exception(status, sentence):
    """The exception of a status; a status that is newer than this package is an Error."""
    name = _native.runtime.weft_status_name(status).decode()
    return CLASSES.get(name, Error)(sentence or name, status)


def call(function, *arguments):
    """Call what returns a status and takes a weft_error at its end; raise what went wrong."""
    error = _native.weft_error()
    status = function(*arguments, error)
    if status != 0:
        raise exception(status, error.text.decode())
