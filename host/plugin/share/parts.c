/* Which part of a network a plugin takes; see parts.h. */
#include "host/plugin/share/parts.h"

#include <stdint.h>
#include <stdlib.h>

static size_t root_of(size_t *part, size_t index)
{
    while (part[index] != index)
        index = part[index] = part[part[index]];
    return index;
}

/* Level and part of every node, from those it reads, which come before it. */
static void place_nodes(size_t count, const part_edge *edges, size_t edge_count,
                        const bool *is_refused, size_t *level, size_t *part)
{
    size_t first = 0, end = 0;
    for (size_t node = 0; node < count; node++, first = end) {
        level[node] = 0;
        part[node] = node;
        for (; end < edge_count && edges[end].to == node; end++) {
            const size_t above = level[edges[end].from] + is_refused[edges[end].from];
            level[node] = above > level[node] ? above : level[node];
        }
        for (size_t i = first; i < end && !is_refused[node]; i++)
            if (!is_refused[edges[i].from] && level[edges[i].from] == level[node])
                part[root_of(part, edges[i].from)] = root_of(part, node);
    }
}

size_t part_largest(size_t count, const part_edge *edges, size_t edge_count, const bool *is_refused,
                    size_t *chosen)
{
    size_t *notes = calloc(3 * count + 1, sizeof *notes), best = 0, found = 0;
    if (!notes)
        return SIZE_MAX;
    size_t *level = notes, *part = notes + count, *size = notes + 2 * count;
    place_nodes(count, edges, edge_count, is_refused, level, part);
    for (size_t i = 0; i < count; i++)
        if (!is_refused[i] && ++size[root_of(part, i)] > size[best])
            best = root_of(part, i);
    for (size_t i = 0; i < count && size[best] > 0; i++)
        if (!is_refused[i] && root_of(part, i) == best)
            chosen[found++] = i;
    free(notes);
    return found;
}
