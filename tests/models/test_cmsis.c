/* The layer vectors of CMSIS-NN (made by TensorFlow's interpreter) on the reference operators;
 * cmsis_cases.c says how.
 *
 * The vectors are in ../shared/data (or WEFT_DATA); skipped where they are not. */
#include "cmsis_run.h"

int main(int argc, char **argv)
{
    test t = test_begin("cmsis", argc, argv, 1, 1);
    char what[128];
    unsigned cases;
    if (!cmsis_all(&t, argc > 1 ? argv[1] : NULL, NULL, &cases))
        return test_skip(&t, "the CMSIS-NN vectors are not here (WEFT_DATA says where)");
    snprintf(what, sizeof what, "%u layer vectors of CMSIS-NN on the reference", cases);
    return test_end(&t, what);
}
