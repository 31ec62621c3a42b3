/* The list of models that a program or library simulates, as the build names them:
 *
 *     -D'WEFT_SIM_MODELS=MODEL(16x16) MODEL(8x8)'      tables weft_sim_model_16x16, ...
 *
 * The first one's shape is the default of "sim:". */
#include "weft_sim.h"

#define MODEL(name) extern const weft_sim_model weft_sim_model_##name;
WEFT_SIM_MODELS
#undef MODEL
#define MODEL(name) &weft_sim_model_##name,
const weft_sim_model *const weft_sim_models[] = { WEFT_SIM_MODELS };
#undef MODEL

const unsigned weft_sim_model_count = sizeof weft_sim_models / sizeof *weft_sim_models;
