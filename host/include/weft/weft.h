/* Run compiled networks on a Weft device: the C model, the simulated chip, or a board.
 *
 *     weft_error err = { 0 };
 *     weft_device *dev = NULL;
 *     weft_loaded *net = NULL;
 *     int rc = weft_open("ref:", &dev, &err);
 *     if (rc == WEFT_OK)
 *         rc = weft_load_file(dev, "lenet5.weft", &net, &err);
 *     weft_input in = { sizeof in, WEFT_FORM_MODEL, image, sizeof image };
 *     weft_output out = { sizeof out, WEFT_FORM_MODEL, scores, sizeof scores };
 *     if (rc == WEFT_OK)
 *         rc = weft_run(net, &in, &out, WEFT_FOREVER, &err);
 *     if (rc != WEFT_OK)
 *         fprintf(stderr, "%s\n", err.text);
 *     weft_unload(net);
 *     weft_close(dev);
 *
 * This is version 1.0 of the interface: what a program compiled against it relies on stays.
 *
 * OBJECTS are opaque and reached through functions.  STRUCTS grow at their end only: each begins
 * with struct_bytes, which the caller sets to the sizeof it was compiled with before every call,
 * also of a struct that the library fills.  The library fills and reads so much; what an older
 * caller lacks counts as zero; of what a newer caller has more, the library fills zeros in and
 * refuses anything else (WEFT_ERR_VERSION).  In an array the struct_bytes of the first is also the
 * distance to the next.  weft_error alone has no such member and never grows.
 * Enumerators keep their numbers; where a struct holds one its type is uint32_t.
 *
 * ERRORS: every function that can fail returns WEFT_OK (0) or a negative weft_status, and leaves
 * one sentence in err, which may be NULL.  Then nothing the caller can see has changed, except
 * where it says otherwise; what a function gives through an `out` is NULL or untouched.  These may
 * come from every function and are not repeated below:
 *   WEFT_ERR_ARG        NULL where it is not allowed, or a struct_bytes that no version has
 *   WEFT_ERR_NO_MEMORY  of this machine
 *   WEFT_ERR_NO_DEVICE  the device was unplugged, lost or closed, or was opened by the process
 *                       this one was forked from: then the call has done nothing at all
 * Nothing is printed and nothing is global.
 *
 * THREADS: every function may be called from any thread, and two at once, unless one of the two
 * gives back the object that the other uses.  A device has one thread of its own that talks to the
 * hardware.
 *
 * NAMES: a verb alone is a step on the way of a job (weft_open, weft_load, weft_submit, ..); all
 * else begins with its object (weft_program_describe).
 *
 * MEMORY: data belong to the caller, who may free them when the call returns, except outputs: those
 * must live until the job is over.  Every object must be given back once (weft_close,
 * weft_program_close, weft_unload, weft_job_free, weft_port_set_free; NULL is allowed), in any
 * order: what others still use lives on inside until they are given back too.  In a process forked
 * from the one that opened the device, giving back does nothing.  Texts live as long as the object
 * they were asked of. */
#ifndef WEFT_H
#define WEFT_H

#include <stdint.h>

#include "weft_status.h"
#include "weft_version.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default) /* what the library exports */
#endif

#define WEFT_FOREVER  UINT32_MAX
#define WEFT_MAX_DIMS 8

typedef struct weft_program weft_program;   /* a compiled network, on no device */
typedef struct weft_device weft_device;     /* an open device */
typedef struct weft_loaded weft_loaded;     /* a program loaded into a device */
typedef struct weft_port_set weft_port_set; /* inputs and outputs in device memory */
typedef struct weft_job weft_job;           /* one inference */

/* The version of the library, "1.0.0": major, minor, patch; static. */
const char *weft_version(void);

/* The parameters of an array, of a device or as a program wants it; the names are those of
 * rtl/isa/weft_isa.def.  word_bytes follows from the others. */
typedef struct weft_array {
    uint32_t struct_bytes;
    uint32_t rows, cols, lanes, fb_words, word_bytes, acc_depth, mem_bytes;
    uint32_t mem_size; /* bytes of device memory; of a program 0: any that is large enough */
    uint32_t
        lacks; /* WEFT_LACKS_*, added: what the device was built without, or the program does without */
} weft_array;

