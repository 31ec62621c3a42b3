/* Run a whole graph by the reference operators and look at every tensor of it.
 *
 *     weft_ref *r;
 *     rc = weft_ref_new(g, &r, &err);
 *     rc = weft_ref_set_input(r, 0, image, sizeof image);
 *     weft_ref_run(r);
 *     rc = weft_ref_get_output(r, 0, logits, sizeof logits);
 *     const int8_t *between = weft_ref_tensor(r, g->nodes[3].output);
 *     weft_ref_free(r);
 *
 * Memory: all tensors at once, freed by weft_ref_free; the graph is borrowed and must outlive it.
 * Threads: one weft_ref per thread; any number on one graph. */
#ifndef WEFT_REF_GRAPH_H
#define WEFT_REF_GRAPH_H

#include "models/graph/graph.h"

typedef struct weft_ref weft_ref;

/* Memory for one run of a checked graph, all zero.
 * Returns WEFT_OK, WEFT_ERR_ARG (graph not checked), WEFT_ERR_NO_MEMORY. */
int weft_ref_new(const weft_graph *g, weft_ref **out, weft_error *err);

/* Free the run; NULL is allowed. */
void weft_ref_free(weft_ref *r);

/* Give input number port, in the model's type and layout (weft_port); the data is copied.
 * Returns WEFT_OK, or WEFT_ERR_ARG: no such port, or bytes is not the size of the port's tensor. */
int weft_ref_set_input(weft_ref *r, uint32_t port, const void *data, size_t bytes);

/* Compute every tensor from the inputs; may be repeated with new inputs. */
void weft_ref_run(weft_ref *r);

/* The same, asking every few milliseconds whether it is over before its time: is_over(whose).  Returns 1, or 0 if it was,
 * and then the tensors are undefined. */
int weft_ref_run_until(weft_ref *r, int (*is_over)(const void *), const void *whose);

/* Output number port in the model's type and layout.  Returns as weft_ref_set_input. */
int weft_ref_get_output(const weft_ref *r, uint32_t port, void *data, size_t bytes);

/* The canonical tensor (row-major, weft_tensor_bytes) after the run; NULL if there is no such. */
const void *weft_ref_tensor(const weft_ref *r, uint32_t tensor);

#endif
