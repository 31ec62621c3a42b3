/* Networks of ../shared/data (or WEFT_DATA) with what TensorFlow Lite Micro's reference kernels
 * gave for them: golden/tflm_oracle, a folder a network. */
#ifndef WEFT_TESTS_RECORDED_H
#define WEFT_TESTS_RECORDED_H

#include <stddef.h>
#include <stdint.h>

#include "models/graph/graph.h"

typedef struct recorded_file {
    uint8_t *bytes; /* a zero follows; NULL if there is no such file */
    size_t count;
} recorded_file;

/* The folder of all data. */
const char *recorded_data(void);

/* A whole file; free(bytes). */
recorded_file recorded_read(const char *folder, const char *name);

/* The path of the model of a recorded network, below the folder of all data. */
void recorded_model(const char *network, char *path, size_t room);

/* The names of all recorded networks in order, every one an argument says part of (all if no
 * argument); 0 if there are no recordings here. */
enum { RECORDED_MOST = 64, RECORDED_NAME = 128 };
typedef struct recorded_list {
    char name[RECORDED_MOST][RECORDED_NAME];
    unsigned count;
} recorded_list;
int recorded_networks(recorded_list *out, int count, char **parts);

/* A network, and its samples one behind the other. */
typedef struct recorded_net {
    weft_graph *graph;
    recorded_file in, out;
    size_t samples, in_bytes, out_bytes; /* bytes of a sample */
} recorded_net;

/* Returns WEFT_OK, or a status with a sentence; recorded_close in any case. */
int recorded_open(const char *network, recorded_net *n, weft_error *err);
void recorded_close(recorded_net *n);

#endif
