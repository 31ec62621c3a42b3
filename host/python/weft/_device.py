"""Devices and what is loaded into them."""

import ctypes
import threading
import time
import weakref
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from . import _native
from ._errors import Busy, Timeout, call, exception
from ._network import compile as compile_network
from ._program import Program
from ._values import input_array, name_of, positional

_library = _native.runtime
_CANCELLED = "ERR_CANCELLED"


@dataclass(frozen=True)
class Listing:
    """A device that can be opened now: Device(address)."""

    address: str
    text: str
    serial: str  # these four of a board; "" and 0 of what is none, or does not tell
    speed: str
    power_ma: int
    release: int  # of its gateware: 0x0123 is 1.23


def devices():
    """The devices that can be opened now, as a list of Listing."""
    found, error = [], _native.weft_error()
    row = _native.weft_listing()
    while _library.weft_device_list(len(found), row, error) == 0:
        texts = map(name_of, (row.address, row.text, row.serial, row.speed))
        found.append(Listing(*texts, row.power_ma, row.release))
        row = _native.weft_listing()
    return found


class Job(Future):
    """One inference: a concurrent.futures.Future whose result is that of Model.run."""

    def __init__(self):
        super().__init__()
        self._lock = threading.Lock()
        self._handle = None  # of the job, between its submission and its end
        self._is_over = False

    def cancel(self):
        """Ask the job to end: it may yet end well.  Returns whether it was not over."""
        with self._lock:
            if self._handle is not None:
                _library.weft_cancel(self._handle)
        return not self.done()

    def _submitted(self, handle):
        with self._lock:
            self._handle = handle
            if not self._is_over:
                return
        self._give_back()

    def _give_back(self):
        with self._lock:
            handle, self._handle, self._is_over = self._handle, None, True
        if handle is not None:
            _library.weft_job_free(handle)

    def _end(self, status, text, result):
        self._give_back()
        if status == 0:
            self.set_result(result)
            return
        why = exception(status, text)
        if why.status_name == _CANCELLED:
            super().cancel()
            self.set_running_or_notify_cancel()
        else:
            self.set_exception(why)


class _Jobs:
    """The jobs in flight of one device, with what the library reads, writes and calls until they are over.

    One C callback serves them all and lives until the device is closed: none may be freed while it runs.
    """

    def __init__(self):
        self.changed = threading.Condition()  # notified when one is over
        self._running = {}  # number: (job, request, results)
        self._last = self._waited_for = 0
        self.callback = _native.JOB_ENDED(self._ended)

    def add(self, job, request, results):
        with self.changed:
            self._last += 1
            self._running[self._last] = (job, request, results)
            request.ended, request.self = self.callback, self._last
            return self._last

    def discard(self, number):
        with self.changed:
            self.changed.notify_all()
            return self._running.pop(number)

    def waited_for(self, change):
        """Count a job that its caller waits for: one more, or one less."""
        with self.changed:
            self._waited_for += change
            self.changed.notify_all()

    def __len__(self):
        return len(self._running) + self._waited_for

    def _ended(self, number, status, text):
        job, _, (results, _) = self.discard(number)
        job._end(status, text.decode(), _result(results))


class Device:
    """An open device: "ref:" (the C model), "sim:" (the simulated chip), "usb:" (a board), with options.

    A context manager; devices() lists what is there.  May be used from several threads.
    """

    def __init__(self, address="ref:"):
        handle = ctypes.c_void_p()
        call(_library.weft_open, address.encode(), handle)
        self._handle = handle
        self.address, self._jobs = address, _Jobs()
        self._finalizer = weakref.finalize(self, _close, handle, self._jobs)

    def close(self):
        """Cancel what runs and close the device.  What is loaded can only be given back then."""
        self._finalizer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _living(self):
        if not self._finalizer.alive:
            raise exception(-2, f"{self.address} is closed: open it again")
        return self._handle

    def _array(self):
        row = _native.weft_array()
        call(_library.weft_device_array, self._living(), row)
        return row

    @property
    def array(self):
        """The parameters of the array as a dict: rows, cols, lanes, .."""
        row = self._array()
        return {name: getattr(row, name) for name, _ in row._fields_[1:]}

    @property
    def info(self):
        """What the device is and holds at the moment, as a dict."""
        row = _native.weft_device_info()
        call(_library.weft_device_describe, self._living(), row)
        values = {name: getattr(row, name) for name, _ in row._fields_[1:]}
        values["address"] = name_of(values["address"])
        return values

    def counters(self):
        """The counters of the last run, by name; 4294967295 means that or more."""
        names = []
        while (name := _library.weft_counter_name(len(names))) is not None:
            names.append(name.decode())
        values = (ctypes.c_uint32 * len(names))()
        self._idle(lambda: call(_library.weft_device_counters, self._living(), values, len(names)))
        return dict(zip(names, values))

    def _idle(self, ask):
        """Ask what is answered while no job runs.  One whose result was just given may still count for a moment."""
        for _ in range(1000):
            try:
                return ask()
            except Busy:
                if len(self._jobs):
                    raise
                time.sleep(0.001)
        return ask()

    def recover(self):
        """Bring back a device that was lost (unplugged, or its link broke), with what was loaded."""
        call(_library.weft_recover, self._living())

    def load(self, program, *, port_sets=0):
        """Load a program, the path of one, or a model, which is compiled for this device.  Returns a Model."""
        if not isinstance(program, Program):
            program = _program_of(program, self)
        return Model(self, program, port_sets)


