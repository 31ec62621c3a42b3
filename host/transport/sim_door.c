/* Finding libweft_sim; see sim_door.h. */
#define _GNU_SOURCE /* dladdr */
#include "sim_door.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <weft/weft_version.h>

#define TEXT_(x)   #x
#define TEXT(x)    TEXT_(x)
#define SIM_SONAME "libweft_sim.so." TEXT(WEFT_VERSION_MAJOR)

enum { PATH_BYTES = 4096 };

/* NULL where the simulation is not linked in. */
__attribute__((weak)) weft_sim_library_function weft_sim_library;

/* Write where the library would lie, `place` as seen from the file that holds this function (libweft
 * or the program).  Returns 1 if it is there, else 0. */
static int is_beside(const char *place, char *path)
{
    static const char here = 0;
    Dl_info info;
    if (!dladdr(&here, &info) || !info.dli_fname)
        return 0;
    const char *slash = strrchr(info.dli_fname, '/');
    const int folder = slash ? (int)(slash - info.dli_fname) : 0;
    const int length =
        snprintf(path, PATH_BYTES, "%.*s%s" SIM_SONAME, folder, info.dli_fname, place);
    return slash && length < PATH_BYTES && access(path, R_OK) == 0;
}

static weft_sim_library_function *load(weft_error *err)
{
    char path[PATH_BYTES];
    if (!is_beside("/", path) && !is_beside("/../lib/", path))
        snprintf(path, sizeof path, SIM_SONAME);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "weft_sim_library") : NULL;
    weft_sim_library_function *function = NULL;
    if (symbol)
        memcpy(&function, &symbol, sizeof function); /* ISO C has no cast between the two */
    else
        weft_error_set(err, WEFT_ERR_NO_DEVICE,
                       "sim: needs the simulated chips, which are not here (%.300s): install "
                       "libweft_sim of version " WEFT_VERSION
                       " beside libweft, or link the program with -lweft_sim",
                       dlerror());
    return function;
}

int weft_sim_find(const weft_transport_ops **out, weft_error *err)
{
    weft_sim_library_function *library = weft_sim_library ? weft_sim_library : load(err);
    if (!library)
        return WEFT_ERR_NO_DEVICE;
    const weft_sim_door *door = library();
    if (strcmp(door->version, WEFT_VERSION) != 0)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "sim: the simulated chips that were found (libweft_sim) are of "
                              "version %.40s and libweft of " WEFT_VERSION
                              ": install both from one release",
                              door->version);
    *out = door->transport;
    return WEFT_OK;
}