enum {
    WEFT_LACKS_PAIR = 1, /* depthwise vectors of two pixels: strided depthwise layers take longer */
    WEFT_LACKS_TFLITE = 2,   /* TensorFlow Lite's rounding: what needs it runs on the host */
    WEFT_LACKS_FLOAT = 4,    /* ONNX Runtime's rounding, likewise */
    WEFT_LACKS_COUNTERS = 8, /* the counters other than cycles and commands read as 0 */
    WEFT_LACKS_CHECKS = 16   /* its checks of programs: weft_load makes them instead */
};

/* --- programs -----------------------------------------------------------------------------------
 * A program needs no device; it never changes, so one may be loaded into several devices. */

/* Read a .weft file.
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_IO       the file cannot be read
 *   WEFT_ERR_FORMAT   it is no program, or damaged
 *   WEFT_ERR_VERSION  it was made for another version of the file format or of the ISA */
int weft_program_open(const char *path, weft_program **out, weft_error *err);

/* The same from memory.  The bytes are copied and may be freed afterwards. */
int weft_program_parse(const void *bytes, uint64_t byte_count, weft_program **out, weft_error *err);

/* Give a program back; where it is loaded it stays loaded. */
void weft_program_close(weft_program *prog);

typedef struct weft_program_info {
    uint32_t struct_bytes;
    uint32_t isa_version;
    uint32_t input_count, output_count, layer_count;
    uint32_t command_count;
    uint32_t host_step_count;  /* what the host computes between two runs of the device */
    uint32_t source_crc32;     /* of the model file */
    uint64_t source_bytes;     /* likewise; 0 if the network was no file */
    uint64_t memory_bytes;     /* of device memory, for weights, activations and one set of ports */
    uint64_t macs;             /* multiply-accumulates of one run on the device */
    uint64_t predicted_cycles; /* of one run, by the compiler */
    const char *source_kind;   /* "ONNX", "TFLite", "none" */
    const char *source_name;   /* of the model file, without directories; may be "" */
    const char *source_producer; /* what the model file says made it; may be "" */
    const char *compile_options; /* those that were not defaults; may be "" */
    const char *made_by;         /* what compiled it, "weft 1.0.0" */
} weft_program_info;

/* Describe the whole program.  Returns WEFT_OK. */
int weft_program_describe(const weft_program *prog, weft_program_info *out, weft_error *err);

/* The array the program was compiled for; the number of lanes does not matter to it.  Returns
 * WEFT_OK. */
int weft_program_array(const weft_program *prog, weft_array *out, weft_error *err);

/* The type of the elements of a port in the model. */
typedef enum weft_type {
    WEFT_TYPE_INT8 = 0,
    WEFT_TYPE_UINT8 = 1,
    WEFT_TYPE_FLOAT32 = 2,
    WEFT_TYPE_INT32 = 3, /* these two: positions, or integers that the host computes with */
    WEFT_TYPE_INT64 = 4
} weft_type;

/* In which form data are given or wanted; always row-major, with the axes of the model. */
typedef enum weft_form {
    /* The model's own type: what the model's framework would take or give. */
    WEFT_FORM_MODEL = 0,
    /* The int8 tensor of the device, without what the host does at this port (host_steps); of a
     * uint8 model the values minus 128.  Where the output is a position, the values it is looked
     * for in, in the order of the device.  Where the device has no int8 (host_steps is empty and the
     * type is not an int8 or uint8), the same as WEFT_FORM_MODEL. */
    WEFT_FORM_INT8 = 1,
    /* Real values.  Of a float32 port the same as WEFT_FORM_MODEL; of an integer port
     * scale * (value - zero_point), and on the way in the reverse, as ONNX QuantizeLinear: round
     * half to even, saturate, NaN becomes the least; without quantisation, and of a position, the
     * number itself. */
    WEFT_FORM_FLOAT32 = 2
} weft_form;

/* One input or output. */
typedef struct weft_port_info {
    uint32_t struct_bytes;
    uint32_t type;      /* weft_type */
    const char *name;   /* of the model */
    const char *layout; /* "NHWC", "NCHW" where rank 4 tells them apart, else "" */
    uint32_t rank;
    uint32_t dims[WEFT_MAX_DIMS];
    uint64_t elements;                               /* of the model's tensor */
    uint64_t model_bytes, int8_bytes, float32_bytes; /* of a buffer in each form */
    /* Quantisation of WEFT_FORM_MODEL: real = scale * (value - zero_point); scale is 0 where there
     * is none: float32, positions, integers that the model gives no scale. */
    float scale;
    int32_t zero_point;
    /* Likewise of WEFT_FORM_INT8: it differs where the host computes, as behind a softmax. */
    float int8_scale;
    int32_t int8_zero_point;
    char host_steps[64]; /* what the host does here: "", "quantize", "dequantize, softmax", .. */
} weft_port_info;

