# The simulated device, but for the chip itself (verilate.mk); weft_sim_models.c is compiled once more for
# every list of models.

SIM_C := \
    sim/mem_model.c \
    sim/pin_pace.c \
    sim/pin_wire.c \
    sim/sim_find.c \
    sim/trace_file.c \
    sim/trace_map.c \
    sim/transport_sim.c

SIM_MODELS_C := sim/weft_sim_models.c