def _result(results):
    return results[0] if len(results) == 1 else results


def _data(kind, form, array):
    return kind(form=form, data=array.ctypes.data, bytes=array.nbytes)


def _wait(handle, timeout):
    """Wait for a job, in slices, between which Python sees to signals.  Raises TimeoutError, or how the job ended."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        left = 0.1 if end is None else min(0.1, max(0.0, end - time.monotonic()))
        try:
            return call(_library.weft_wait, handle, int(left * 1000))
        except Timeout:
            if end is not None and time.monotonic() >= end:
                raise TimeoutError("the run was not over in time and has been cancelled") from None


def _close(handle, _jobs):
    """Close; the jobs are here so that they live until then."""
    _library.weft_close(handle)


def _program_of(source, device):
    """A Program of a .weft file or its bytes; of any other model compiled for the device."""
    if isinstance(source, str) and source.endswith(".weft"):
        return Program(source)
    return compile_network(source, device)


class Model:
    """A program in a device: run(), submit(), map()."""

    def __init__(self, device, program, port_sets):
        handle = ctypes.c_void_p()
        options = _native.weft_load_options(port_sets=port_sets)
        call(_library.weft_load, device._living(), program._handle, options, handle)
        self._handle = handle
        self._finalizer = weakref.finalize(self, _library.weft_unload, handle)
        self.device, self.program = device, program
        self.inputs, self.outputs = program.inputs, program.outputs

    def unload(self):
        """Free its piece of device memory."""
        self._finalizer()

    def run(self, *inputs, real=False, timeout=None, **named):
        """Run once.  Inputs by position or by name: of the model's type, or floating point, which is quantised.

        real     give real values as float32 instead of the model's type
        timeout  in seconds; then the job is cancelled and TimeoutError raised

        Returns the output, or a tuple of several.
        """
        request, results, _ = self._request(inputs, named, real)
        handle = ctypes.c_void_p()
        jobs = self.device._jobs

        def start():
            call(_library.weft_submit, self._handle, request, handle)
            jobs.waited_for(1)

        self._submit(start)
        try:
            _wait(handle, timeout)
        finally:
            _library.weft_job_free(handle)  # cancels it if it is not over
            jobs.waited_for(-1)
        return _result(results)

    __call__ = run

    def submit(self, *inputs, real=False, **named):
        """Start a run and return its Job.  Waits while the device has as many jobs as it takes."""
        request, results, kept = self._request(inputs, named, real)
        job, handle, jobs = Job(), ctypes.c_void_p(), self.device._jobs

        def start():
            number = jobs.add(job, request, (results, kept))
            try:
                call(_library.weft_submit, self._handle, request, handle)
            except BaseException:
                jobs.discard(number)
                raise

        self._submit(start)
        job._submitted(handle)
        return job

    def _request(self, inputs, named, real):
        """(weft_request, the arrays for its outputs, what must be kept until it is submitted)."""
        values = positional(inputs, named, self.inputs, "inputs")
        given = [input_array(value, p) for value, p in zip(values, self.inputs)]
        results = tuple(np.empty(p.shape, np.float32 if real else p.dtype) for p in self.outputs)
        form = _native.FORM_FLOAT32 if real else _native.FORM_MODEL
        rows_in = (_native.weft_input * len(given))(*[_data(_native.weft_input, f, array) for f, array in given])
        rows_out = (_native.weft_output * len(results))(*[_data(_native.weft_output, form, array) for array in results])
        request = _native.weft_request(
            input_count=len(given), output_count=len(results), inputs=rows_in, outputs=rows_out
        )
        return request, results, given

    def _submit(self, start):
        """Start a job; while all slots of the device are taken, wait for one of ours to be over and try again."""
        jobs = self.device._jobs
        while True:
            self.device._living()
            try:
                return start()
            except Busy:
                with jobs.changed:
                    if not len(jobs):
                        raise
                    jobs.changed.wait(0.1)  # the one to wait for may just be over

    def map(self, samples, *, real=False):
        """Run all samples (an array, or a tuple of one an input), several in flight; yield results in their order."""
        jobs = []
        for sample in samples:
            jobs.append(self.submit(*(sample if isinstance(sample, tuple) else (sample,)), real=real))
            if len(jobs) >= 4:
                yield jobs.pop(0).result()
        for job in jobs:
            yield job.result()

    def profile(self):
        """What the runs have cost: the layers with the cycles that were predicted, the counters of the last run, and
        "runs", "cycles" (of the device; 0 with ref:) and "run_seconds" over all of them."""
        row = _native.weft_stats()
        call(_library.weft_loaded_stats, self._handle, row)
        stats = {name: getattr(row, name) for name, _ in row._fields_[1:]}
        return {**stats, "layers": self.program.layers, "counters": self.device.counters()}
