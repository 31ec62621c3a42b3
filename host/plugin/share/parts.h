/* Which part of a network a plugin takes. */
#ifndef WEFT_PLUGIN_SHARE_PARTS_H
#define WEFT_PLUGIN_SHARE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/* A node reads what an earlier one makes.  Nodes are numbered in topological order. */
typedef struct part_edge {
    size_t from, to; /* from < to */
} part_edge;

/* Choose the largest connected part of the nodes that are not refused.
 *
 * Two nodes are in one part if an edge joins them and as many refused nodes lie on the longest way to each: so no way
 * leaves a part and comes back.
 *
 *   edges   in ascending order of `to`
 *   chosen  room for `count`; gets the nodes of the part, ascending
 *
 * Returns how many these are, 0 if all are refused, or SIZE_MAX without memory.  Costs time in proportion to nodes and
 * edges. */
size_t part_largest(size_t count, const part_edge *edges, size_t edge_count, const bool *is_refused,
                    size_t *chosen);

#endif
