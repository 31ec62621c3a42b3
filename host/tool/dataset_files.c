/* Samples that are files of their own: a folder for each class, or a list; see dataset.h. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dataset_own.h"
#include "models/base/files.h"

/* --- files of their own --------------------------------------------------------------------- */

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static char *join(const char *folder, const char *name)
{
    const size_t room = strlen(folder) + strlen(name) + 2;
    char *path = malloc(room);
    if (path)
        snprintf(path, room, "%s/%s", folder, name);
    return path;
}

/* One more sample; takes the path, NULL too.  Returns an exit code. */
static int add_file(tool *t, dataset *d, char *path, uint32_t label)
{
    if (path && d->count < MOST_SAMPLES && !(d->count & (d->count - 1))) { /* twice the room */
        const size_t room = d->count ? 2 * (size_t)d->count : 1;
        char **more_paths = realloc(d->path, room * sizeof *d->path);
        d->path = more_paths ? more_paths : d->path;
        uint32_t *more_labels = realloc(d->labels, room * sizeof *d->labels);
        d->labels = more_labels ? more_labels : d->labels;
        if (!more_paths || !more_labels) {
            free(path);
            path = NULL;
        }
    }
    if (!path)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for a list of files");
    d->path[d->count] = path;
    d->labels[d->count++] = label;
    return EXIT_GOOD;
}

/* Files of a folder, in the order of their names. */
static int add_folder(tool *t, dataset *d, const char *folder, uint32_t label)
{
    struct dirent **entry;
    const int count = scandir(folder, &entry, is_shown, alphasort);
    int code = count < 0 ? tool_fail(t, WEFT_ERR_IO, "%.200s cannot be read", folder) : EXIT_GOOD;
    for (int i = 0; i < count; i++) {
        if (code == EXIT_GOOD)
            code = add_file(t, d, join(folder, entry[i]->d_name), label);
        free(entry[i]);
    }
    if (count >= 0)
        free((void *)entry);
    return code;
}

int dataset_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* A folder for each class. */
static int read_classes(tool *t, const dataset_options *o, dataset *d)
{
    struct dirent **entry;
    const int count = scandir(o->data, &entry, is_shown, alphasort);
    int code = count < 0 ? tool_fail(t, WEFT_ERR_IO, "%.200s cannot be read", o->data) : EXIT_GOOD;
    uint32_t number = 0;
    for (int i = 0; i < count; i++) {
        char *folder = code == EXIT_GOOD ? join(o->data, entry[i]->d_name) : NULL;
        if (folder && dataset_is_folder(folder)) {
            const uint32_t named = names_find(o->known, entry[i]->d_name);
            code = add_folder(t, d, folder, named < o->known->count ? named : number);
            number++;
        }
        free(folder);
        free(entry[i]);
    }
    if (count >= 0)
        free((void *)entry);
    if (code == EXIT_GOOD && !d->count)
        code = tool_fail(t, WEFT_ERR_IO,
                         "%.200s holds no MNIST test set and no folders of pictures, one for each "
                         "class; or give --labels FILE.csv with lines of file,label",
                         o->data);
    return code;
}

/* Lines of file,label. */
static int read_list(tool *t, const dataset_options *o, dataset *d)
{
    uint8_t *bytes;
    size_t size, at = 0, length;
    const char *line;
    uint32_t number = 0, label;
    if (weft_file_read(o->labels, &bytes, &size, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    int code = EXIT_GOOD;
    while (code == EXIT_GOOD && dataset_line((const char *)bytes, size, &at, &line, &length)) {
        char name[1024];
        const char *comma = memchr(line, ',', length);
        number++;
        if (!length || (number == 1 && !dataset_label(o->known, line, length, &label)))
            continue;
        const size_t name_bytes = comma ? (size_t)(comma - line) : sizeof name;
        if (name_bytes >= sizeof name || !dataset_label(o->known, line, length, &label)) {
            code = tool_fail(t, WEFT_ERR_FORMAT, "%.200s: line %u is not file,label", o->labels,
                             (unsigned)number);
            break;
        }
        memcpy(name, line, name_bytes);
        name[name_bytes] = 0;
        code = add_file(t, d, join(o->data, name), label);
    }
    free(bytes);
    return code == EXIT_GOOD && !d->count
               ? tool_fail(t, WEFT_ERR_FORMAT, "%.200s names no files", o->labels)
               : code;
}

/* A sample of its own file into a buffer, or only looked at (to NULL). */
int dataset_read_file(tool *t, const dataset *d, const char *path, int *form, buffer *to)
{
    uint8_t *bytes;
    size_t size;
    media m;
    if (weft_file_read(path, &bytes, &size, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    int code = tool_exit(media_read(path, bytes, size, NULL, &m, &t->err));
    free(bytes);
    const uint64_t samples = code == EXIT_GOOD ? feed_count(t, &d->f, path, &m) : 0;
    *form = samples ? feed_form(t, &d->f, path, &m) : -1;
    if (code == EXIT_GOOD && samples > 1)
        code = tool_fail(t, WEFT_ERR_SHAPE, "%.200s holds more than one sample", path);
    if (code == EXIT_GOOD && *form < 0)
        code = tool_exit(t->err.status);
    if (code == EXIT_GOOD && to && *form != (int)to->form)
        code = tool_fail(t, WEFT_ERR_SHAPE, "%.200s is of another kind than the first file", path);
    if (code == EXIT_GOOD && to)
        code = feed_put(t, &d->f, path, &m, 0, to);
    media_free(&m);
    return code;
}

int dataset_read_files(tool *t, const dataset_options *o, dataset *d)
{
    int form, code = o->labels ? read_list(t, o, d) : read_classes(t, o, d);
    if (code == EXIT_GOOD)
        code = dataset_read_file(t, d, d->path[0], &form, NULL);
    if (code == EXIT_GOOD)
        d->form = (weft_form)form;
    return code;
}
