# The simulated device, but for the chip itself.

SIM_C := \
    sim/mem_model.c \
    sim/pin_wire.c \
    sim/transport_sim.c
