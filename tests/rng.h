/* The random numbers of the tests are those of the self-test. */
#include "models/base/rng.h"