/* Describe one port.  Returns WEFT_OK, or WEFT_ERR_ARG: there is none of that number. */
int weft_program_describe_input(const weft_program *prog, uint32_t index, weft_port_info *out,
                                weft_error *err);
int weft_program_describe_output(const weft_program *prog, uint32_t index, weft_port_info *out,
                                 weft_error *err);

/* One layer: the commands that compute it, or a step of the host, which has none. */
typedef struct weft_program_layer_info {
    uint32_t struct_bytes;
    uint32_t first_command, command_count;
    const char *name; /* of the operator in the model; "first .. last" of several in one */
    const char *op;   /* "CONV_2D" */
    uint64_t macs;
    uint64_t predicted_cycles; /* the layers add up to the run */
} weft_program_layer_info;

/* Describe one layer.  Returns WEFT_OK, or WEFT_ERR_ARG: there is none of that number. */
int weft_program_describe_layer(const weft_program *prog, uint32_t index,
                                weft_program_layer_info *out, weft_error *err);

/* --- devices ------------------------------------------------------------------------------ */

typedef struct weft_listing {
    uint32_t struct_bytes;
    char address[128]; /* for weft_open */
    char text[128];    /* one line: what it is */
    /* Of a board; "" and 0 of what is none, or does not tell. */
    char serial[64];   /* its serial number */
    char speed[32];    /* of its link: "high speed (480 Mbit/s)" */
    uint32_t power_ma; /* the most it says to take from the bus, in mA */
    uint32_t release;  /* of its gateware, as USB writes it: 0x0123 is 1.23 */
} weft_listing;

/* Describe device number `index` of those that can be opened now.  The numbers are of this moment:
 * devices may be plugged in and out between two calls.
 *
 * Returns WEFT_OK, or WEFT_ERR_NO_DEVICE: there are not that many. */
int weft_device_list(uint32_t index, weft_listing *out, weft_error *err);

/* Open a device.
 *
 *   address  "ref:" is the C model, "sim:stall=25,seed=7" the simulated chip with two options, "usb:"
 *            a board.  The manual, weft(1), has all addresses and options under DEVICES.
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_ARG        the address is not one, or has unknown or wrong options
 *   WEFT_ERR_NO_DEVICE  nothing answers there
 *   WEFT_ERR_VERSION    it is no Weft device, or of another ISA version
 *   WEFT_ERR_LINK, WEFT_ERR_IO (trace file) */
int weft_open(const char *address, weft_device **out, weft_error *err);

/* Open every device that an address stands for: "usb:*" is every board on the USB that no other
 * program uses, in the order of weft_device_list; options behind it are those of each
 * ("usb:*,wait=5").  An address without the asterisk is the one device it names.
 *
 *   devices, room  where they go, and how many at most; further ones stay closed
 *   count          how many were opened, at least 1; each is closed by itself
 *
 * Returns WEFT_OK, or what weft_open does with none open: also WEFT_ERR_UNSUPPORTED (what can be
 * reached that way is not listed) and WEFT_ERR_BUSY (others use all of them). */
int weft_open_all(const char *address, weft_device **devices, uint32_t room, uint32_t *count,
                  weft_error *err);

/* Cancel all jobs, stop the device and close it.  Jobs and loaded programs can still be asked and
 * must still be given back.  Waits for no run, at most for its abort (ref: has none, and ends the
 * run), a step of the host that has begun, and callbacks; not for a device that was unplugged.
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_IO         a trace file could not be completed; the device is closed
 *   WEFT_ERR_BUSY       called on the thread of the device (weft_request); it stays open
 *   WEFT_ERR_NO_DEVICE  the device belongs to the process this one was forked from */
int weft_close(weft_device *dev);

typedef struct weft_device_info {
    uint32_t struct_bytes;
    uint32_t isa_version;
    const char *address;          /* as it was opened */
    uint64_t memory_bytes;        /* of device memory */
    uint64_t memory_free;         /* that no loaded program holds */
    uint64_t memory_free_at_once; /* the largest piece of it: what the next program may need */
    uint32_t loaded_count;        /* programs */
    uint32_t most_jobs;           /* that may be in flight */
    uint32_t jobs;                /* in flight: queued or running */
    uint32_t lost;                /* 1: weft_recover it, or close it */
} weft_device_info;

