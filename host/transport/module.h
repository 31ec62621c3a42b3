/* The doors between libweft and what it can do without: transports that need more than the C library
 * are libraries of their own, and need not be there: the rows DOOR of transports.def, such as
 * libweft_sim (C++), libweft_usb (libusb) and libweft_ftdi (libftdi1).
 *
 * Each exports one function, weft_sim_library for example, and nothing else.  Whoever links it, by
 * -lweft_sim or as objects, has it used; otherwise libweft loads the shared library when its scheme is
 * first asked for.
 * The table of functions behind a door is no public interface: both sides must be of one version. */
#ifndef WEFT_MODULE_H
#define WEFT_MODULE_H

#include "transport.h"

typedef struct weft_module {
    const char *version; /* WEFT_VERSION of the library; the first member in every version */
    const weft_transport_ops *transport;
} weft_module;

/* What is behind a door that is linked in.  Never NULL, static. */
typedef const weft_module *weft_module_function(void);
#define OWN(scheme)
#define DOOR(scheme, what)                                                                         \
    __attribute__((visibility("default"))) weft_module_function weft_##scheme##_library;
#include "transports.def"

/* Find the transport of a scheme that is a door of transports.def: linked in, else in the shared
 * library beside libweft or the program, in lib beside the program's folder, or where the system's
 * loader looks.  Once loaded it stays.
 *
 * Returns WEFT_OK with *out, or with a sentence that says how to get it
 *   WEFT_ERR_ARG        there is no such door
 *   WEFT_ERR_NO_DEVICE  the library is not there, or what is there cannot be loaded
 *   WEFT_ERR_VERSION    it belongs to another version of libweft */
int weft_module_find(const char *scheme, const weft_transport_ops **out, weft_error *err);

/* The scheme of library `index`; NULL past the last.  Static. */
const char *weft_module_scheme(unsigned index);

#endif
