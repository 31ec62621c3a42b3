/* See recorded.h. */
#include "recorded.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/import/tflite/tflite.h"

const char *recorded_data(void)
{
    const char *data = getenv("WEFT_DATA");
    return data ? data : "../shared/data";
}

recorded_file recorded_read(const char *folder, const char *name)
{
    char path[1024];
    struct stat info;
    recorded_file f = { NULL, 0 };
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = stat(path, &info) == 0 ? fopen(path, "rb") : NULL;
    if (!in)
        return f;
    f.bytes = malloc((size_t)info.st_size + 1);
    f.count = f.bytes ? fread(f.bytes, 1, (size_t)info.st_size, in) : 0;
    if (f.bytes)
        f.bytes[f.count] = 0;
    fclose(in);
    return f;
}

void recorded_model(const char *network, char *path, size_t room)
{
    size_t at = 0; /* "__" stands for "/" */
    for (const char *c = network; *c && at + 8 < room; c++, at++) {
        path[at] = c[0] == '_' && c[1] == '_' ? '/' : *c;
        c += path[at] == '/';
    }
    snprintf(path + at, room - at, ".tflite");
}

static int wanted(const char *name, int count, char **parts)
{
    for (int i = 0; i < count; i++)
        if (strstr(name, parts[i]))
            return 1;
    return count == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int recorded_networks(recorded_list *out, int count, char **parts)
{
    char path[1024];
    out->count = 0;
    snprintf(path, sizeof path, "%s/golden/tflm_oracle", recorded_data());
    DIR *folder = opendir(path);
    if (!folder)
        return 0;
    for (struct dirent *e = readdir(folder); e && out->count < RECORDED_MOST; e = readdir(folder))
        if (e->d_name[0] != '.' && wanted(e->d_name, count, parts))
            snprintf(out->name[out->count++], RECORDED_NAME, "%.*s", RECORDED_NAME - 1, e->d_name);
    closedir(folder);
    qsort(out->name, out->count, sizeof *out->name, by_name);
    return 1;
}

static size_t port_bytes(const weft_graph *g, const weft_port *p, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += weft_tensor_bytes(&g->tensors[p[i].tensor]);
    return bytes;
}

int recorded_open(const char *network, recorded_net *n, weft_error *err)
{
    char folder[1024], model[512], whole[2048];
    *n = (recorded_net){ 0 };
    recorded_model(network, model, sizeof model);
    snprintf(whole, sizeof whole, "%s/%s", recorded_data(), model);
    int rc = weft_tflite_read(whole, NULL, &n->graph, err);
    if (rc != WEFT_OK)
        return rc;
    snprintf(folder, sizeof folder, "%s/golden/tflm_oracle/%s", recorded_data(), network);
    n->in = recorded_read(folder, "in.bin");
    n->out = recorded_read(folder, "out.bin");
    n->in_bytes = port_bytes(n->graph, n->graph->inputs, n->graph->input_count);
    n->out_bytes = port_bytes(n->graph, n->graph->outputs, n->graph->output_count);
    n->samples = n->in.count / n->in_bytes;
    if (n->samples == 0 || n->in.count % n->in_bytes || n->out.count != n->samples * n->out_bytes)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "recordings of %zu and %zu bytes do not fit ports of %zu and %zu",
                              n->in.count, n->out.count, n->in_bytes, n->out_bytes);
    return WEFT_OK;
}

void recorded_close(recorded_net *n)
{
    weft_graph_free(n->graph);
    free(n->in.bytes);
    free(n->out.bytes);
    *n = (recorded_net){ 0 };
}