/* Describe what the device is and holds at the moment; also one that was lost.  Returns WEFT_OK. */
int weft_device_describe(weft_device *dev, weft_device_info *out, weft_error *err);

/* The array of the device, as it was when it was opened; also of one that was lost, and in a forked
 * process.  Returns WEFT_OK. */
int weft_device_array(const weft_device *dev, weft_array *out, weft_error *err);

/* Bring back a device that was lost (unplugged, or its link broke): connect again, reset it, and
 * load again what was loaded.  Objects stay good.  Does nothing if the device is not lost.
 *
 * Returns WEFT_OK, or with the device still lost
 *   WEFT_ERR_NO_DEVICE  it is not there
 *   WEFT_ERR_LINK       it broke again
 *   WEFT_ERR_VERSION, WEFT_ERR_HARDWARE  what answers there now is another device
 *   WEFT_ERR_BUSY       called on the thread of the device */
int weft_recover(weft_device *dev, weft_error *err);

/* --- loading ------------------------------------------------------------------------------------
 * Device memory is divided: each program gets a piece, so that several can be loaded at once and a
 * job says which one it is for.  A program may be loaded more than once. */

typedef struct weft_load_options {
    uint32_t struct_bytes;
    /* How many sets of the program's inputs and outputs device memory is to hold.  With two the
     * inputs of the next job go in and the outputs of the last come out while the program runs;
     * each weft_port_set takes one.  0: two if there is room and no other program needs it, else
     * one.  A program with host steps has one set. */
    uint32_t port_sets;
} weft_load_options;

enum { WEFT_MAX_PORT_SETS = 16 };

/* Load a program into a device.  Waits for the job that runs, if one does.
 *
 *   options  may be NULL: all zero
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_VERSION   made for another ISA version
 *   WEFT_ERR_HARDWARE  made for another array, or too large for the whole memory of this device;
 *                      err says how to compile it for this one
 *   WEFT_ERR_CAPACITY  device memory has no room for it beside the others; err says how much
 *   WEFT_ERR_ARG       more port sets than WEFT_MAX_PORT_SETS, or than a program with host steps
 *                      can have
 *   WEFT_ERR_LINK      the link broke: the device is lost now
 *   WEFT_ERR_BUSY      called on the thread of the device */
int weft_load(weft_device *dev, weft_program *prog, const weft_load_options *options,
              weft_loaded **out, weft_error *err);

/* weft_program_open, weft_load, weft_program_close.  Returns what those do. */
int weft_load_file(weft_device *dev, const char *path, weft_loaded **out, weft_error *err);

/* Give a loaded program back.  Its piece of device memory is free as soon as no job of it is in
 * flight and its port sets are given back. */
void weft_unload(weft_loaded *net);

/* The program that is loaded, to describe it; lives as long as `net`.  NULL if net is NULL. */
const weft_program *weft_loaded_program(const weft_loaded *net);

/* --- jobs --------------------------------------------------------------------------------- */

typedef struct weft_input {
    uint32_t struct_bytes;
    uint32_t form; /* weft_form */
    const void *data;
    uint64_t bytes; /* exactly what the form needs */
} weft_input;

typedef struct weft_output {
    uint32_t struct_bytes;
    uint32_t form; /* weft_form */
    void *data;
    uint64_t bytes; /* exactly what the form needs */
} weft_output;

/* What a job is to do. */
typedef struct weft_request {
    uint32_t struct_bytes;
    uint32_t input_count, output_count; /* as many as the program has; 0 with port_set */
    const weft_input *inputs;           /* converted and copied before the call returns */
    const weft_output *outputs; /* the array is copied; the data must live until the job is over */
    weft_port_set *port_set;    /* take inputs from there and leave outputs there; or NULL */
    /* Called once, or NULL, when the outputs are written or the job has failed, just before the job
     * is over for those who wait: after a wait it has returned.  Runs on the thread of the device,
     * which meanwhile does nothing else, so it should be short.  In it weft_submit, weft_cancel,
     * weft_job_free (of this job too) and all that describes are allowed; what would wait for that
     * thread returns WEFT_ERR_BUSY.  Who waits for a job, frees one or closes the device must hold
     * no lock that the callback wants.
     *
     *   status, text  how the job ended, as weft_wait will say; text is "" with WEFT_OK */
    void (*ended)(void *self, int status, const char *text);
    void *self; /* for ended */
} weft_request;

