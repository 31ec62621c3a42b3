/* The door between libweft and the simulated chips, which are a library of their own (libweft_sim,
 * C++) and need not be there.
 *
 * libweft_sim exports weft_sim_library and nothing else.  Whoever links it, by -lweft_sim or as
 * objects, has it used; otherwise libweft loads the shared library when "sim:" is first asked for.
 * The table of functions behind the door is no public interface: both sides must be of one
 * version. */
#ifndef WEFT_SIM_DOOR_H
#define WEFT_SIM_DOOR_H

#include "transport.h"

typedef struct weft_sim_door {
    const char *version; /* WEFT_VERSION of libweft_sim; the first member in every version */
    const weft_transport_ops *transport;
} weft_sim_door;

/* The simulation that is linked in.  Never NULL, static. */
typedef const weft_sim_door *weft_sim_library_function(void);
__attribute__((visibility("default"))) weft_sim_library_function weft_sim_library;

/* Find the simulation: linked in, else the shared library beside libweft or the program, in lib
 * beside the program's folder, or where the system's loader looks.  Once loaded it stays.
 *
 * Returns WEFT_OK with *out, or with a sentence that says how to get it
 *   WEFT_ERR_NO_DEVICE  it is not there, or what is there cannot be loaded
 *   WEFT_ERR_VERSION    it belongs to another version of libweft */
int weft_sim_find(const weft_transport_ops **out, weft_error *err);

#endif
