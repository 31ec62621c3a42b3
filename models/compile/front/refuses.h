/* What the device cannot run although its kind of operator is one for the device. */
#ifndef WEFT_COMPILE_REFUSES_H
#define WEFT_COMPILE_REFUSES_H

#include "models/compile/plan/network.h"

/* Returns why the device does not run this int8 operator, a clause that lives as long as the
 * network; NULL if it may. */
const char *device_refuses(const network *net, uint32_t node);

#endif
