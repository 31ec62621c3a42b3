/* Finding the libraries behind the doors; see module.h. */
#define _GNU_SOURCE /* dladdr */
#include "module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <weft/weft_version.h>

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

enum { PATH_BYTES = 4096, NAME_BYTES = 64 };

/* NULL where they are not linked in. */
#define OWN(scheme)
#define DOOR(scheme, what) __attribute__((weak)) weft_module_function weft_##scheme##_library;
#include "transports.def"

typedef struct door {
    const char *scheme, *library; /* "sim", "weft_sim" */
    const char *what;             /* "the simulated chips" */
    weft_module_function *linked;
} door;

/* Door `index`, or one without a scheme.  (No table: addresses of weak functions are not constants
 * to every compiler.) */
static door door_at(unsigned index)
{
    const door doors[] = {
#define OWN(scheme)
#define DOOR(scheme, what) { #scheme, "weft_" #scheme, what, weft_##scheme##_library },
#include "transports.def"
    };
    return index < sizeof doors / sizeof *doors ? doors[index] : (door){ 0 };
}

const char *weft_module_scheme(unsigned index)
{
    return door_at(index).scheme;
}

/* Write where the library would lie, `place` as seen from the file that holds this function (libweft
 * or the program).  Returns 1 if it is there, else 0. */
static int is_beside(const char *place, const char *name, char *path)
{
    static const char here = 0;
    Dl_info info;
    if (!dladdr(&here, &info) || !info.dli_fname)
        return 0;
    const char *slash = strrchr(info.dli_fname, '/');
    const int folder = slash ? (int)(slash - info.dli_fname) : 0;
    const int length = snprintf(path, PATH_BYTES, "%.*s%s%s", folder, info.dli_fname, place, name);
    return slash && length < PATH_BYTES && access(path, R_OK) == 0;
}

static weft_module_function *load(const door *d, weft_error *err)
{
    char path[PATH_BYTES], name[NAME_BYTES], symbol_name[NAME_BYTES];
    snprintf(name, sizeof name, "lib%s.so." TEXT(WEFT_VERSION_MAJOR), d->library);
    snprintf(symbol_name, sizeof symbol_name, "%s_library", d->library);
    if (!is_beside("/", name, path) && !is_beside("/../lib/", name, path))
        snprintf(path, sizeof path, "%s", name);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, symbol_name) : NULL;
    weft_module_function *function = NULL;
    if (symbol)
        memcpy(&function, &symbol, sizeof function); /* ISO C has no cast between the two */
    else
        weft_error_set(err, WEFT_ERR_NO_DEVICE,
                       "%s: needs %s, which is in a library that is not here (%.300s): install "
                       "lib%s of version " WEFT_VERSION
                       " beside libweft, or link the program with -l%s",
                       d->scheme, d->what, dlerror(), d->library, d->library);
    return function;
}

static int find(const door *d, const weft_transport_ops **out, weft_error *err)
{
    weft_module_function *library = d->linked ? d->linked : load(d, err);
    if (!library)
        return WEFT_ERR_NO_DEVICE;
    const weft_module *module = library();
    if (strcmp(module->version, WEFT_VERSION) != 0)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "%s: the library that was found (lib%s) is of version %.40s and "
                              "libweft of " WEFT_VERSION ": install both from one release",
                              d->scheme, d->library, module->version);
    *out = module->transport;
    return WEFT_OK;
}

/* All of them, each behind a blank. */
static const char schemes[] =
#define OWN(scheme)        " " #scheme ":"
#define DOOR(scheme, what) " " #scheme ":"
#include "transports.def"
    ;

int weft_module_find(const char *scheme, const weft_transport_ops **out, weft_error *err)
{
    for (unsigned i = 0; weft_module_scheme(i); i++) {
        const door d = door_at(i);
        if (!strcmp(d.scheme, scheme))
            return find(&d, out, err);
    }
    return weft_error_set(err, WEFT_ERR_ARG, "no way to reach \"%.40s:\"; there are%s", scheme,
                          schemes);
}