/* Start one inference, without waiting; the jobs of a device run one after the other in the order
 * of submission.
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_ARG   a wrong count, size, form; or the port set is of another program
 *   WEFT_ERR_BUSY  the port set is in use; there are no sets left for inputs and outputs; or
 *                  as many jobs are in flight as can be (weft_device_info) */
int weft_submit(weft_loaded *net, const weft_request *request, weft_job **out, weft_error *err);

/* Wait for a job to be over.  May be called again, and by several threads: the answer stays.
 *
 *   timeout_ms  0 only asks, WEFT_FOREVER waits
 *
 * Returns WEFT_OK with the outputs written, or with them undefined
 *   WEFT_ERR_TIMEOUT    the job is queued or runs; it goes on
 *   WEFT_ERR_CANCELLED  weft_cancel or weft_close came before the end
 *   WEFT_ERR_DEVICE     the device refused a command; err names it, its layer and the reason
 *   WEFT_ERR_LINK, WEFT_ERR_NO_DEVICE  the device was lost before the end: weft_recover it
 *   WEFT_ERR_BUSY       called on the thread of the device, the job is not over */
int weft_wait(weft_job *job, uint32_t timeout_ms, weft_error *err);

/* Wait for one of several jobs to be over, of one device or of several.
 *
 *   jobs   count of them, at least 1
 *   index  the first in the array that is over
 *
 * Returns WEFT_OK: weft_wait tells how that one ended; or
 *   WEFT_ERR_TIMEOUT  none is over
 *   WEFT_ERR_BUSY     called on the thread of one of the devices, and none is over */
int weft_wait_any(weft_job *const *jobs, uint32_t count, uint32_t timeout_ms, uint32_t *index,
                  weft_error *err);

/* A file descriptor for poll(), select(), epoll: readable while a job of the device is over whose
 * end neither weft_wait nor weft_job_free has taken note of.  It belongs to the device, which makes
 * it at the first call and closes it in weft_close: poll it, do not read, write or close it.
 *
 * Returns WEFT_OK, or WEFT_ERR_IO: the system gives no descriptor. */
int weft_device_fd(weft_device *dev, int *fd, weft_error *err);

/* Ask a job to end; it may yet end well, and must still be given back.  The end comes
 * within 100 ms, but for what the host only copies or maps between two runs of the device, which is finished first (at most
 * 2^28 elements).  Never blocks; may be called from a signal handler.  NULL is allowed. */
void weft_cancel(weft_job *job);

typedef enum weft_job_state {
    WEFT_JOB_QUEUED = 0,
    WEFT_JOB_RUNNING = 1,
    WEFT_JOB_OVER = 2
} weft_job_state;

typedef struct weft_job_info {
    uint32_t struct_bytes;
    uint32_t state;                             /* weft_job_state */
    uint32_t finished_commands, total_commands; /* for a progress bar; 0 while it is queued */
    uint64_t cycles; /* of the device, once the job is over; 0 with ref:, which has no clock */
} weft_job_info;

/* Describe how far a job is.  Returns WEFT_OK. */
int weft_job_describe(const weft_job *job, weft_job_info *out, weft_error *err);

/* Give a job back.  One that is not over is cancelled and waited for, as long as weft_close would;
 * on the thread of the device, at once: then its outputs must live until it is over. */
void weft_job_free(weft_job *job);

/* Submit, wait, give back; after the time-out the job is cancelled and WEFT_ERR_TIMEOUT returned.
 *
 *   in, out  one for each input and output of the program
 *
 * Returns what weft_submit and weft_wait do; WEFT_ERR_BUSY also on the thread of the device. */
int weft_run(weft_loaded *net, const weft_input *in, const weft_output *out, uint32_t timeout_ms,
             weft_error *err);

/* --- port sets ----------------------------------------------------------------------------------
 * Inputs and outputs that the caller writes and reads in place.  Where the transport reaches device
 * memory (ref:, sim:) that is device memory itself, and a job of the set copies nothing; elsewhere
 * it is memory of the library, copied by the job.  The bytes are the same either way. */

/* Take one of the sets of ports that weft_load has laid out (weft_load_options); with all of them
 * taken, only jobs with a port set can be submitted.  Its inputs are zero at first.  Waits for the
 * job that runs, if one does.
 *
 * Returns WEFT_OK, or WEFT_ERR_BUSY: none is free, load the program with more of them; or called on
 * the thread of the device. */
