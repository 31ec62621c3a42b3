# The chip, Verilated once per model and compiled once per form.
#
#     verilated/MODEL/              what Verilator wrote, edited by edit_model.sh
#     verilated/MODEL/FORM/chip.o   that and weft_sim.cpp, compiled: one object with one symbol, its table
#     verilated/runtime_FORM.o      Verilator's run-time library, once for all models of a program, with what weft_sim.cpp has it do when a design stops
#
# Forms: native is for this machine, for the programs of this tree; v2, v3 and v4 are for the levels of x86-64
# (base: for any other processor), for libweft_sim; lesson counts which code runs.  SIM=0 leaves all of it out.

# Parameters differ on purpose, so that tests see narrow lanes, ports and links of every width.  The first model is the default of sim:.
MODELS       := 16x16 8x8 12x8 4x4 4x4_small 16x16_trace icepi_zero
PARAM_16x16  := -GROWS=16 -GCOLS=16 -GLANES=16 -GFB_WORDS=2048 -GACC_DEPTH=512 -GMEM_BYTES=16
PARAM_8x8    := -GROWS=8 -GCOLS=8 -GLANES=8 -GFB_WORDS=1024 -GACC_DEPTH=256 -GMEM_BYTES=16
PARAM_12x8   := -GROWS=12 -GCOLS=8 -GLANES=4 -GFB_WORDS=512 -GACC_DEPTH=128 -GMEM_BYTES=32 -GLINK_BYTES=4 -GLINK_DATA=4096
PARAM_4x4    := -GROWS=4 -GCOLS=4 -GLANES=4 -GFB_WORDS=1024 -GACC_DEPTH=64 -GMEM_BYTES=8 -GLINK_BYTES=2 -GLINK_DATA=512 -GLINK_WINDOW=16
# The parts that a small FPGA leaves out, and one lane (make pnr BUILD=4x4).
PARAM_4x4_small := -GROWS=4 -GCOLS=4 -GLANES=1 -GFB_WORDS=512 -GACC_DEPTH=64 -GMEM_BYTES=4 -GHAS_PAIR=0 -GHAS_FLOAT=0 -GHAS_COUNTERS=0 -GLUT_CELLS=5
# For perf-shapes only: half an array, and one of 1024 cells.
PARAM_16x8   := -GROWS=16 -GCOLS=8 -GLANES=8 -GFB_WORDS=2048 -GACC_DEPTH=512 -GMEM_BYTES=16
PARAM_32x32  := -GROWS=32 -GCOLS=32 -GLANES=32 -GFB_WORDS=2048 -GACC_DEPTH=512 -GMEM_BYTES=16
# The traced model has no clock gates: what is equal to it shows that they change nothing (weft_gate.v).
PARAM_16x16_trace := $(PARAM_16x16) --trace-fst -DWEFT_UNGATED
# Whole boards, without clock gates: the folder of rtl/board says what each is, and its .cfg how fast.
BOARDS       := icepi_zero ulx3s
BOARD_BYTES_icepi_zero := 4
BOARD_BYTES_ulx3s := 8
BOARD_V      := $(filter-out $(shell cat rtl/files.f),$(shell cat rtl/phy/files.f rtl/sdram/files.f rtl/board/files.f)) tests/rtl/sdram_chip.v sim/weft_board_sim.v
board_hz      = $(shell sed -n 's/^clock_hz //p' rtl/board/$1/$1.cfg)
$(foreach b,$(BOARDS),$(eval PARAM_$b := --top-module weft_board_sim -DWEFT_UNGATED -DWEFT_BOARD=weft_$b -DWEFT_BOARD_HZ=$(call board_hz,$b) -Wno-BLKSEQ -Wno-TIMESCALEMOD -Wno-PINMISSING))
$(foreach b,$(BOARDS),$(eval V_$b := $(BOARD_V) rtl/board/$b/weft_$b.v))
VFLAGS       := --cc -O3 -fno-localize -fno-table --gate-stmts 1000 --assert --x-assign fast --x-initial fast --unroll-count 1 -Wall -Wno-DECLFILENAME $(if $(filter-out 0,$(WERROR)),,-Wno-fatal) \
                -Irtl/lib sim/weft_top.vlt --top-module weft_top -CFLAGS '-DVL_USER_STOP -DVL_USER_FATAL -DVL_USER_FINISH'
