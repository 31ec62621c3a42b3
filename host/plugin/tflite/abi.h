/* The part of TensorFlow Lite's C interface that the delegate touches, declared here: 64-bit, the whole runtime.
 *
 * The runtime only ever appends to these structs, so what stands here holds for every one since 2.5 (2020), and for
 * LiteRT.  Its headers are in no package that a build could ask for; tests/plugin/test_delegate.sh runs the delegate
 * inside the runtimes.  Names are the runtime's own with another prefix. */
#ifndef WEFT_PLUGIN_TFLITE_ABI_H
#define WEFT_PLUGIN_TFLITE_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum tfl_status { TFL_OK = 0, TFL_ERROR = 1 } tfl_status;

enum { TFL_CONSTANT = 1, TFL_DYNAMIC = 4, TFL_PERSISTENT_CONSTANT = 5 }; /* allocation_type */
enum { TFL_AFFINE = 1 };                                                 /* quantization.type */
enum { TFL_OP_CUSTOM = 32, TFL_OP_DELEGATE = 51 };                       /* builtin_code */

typedef struct tfl_ints {
    int size;
    int data[];
} tfl_ints;

typedef struct tfl_floats {
    int size;
    float data[];
} tfl_floats;

typedef struct tfl_affine {
    tfl_floats *scale;
    tfl_ints *zero_point;
    int32_t axis;
} tfl_affine;

typedef struct tfl_delegate tfl_delegate;
typedef struct tfl_context tfl_context;

typedef struct tfl_tensor {
    int type;
    void *data;
    tfl_ints *dims;
    struct {
        float scale;
        int32_t zero_point;
    } params;
    int allocation_type;
    size_t bytes;
    const void *allocation;
    const char *name;
    tfl_delegate *delegate;
    int buffer_handle;
    bool data_is_stale, is_variable;
    struct {
        int type;
        void *params;
    } quantization;
    void *sparsity;
    const tfl_ints *dims_signature;
} tfl_tensor;

typedef struct tfl_node {
    tfl_ints *inputs, *outputs, *intermediates, *temporaries;
    void *user_data, *builtin_data;
    const void *custom_data;
    int custom_data_bytes;
    tfl_delegate *delegate;
    bool might_have_side_effect;
} tfl_node;

typedef struct tfl_registration {
    void *(*init)(tfl_context *, const char *, size_t);
    void (*free)(tfl_context *, void *);
    tfl_status (*prepare)(tfl_context *, tfl_node *);
    tfl_status (*invoke)(tfl_context *, tfl_node *);
    const char *(*profiling_string)(const tfl_context *, const tfl_node *);
    int32_t builtin_code;
    const char *custom_name;
    int version;
    void *external;
    void *(*async_kernel)(tfl_context *, tfl_node *);
    uint64_t inplace_operator;
} tfl_registration;

typedef struct tfl_delegate_params {
    tfl_delegate *delegate;
    tfl_ints *nodes, *inputs, *outputs; /* of a part */
} tfl_delegate_params;

struct tfl_delegate {
    void *data;
    tfl_status (*prepare)(tfl_context *, tfl_delegate *);
    tfl_status (*copy_from_handle)(tfl_context *, tfl_delegate *, int, tfl_tensor *);
    tfl_status (*copy_to_handle)(tfl_context *, tfl_delegate *, int, tfl_tensor *);
    void (*free_handle)(tfl_context *, tfl_delegate *, int *);
    int64_t flags;
    void *opaque_builder;
};

struct tfl_context {
    size_t tensor_count;
    tfl_status (*get_execution_plan)(tfl_context *, tfl_ints **);
    tfl_tensor *tensors;
    void *impl;
    tfl_status (*resize_tensor)(tfl_context *, tfl_tensor *, tfl_ints *);
    void (*report_error)(tfl_context *, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
    tfl_status (*add_tensors)(tfl_context *, int, int *);
    tfl_status (*get_node)(tfl_context *, int, tfl_node **, tfl_registration **);
    tfl_status (*replace_nodes)(tfl_context *, tfl_registration, const tfl_ints *, tfl_delegate *);
    int recommended_num_threads;
    void *(*get_external_context)(tfl_context *, int);
    void (*set_external_context)(tfl_context *, int, void *);
    bool allow_fp32_relax_to_fp16;
    void *profiler;
    void *(*allocate_persistent)(tfl_context *, size_t);
    tfl_status (*allocate_for_eval)(tfl_context *, size_t, void **);
    tfl_status (*request_scratch)(tfl_context *, size_t, int *);
    void *(*get_scratch)(tfl_context *, int);
    tfl_status (*resize_explicit)(tfl_context *, tfl_tensor *, int, const int *);
    tfl_status (*preview_parts)(tfl_context *, const tfl_ints *, tfl_delegate_params **, int *);
};

#endif