int weft_port_set_take(weft_loaded *net, weft_port_set **out, weft_error *err);

/* Give it back; another may take it as soon as no job uses it. */
void weft_port_set_free(weft_port_set *set);

/* The int8 tensor of a port as it lies in memory: element e, row-major in the axes of the device
 * (rank 4: NHWC), at data + e / row_bytes * pitch_bytes + e % row_bytes; what is between two rows
 * of an input must stay zero. */
typedef struct weft_rows_info {
    uint32_t struct_bytes;
    uint32_t direct; /* 1: this is device memory */
    void *data;      /* good until weft_port_set_free or, if it is direct, weft_close */
    uint32_t rows, row_bytes, pitch_bytes;
} weft_rows_info;

/* Tell where an input or output of the set lies.  Write inputs while no job uses the set, read
 * outputs after a job of it has ended well.  Returns WEFT_OK, or WEFT_ERR_ARG: there is none of
 * that number. */
int weft_port_set_input(const weft_port_set *set, uint32_t index, weft_rows_info *out,
                        weft_error *err);
int weft_port_set_output(const weft_port_set *set, uint32_t index, weft_rows_info *out,
                         weft_error *err);

/* Convert a tensor of any form into an input of the set, and an output of it into any form.
 *
 * Returns WEFT_OK, WEFT_ERR_ARG (a wrong index, size or form), WEFT_ERR_BUSY (a job uses it). */
int weft_port_set_write(weft_port_set *set, uint32_t index, const weft_input *from,
                        weft_error *err);
int weft_port_set_read(weft_port_set *set, uint32_t index, const weft_output *to, weft_error *err);

/* --- what it cost ------------------------------------------------------------------------- */

/* Over all jobs of a loaded program that ended well.  A run is that of a job, also where the host
 * has work in the middle of it and the device runs several times. */
typedef struct weft_stats {
    uint32_t struct_bytes;
    uint32_t last_cycles; /* of the last run */
    uint64_t runs;
    uint64_t cycles;    /* of the device; 0 with ref:, which has no clock */
    double run_seconds; /* of this machine, from start to done, with what the host does between */
    /* From the first start to the last outputs, with everything between the runs: with sim: the
     * cycles of the chip, else 0.  With two port sets transfers hide behind the runs. */
    uint64_t elapsed_cycles;
} weft_stats;

/* What the jobs of this program have cost so far.  Returns WEFT_OK. */
int weft_loaded_stats(const weft_loaded *net, weft_stats *out, weft_error *err);

/* The counters of the contract, by number: "CYCLES", "STALL_LOAD"; one line of meaning.  Static;
 * NULL past the last. */
const char *weft_counter_name(uint32_t index);
const char *weft_counter_text(uint32_t index);

/* Read the counters of the last run of the device, all its parts together; 4294967295 means that or
 * more.
 *
 *   values  the first `room` of them, in the order of weft_counter_name
 *
 * Returns WEFT_OK, WEFT_ERR_BUSY (jobs are in flight), WEFT_ERR_LINK (the device is lost). */
int weft_device_counters(weft_device *dev, uint32_t *values, uint32_t room, weft_error *err);

/* What may happen in one cycle of a run: a command of a queue starts (it has its tokens) or ends.
 */
typedef enum weft_event {
    WEFT_LOAD_STARTS = 1,
    WEFT_STORE_STARTS = 2,
    WEFT_COMPUTE_STARTS = 4,
    WEFT_LOAD_ENDS = 8,
    WEFT_STORE_ENDS = 16,
    WEFT_COMPUTE_ENDS = 32
} weft_event;

enum { WEFT_WATCHED_COUNTERS = 15 }; /* CYCLES to COMMANDS */

/* Be told of every cycle in which commands start or end, on the thread of the device, until this
 * is called with event NULL.  Queues work in order: the n-th start is of the n-th command of its
 * queue.  Waits for the job that runs, if one does.
 *
 *   event  events: weft_event, or-ed; counters: WEFT_WATCHED_COUNTERS of them, before this cycle
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_UNSUPPORTED  this device cannot be watched (the simulation can)
 *   WEFT_ERR_BUSY         called on the thread of the device */
int weft_device_watch(weft_device *dev,
                      void (*event)(void *self, uint32_t events, const uint32_t *counters),
                      void *self, weft_error *err);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