RTL_V        := $(shell cat rtl/files.f)
VERILATED_BY := $(wildcard rtl/lib/*.vh) sim/weft_top.vlt rtl/files.f sim/edit_model.sh
UNKNOWN      := $(strip $(foreach m,$(MODELS),$(if $(PARAM_$m),,$m)))
$(if $(UNKNOWN),$(error MODELS: no parameters for $(UNKNOWN): write PARAM_$(firstword $(UNKNOWN)) into sim/verilate.mk))

VERILATOR   ?= verilator
VVERSION    := $(word 2,$(shell $(VERILATOR) --version 2>/dev/null))
VROOT       := $(shell $(VERILATOR) --getenv VERILATOR_ROOT 2>/dev/null)
IS_CLANG    := $(findstring clang,$(CXX))
# Loops over rows become straight code; the default limit of gcc ends far below the array's.
PEEL        := $(if $(IS_CLANG),,--param max-completely-peeled-insns=1000 --param max-completely-peel-times=32)
# A static variable of an inline function stays within its chip, too.
NO_UNIQUE   := $(if $(IS_CLANG),,-fno-gnu-unique)
SIM_OPT     ?= -O3 -march=native $(PEEL)
FORM_native  = $(SIM_OPT)
FORM_lesson  = $(SIM_OPT) -fprofile-generate
FORM_base   := -O3 -fPIC -fvisibility=hidden $(PEEL)
FORM_v2     := $(FORM_base) -march=x86-64-v2
FORM_v3     := $(FORM_base) -march=x86-64-v3
FORM_v4     := $(FORM_base) -march=x86-64-v4
# Models of libweft_sim and their forms; one that can trace is for looking, not for speed, and there once.
LIB_MODELS  ?= $(MODELS)
LIB_FORMS   ?= $(if $(findstring x86_64,$(shell $(CXX) -dumpmachine)),v2 v3 v4,base)
lib_forms    = $(if $(findstring trace,$1),$(firstword $(LIB_FORMS)),$(LIB_FORMS))
# Of the models named here gcc learns first which code runs (-fprofile-use), so that a cycle's code lies together and stays in the
# first-level cache: a quarter of its misses, at half a minute of building.  SIM_TRAIN=0 leaves it out.
TRAINED     := $(if $(filter 0,$(SIM_TRAIN))$(IS_CLANG),,$(filter 16x16,$(MODELS)))
SIM_LEARNED := -fprofile-use -fno-tracer -fno-unroll-loops -Wno-missing-profile
SIM_LESSONS := resnet18 mobilenet_v2

# The run-time library is compiled by a model's makefile, one with traces if there is one.
RUNTIME_OF  := $(firstword $(filter %_trace,$(MODELS)) $(MODELS))
RUNTIME_O   := verilated.o verilated_threads.o $(if $(filter %_trace,$(RUNTIME_OF)),verilated_fst_c.o)
# The writer of traces of newer versions needs lz4, and clang a library for what gcc has built in.
LDLIBS_SIM  := $(if $(wildcard $(VROOT)/include/fstcpp),-llz4) $(if $(IS_CLANG),-latomic)
CHIPS        = $(MODELS:%=$(B)/verilated/%/native/chip.o)
SIM_O        = $(SIM_C:%.c=$(B)/obj/%.o) $(B)/verilated/models_native.o $(CHIPS) $(B)/verilated/runtime_native.o
LIB_SIM_O    = $(SIM_C:%.c=$(B)/obj/%.o) $(B)/verilated/models_lib.o \
               $(foreach m,$(LIB_MODELS),$(patsubst %,$(B)/verilated/$m/%/chip.o,$(call lib_forms,$m))) \
               $(B)/verilated/runtime_$(firstword $(LIB_FORMS)).o

# Verilator's makefile has variables of the names of ours, so it is not told what ours were told on the command
# line: but for the flags of a packager, which are in the environment too and are added by it.
# It must find its sources where it runs.  $1 model, $2 directory below them, $3 flags, $4 targets, $5 files to have there, $6 flags of the
# run-time library
compiled = rm -rf $2 && mkdir -p $2 && (cd $2 && ln -s ../*.h ../*.cpp ../*.mk .) && $(if $5,cp $5 $2 &&) \
    MAKEFLAGS= $(MAKE) -j2 -s -C $2 -f Vweft_$1.mk CXX='$(CXX)' OPT_FAST='$3 $(NO_UNIQUE)' OPT_SLOW='-O1 $(filter -f%,$3) $(NO_UNIQUE)' OPT_GLOBAL='-O2 $(filter -fPIC,$3) $(NO_UNIQUE) $6' \
    CFG_CXXFLAGS_PCH_I=-include $(if $(findstring trace,$1),,VM_PARALLEL_BUILDS=0) $4 >$2/log 2>&1 || { cat $2/log; exit 1; }
sim_cxx  = $(CXX) $(CXXFLAGS) $(CPPFLAGS) -std=c++17 $(NO_UNIQUE) -I. -Ihost/include -I$(VROOT)/include -I$(VROOT)/include/vltstd
# One object of several, in which only the symbol $2 is left for others.  Groups of functions that many objects
# have (templates) are dissolved, so that no form runs what another has compiled.
joined   = $(CXX) -r -nostdlib -Wl,--force-group-allocation -o $1.all $3 && $(OBJCOPY) --keep-global-symbol=$2 $1.all $1 && rm -f $1.all

$(foreach f,native lesson base v2 v3 v4,$(eval $(call setting,form_$f,CXX_NAME CXXFLAGS CPPFLAGS NO_UNIQUE FORM_$f)))

define verilated
$(call setting,verilate_$1,VVERSION VFLAGS PARAM_$1)
$(B)/verilated/$1/Vweft_$1.mk: $$(RTL_V) $(V_$1) $$(VERILATED_BY) $(B)/settings/verilate_$1
	$$(if $$(VVERSION),,@echo "Verilator is missing: make deps installs it, and SIM=0 leaves the simulated chips out"; exit 1)
	$$(call say,VERILATE,$1)
	@rm -rf $$(@D) && mkdir -p $$(@D)
	$$(Q)$$(VERILATOR) $$(VFLAGS) $$(PARAM_$1) --prefix Vweft_$1 --Mdir $$(@D) $$(RTL_V) $(V_$1) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }
	$$(Q)sim/edit_model.sh $$(@D) Vweft_$1 $$(VVERSION)
endef
$(foreach m,$(sort $(MODELS) $(RUNTIME_OF)),$(eval $(call verilated,$m)))

# $1 model, $2 form, $3 what gcc has learned
define chip
$(B)/verilated/$1/$2/Vweft_$1__ALL.a: $(B)/verilated/$1/Vweft_$1.mk $(B)/settings/form_$2 $3
	$$(call say,CXX,$1 $2)
	$$(Q)$$(call compiled,$1,$$(@D),$$(FORM_$2) $(if $3,$(SIM_LEARNED)),$$(@F),$(if $3,$(dir $3)*.gcda))
$(B)/verilated/$1/$2/chip.o: $(B)/verilated/$1/$2/Vweft_$1__ALL.a sim/weft_sim.cpp $(wildcard sim/*.h) host/transport/transport.h
	$$(Q)$$(sim_cxx) $$(FORM_$2) -I$(B)/verilated/$1 -DWEFT_SIM_SHAPE=$(if $(filter $1,$(BOARDS)),$1 -DWEFT_SIM_BOARD=$(BOARD_BYTES_$1),$$(firstword $$(subst _, ,$1))) -DWEFT_SIM_PREFIX=Vweft_$1 \
	    -DWEFT_SIM_TABLE=weft_sim_model_$1$(if $(filter native lesson,$2),,_$2) $$(if $$(findstring trace,$1),-DWEFT_SIM_TRACE) -DWEFT_SIM_WITHOUT='" $$(patsubst -GHAS_%=0,%,$$(filter -GHAS_%=0,$$(PARAM_$1))) "' \
	    $$(filter -DWEFT_UNGATED,$$(PARAM_$1)) -c sim/weft_sim.cpp -o $$(@D)/weft_sim.o
	$$(Q)$$(call joined,$$@,weft_sim_model_$1$(if $(filter native lesson,$2),,_$2),$$(@D)/weft_sim.o -Wl$$(comma)--whole-archive $$< -Wl$$(comma)--no-whole-archive)
endef
$(foreach m,$(MODELS),$(foreach f,native $(call lib_forms,$m),$(eval $(call chip,$m,$f,$(if $(filter $m,$(TRAINED)),$(B)/verilated/$m/lesson/done)))))

# $1 form
define runtime
$(B)/verilated/runtime_$1.o: $(B)/verilated/$(RUNTIME_OF)/Vweft_$(RUNTIME_OF).mk $(B)/settings/form_$1 sim/weft_sim.cpp sim/weft_sim.h sim/trace_map.h
	$$(call say,CXX,runtime $1)
	$$(Q)$$(call compiled,$(RUNTIME_OF),$$(<D)/runtime_$1,$$(filter -fPIC,$$(FORM_$1)),$(RUNTIME_O),sim/trace_map.h,-DWEFT_TRACE_WRITER -include trace_map.h)
	$$(Q)$$(sim_cxx) -O2 $$(filter -fPIC,$$(FORM_$1)) -DWEFT_SIM_STOP -c sim/weft_sim.cpp -o $$(<D)/runtime_$1/stop.o
	$$(Q)$$(CXX) -r -nostdlib -o $$@ $$(addprefix $$(<D)/runtime_$1/,$(RUNTIME_O) stop.o)
endef
$(foreach f,native $(firstword $(LIB_FORMS)),$(eval $(call runtime,$f)))

# Which models a program has; the tables are named after the forms but in the programs of this tree.
LIST_native := $(foreach m,$(MODELS),MODEL($m))
LIST_lesson := $(foreach m,$(TRAINED),MODEL($m))
LIST_lib    := $(foreach m,$(LIB_MODELS),$(foreach f,$(call lib_forms,$m),MODEL($m_$f)))
$(foreach l,native lesson lib,$(eval $(call setting,models_$l,LIST_$l)))
$(B)/verilated/models_%.o: $(SIM_MODELS_C) sim/weft_sim.h $(B)/settings/models_% $(B)/settings/cc
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) '-DWEFT_SIM_MODELS=$(LIST_$*)' -c $< -o $@

# A command `weft` with one model that counts which code runs, and two small networks for it to run.
define trained
$(B)/verilated/$1/lesson/weft: $(B)/verilated/$1/lesson/chip.o $(B)/verilated/models_lesson.o | $(TOOL_O) $(SIM_C:%.c=$(B)/obj/%.o) $(B)/verilated/runtime_native.o $(B)/libweft.a
	$$(call say,TRAIN,$1)
	$$(Q)$$(CXX) -fprofile-generate $$(LDFLAGS) -o $$@ $(TOOL_O) $(SIM_C:%.c=$(B)/obj/%.o) $$^ $(B)/verilated/runtime_native.o $(B)/libweft.a $$(LDLIBS) $$(LDLIBS_SIM) $$(LDLIBS_TOOL)
$(B)/verilated/$1/lesson/done: $(B)/verilated/$1/lesson/weft
	$$(Q)rm -f $$(@D)/*.gcda
	$$(Q)for net in $(SIM_LESSONS); do $$< zoo $$$$net --size 32 -o $$(@D)/$$$$net.onnx && $$< run $$(@D)/$$$$net.onnx --via sim: || exit 1; done >$$(@D)/log 2>&1 || \
	    { cat $$(@D)/log; exit 1; }
	$$(Q)touch $$@
$(call chip,$1,lesson,)
endef
$(foreach m,$(TRAINED),$(eval $(call trained,$m)))
