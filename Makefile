# Weft: one Makefile, output in build/ only.  `make help` lists what it can do; V=1 shows commands.

B         := build
CC        ?= gcc
OPT       ?= -O2
STD       := -std=c11 -D_POSIX_C_SOURCE=200809L
WARN      := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Werror
INC       := -I. -Ihost/include -I$(B)/gen
CFLAGS    += $(STD) $(OPT) -g $(WARN) $(INC) -MMD -MP
LDLIBS    := -lprotobuf-c -lz -lm -lpthread
VERILATOR ?= verilator
MNIST     ?= $(wildcard ../shared/data/mnist)
SEED      ?= 1
N         ?= 1000
Q         := $(if $(V),,@)
say        = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)')

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

# --- packages ----------------------------------------------------------------------------------

DEB      := gcc g++ make pkg-config verilator libprotobuf-c-dev protobuf-c-compiler libonnx-dev zlib1g-dev \
            ca-certificates curl
DEB_TEST := clang clang-format iverilog yosys libonnx-testdata chromium

# deps: all that tests need too; deps-run: what building and running need.
.PHONY: deps deps-run
deps: DEB += $(DEB_TEST)
deps deps-run:
	@missing=$$(for p in $(DEB); do \
	    dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	    echo "installing:" $$missing; as=; [ "$$(id -u)" = 0 ] || as=sudo; \
	    $$as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq $$missing >/dev/null; \
	fi

# --- sources, listed: a file that is missing here breaks something, it is not left out silently ----

ISA_C     := rtl/isa/weft_disasm.c
include $(wildcard models/*/sources.mk) host/sources.mk sim/sources.mk tests/sources.mk
HOST_C    := $(DEVICE_C) $(TRANSPORT_C)
MODELS_C  := $(BASE_C) $(ARITH_C) $(GRAPH_C) $(REF_C) $(PROGRAM_C) $(COMPILE_C) $(IMPORT_C) $(EVAL_C) $(QUANTIZE_C) $(NETS_C)
GEN_C     := $(B)/gen/onnx.pb-c.c
RTL_V     := $(shell cat rtl/files.f)
ONNX_PROTO := /usr/include/onnx/onnx.proto

LIB_O     := $(patsubst %.c,$(B)/obj/%.o,$(ISA_C) $(HOST_C) $(MODELS_C) $(SIM_C)) $(GEN_C:.c=.o)
TOOL_O    := $(TOOL_C:%.c=$(B)/obj/%.o)
TRAIN_O   := $(TRAIN_C:%.c=$(B)/obj/%.o)
RANDOM_O  := $(RANDOM_C:%.c=$(B)/obj/%.o)

# The chip, Verilated once per model; parameters differ on purpose, so that tests see narrow lanes, ports and links of every width.
MODELS       := 16x16 8x8 12x8 4x4 16x16_trace
PARAM_16x16  := -GROWS=16 -GCOLS=16 -GLANES=16 -GFB_WORDS=2048 -GACC_DEPTH=512 -GMEM_BYTES=16
PARAM_8x8    := -GROWS=8 -GCOLS=8 -GLANES=8 -GFB_WORDS=1024 -GACC_DEPTH=256 -GMEM_BYTES=16
PARAM_12x8   := -GROWS=12 -GCOLS=8 -GLANES=4 -GFB_WORDS=512 -GACC_DEPTH=128 -GMEM_BYTES=32 -GLINK_BYTES=4 -GLINK_DATA=4096
PARAM_4x4    := -GROWS=4 -GCOLS=4 -GLANES=4 -GFB_WORDS=1024 -GACC_DEPTH=64 -GMEM_BYTES=8 -GLINK_BYTES=2 -GLINK_DATA=512 -GLINK_WINDOW=16
# For perf-shapes only: half an array, and one of 1024 cells.
PARAM_16x8   := -GROWS=16 -GCOLS=8 -GLANES=8 -GFB_WORDS=2048 -GACC_DEPTH=512 -GMEM_BYTES=16
PARAM_32x32  := -GROWS=32 -GCOLS=32 -GLANES=32 -GFB_WORDS=2048 -GACC_DEPTH=512 -GMEM_BYTES=16
# The traced model has no clock gates: what is equal to it shows that they change nothing (weft_gate.v).
PARAM_16x16_trace := $(PARAM_16x16) --trace-fst -DWEFT_UNGATED
VFLAGS       := --cc -O3 -fno-localize -fno-table --gate-stmts 1000 --assert --x-assign fast --x-initial fast --unroll-count 1 -Wall -Wno-DECLFILENAME \
                -Irtl/lib sim/weft_top.vlt --top-module weft_top -CFLAGS '-DVL_USER_STOP -DVL_USER_FATAL -DVL_USER_FINISH'
# Loops over rows become straight code; the default limit of gcc ends far below the array's.
SIM_OPT      ?= -O3 -march=native --param max-completely-peeled-insns=1000 --param max-completely-peel-times=32
# Of the models named here gcc learns first which code runs (-fprofile-use), so that a cycle's code lies together and stays in the
# first-level cache: a quarter of its misses, at half a minute of building.  SIM_TRAIN=0 leaves it out.
TRAINED      := $(if $(filter 0,$(SIM_TRAIN)),,16x16)
SIM_LEARNED  := -fprofile-use -fno-tracer -fno-unroll-loops -Wno-missing-profile
SIM_LESSONS  := resnet18 mobilenet_v2
VROOT         = $(shell $(VERILATOR) --getenv VERILATOR_ROOT)
SIM_O        := $(foreach m,$(MODELS),$(B)/verilated/$m/weft_sim.o $(B)/verilated/$m/Vweft_$m__ALL.a)
SIM_RUN_O    := $(addprefix $(B)/verilated/16x16_trace/,verilated.o verilated_threads.o verilated_fst_c.o)

# What a program that simulates is linked from; the C++ linker must come last.
LINK_SIM   = $(B)/libweft.a $(SIM_O) $(SIM_RUN_O) $(B)/libweft.a

# --- what gets built ---------------------------------------------------------------------------

.PHONY: all
all: $(B)/weft $(B)/lenet5_train $(B)/weft_isa_gen

$(B)/obj/%.o: %.c | $(B)/gen/onnx.pb-c.h
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CFLAGS_$(*F)) -c $< -o $@

CFLAGS_transport_sim   = '-DWEFT_SIM_MODELS=$(foreach m,$(MODELS),MODEL($m))'
CFLAGS_transport_list := -DWEFT_WITH_SIM
# The reference device and the trainer spend their time in loops the compiler can widen.
CFLAGS_ref_compute    := -O3 -march=native
CFLAGS_lenet5_gemm    := -O3
CFLAGS_sums           := -O3 -ffp-contract=off
CFLAGS_eval_columns   := -O3 -march=native -ffp-contract=off
CFLAGS_eval_ort       := -O3 -march=native -ffp-contract=off
CFLAGS_ref_ops_norm   := -O3 -march=native -ffp-contract=off

$(B)/gen/onnx.pb-c.c $(B)/gen/onnx.pb-c.h &: $(ONNX_PROTO)
	$(call say,PROTO,$<)
	@mkdir -p $(B)/gen
	$(Q)protoc-c --proto_path=$(dir $<) --c_out=$(B)/gen $<

$(B)/gen/onnx.pb-c.o: $(B)/gen/onnx.pb-c.c
	$(Q)$(CC) $(STD) -O2 -I$(B)/gen -c $< -o $@

$(B)/libweft.a: $(LIB_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $(LIB_O)

$(B)/weft: $(TOOL_O) $(B)/libweft.a $(SIM_O) $(SIM_RUN_O)
	$(call say,LINK,$@)
	$(Q)$(CXX) -o $@ $(TOOL_O) $(LINK_SIM) $(LDLIBS)

$(B)/lenet5_train: $(TRAIN_O) $(B)/libweft.a
	$(call say,LINK,$@)
	$(Q)$(CC) -o $@ $^ $(LDLIBS)

$(B)/weft_isa_gen: rtl/isa/weft_isa_gen.c rtl/isa/weft_isa.def
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) -O1 $(WARN) $(INC) $< -o $@

# --- the chip, Verilated once per shape ----------------------------------------------------------

# Compile what Verilator wrote: $1 model, $2 directory, $3 more flags.
compiled = $(MAKE) -s -C $2 -f Vweft_$1.mk OPT_FAST='$(SIM_OPT) $3' OPT_SLOW=-O1 OPT_GLOBAL=-O2 $(if $(findstring trace,$1),,VM_PARALLEL_BUILDS=0) \
    Vweft_$1__ALL.a verilated.o verilated_threads.o $(if $(findstring trace,$1),verilated_fst_c.o) >$2/log 2>&1 || { cat $2/log; exit 1; }

# In what Verilator wrote, wide words are made to begin on cache lines, and edges.h (for weft_sim.cpp) says which clock is
# which of its triggers.
define verilated
$(B)/verilated/$1/Vweft_$1.mk: $$(RTL_V) rtl/lib/weft_assert.vh rtl/lib/weft_sim.vh sim/weft_top.vlt rtl/files.f
	$$(call say,VERILATE,$1)
	@mkdir -p $$(@D)
	$$(Q)$$(VERILATOR) $$(VFLAGS) $$(PARAM_$1) --prefix Vweft_$1 --Mdir $$(@D) $$(RTL_V) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }
	$$(Q)sed -i 's/^ *\(VlUnpacked<\|VlWide<\)/        alignas(64) \1/' $$(@D)/Vweft_$1___024root.h
	$$(Q)cat $$(@D)/*.cpp | tr -d '\n' | grep -o 'VactTriggered.at([0-9]*U) = ((IData)(vlSelf->[A-Za-z0-9_]*) *& (~' | \
	    sed 's/.*at(\([0-9]*\)U.*vlSelf->\([A-Za-z0-9_]*\).*/WEFT_EDGE(\1, \2)/' >$$(@D)/edges.h
$(B)/verilated/$1/Vweft_$1__ALL.a: $(B)/verilated/$1/Vweft_$1.mk $(if $(filter $1,$(TRAINED)),$(B)/training/$1/done)
	$$(call say,CXX,$$(@F))
	$$(Q)rm -f $$(@D)/Vweft_$1__ALL.[ao]$(if $(filter $1,$(TRAINED)), && cp $(B)/training/$1/*.gcda $$(@D))
	$$(Q)$$(call compiled,$1,$$(@D),$(if $(filter $1,$(TRAINED)),$(SIM_LEARNED)))
$(B)/verilated/$1/weft_sim.o: sim/weft_sim.cpp sim/weft_sim.h sim/mem_model.h $(B)/verilated/$1/Vweft_$1.mk
	$$(call say,CXX,$$<)
	$$(Q)$$(CXX) $$(SIM_OPT) -I$$(@D) -I. -Ihost/include -I$$(VROOT)/include -I$$(VROOT)/include/vltstd \
	    -DWEFT_SIM_SHAPE=$$(firstword $$(subst _, ,$1)) -DWEFT_SIM_TABLE=weft_sim_model_$1 -DWEFT_SIM_PREFIX=Vweft_$1 \
	    $$(if $$(findstring trace,$1),-DWEFT_SIM_TRACE) $$(filter -DWEFT_UNGATED,$$(PARAM_$1)) -c $$< -o $$@
endef
$(foreach m,$(MODELS),$(eval $(call verilated,$m)))

# A command `weft` with one model that counts its branches, and two small networks for it to run, again only if
# the chip changed.
define trained
$(B)/training/$1/weft: $(B)/verilated/$1/Vweft_$1.mk | $(B)/verilated/$1/weft_sim.o $(TOOL_O) $(B)/libweft.a
	$$(call say,TRAIN,$1)
	@mkdir -p $$(@D)
	$$(Q)cp $$(filter-out %__ALL.cpp,$$(wildcard $$(<D)/*.cpp)) $$(<D)/*.h $$(<D)/*.mk $$(@D)
	$$(Q)$$(call compiled,$1,$$(@D),-fprofile-generate)
	$$(Q)$$(CC) $$(CFLAGS) '-DWEFT_SIM_MODELS=MODEL($1)' -c sim/transport_sim.c -o $$(@D)/transport_sim.o
	$$(Q)$$(CXX) -fprofile-generate -o $$@ $(TOOL_O) $$(@D)/transport_sim.o $(B)/verilated/$1/weft_sim.o \
	    $$(addprefix $$(@D)/,Vweft_$1__ALL.a verilated.o verilated_threads.o) $(B)/libweft.a $(LDLIBS)
$(B)/training/$1/done: $(B)/training/$1/weft
	$$(Q)rm -f $$(@D)/*.gcda
	$$(Q)for net in $(SIM_LESSONS); do $$< zoo $$$$net --size 32 -o $$(@D)/$$$$net.onnx && $$< run $$(@D)/$$$$net.onnx --via sim: || exit 1; done >$$(@D)/log 2>&1 || \
	    { cat $$(@D)/log; exit 1; }
	$$(Q)touch $$@
endef
$(foreach m,$(filter $(TRAINED),$(MODELS)),$(eval $(call trained,$m)))
$(SIM_RUN_O): $(B)/verilated/16x16_trace/Vweft_16x16_trace__ALL.a ;

# --- tests ----------------------------------------------------------------------------------------

BENCHES   := $(patsubst tests/rtl/tb_%.v,%,$(wildcard tests/rtl/tb_*.v))
VEC       := $(RTL_VECTORS:%=$(B)/%)
SAMPLE_O  := $(SAMPLE_C:%.c=$(B)/obj/%.o)
E2E_O     := $(E2E_C:%.c=$(B)/obj/%.o)
TEST_O     = $(RANDOM_O) $(B)/obj/tests/random/sim_device.o $(SAMPLE_O) $(E2E_O)
PROOFS    := $(notdir $(basename $(wildcard tests/formal/*.ys)))

$(C_TESTS:%=$(B)/%) $(VEC): $(B)/%: $(B)/obj/%.o $(TEST_O) $(B)/libweft.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $< $(RANDOM_O) $(SAMPLE_O) $(B)/libweft.a $(LDLIBS)

$(B)/tests/rtl/vec_%: $(B)/obj/tests/rtl/vec_%.o

$(SIM_TESTS:%=$(B)/%): $(B)/%: $(B)/obj/%.o $(TEST_O) $(B)/libweft.a $(SIM_O) $(SIM_RUN_O)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -o $@ $< $(TEST_O) $(LINK_SIM) $(LDLIBS)

.PHONY: asan asan-run fuzz fuzz-run eval-mnist test test-programs benches lint formal mutate mutate-rtl soak test-all format check-format isa check-isa train demo clean help perf perf-shapes perf-update
test: deps
	@$(MAKE) --no-print-directory -j2 test-programs
	@tests/run.sh tests/suite.list $(B)/test

test-programs: all $(C_TESTS:%=$(B)/%) $(SIM_TESTS:%=$(B)/%) $(VEC)

benches: $(VEC)
	@for b in $(BENCHES); do tests/rtl/bench.sh $(B) $$b || exit 1; done

# What takes longer: every network and case on every built shape, more random ones.
test-all: test
	@tests/run.sh tests/suite_long.list $(B)/test_long

# Every module in the three tools, every C file in both compilers.
lint: $(B)/gen/onnx.pb-c.h
	@tests/lint.sh $(B) "$(CFLAGS)" $(ISA_C) $(HOST_C) $(MODELS_C) $(SIM_C) $(TOOL_C) $(TRAIN_C) $(RANDOM_C) \
	    $(C_TESTS:%=%.c) $(SIM_TESTS:%=%.c) $(patsubst $(B)/obj/%.o,%.c,$(SAMPLE_O) $(E2E_O))

formal:
	@for p in $(PROOFS); do yosys -q tests/formal/$$p.ys >$(B)/formal_$$p.log 2>&1 && echo "ok formal $$p" || \
	    { echo "FAIL formal $$p"; tail -n 20 $(B)/formal_$$p.log; exit 1; }; done

# The numbers of the README; MNIST= says where the digits are.
perf: test-programs
	@$(B)/tests/perf/perf_conv
	@tests/perf/perf.sh $(B)/weft all
	@test -z "$(MNIST)" || $(B)/weft eval models/nets/lenet5/lenet5_int8.onnx --data $(MNIST) --via sim: -n $(N)

# The same networks on other arrays; built apart, in build/shapes, with the models this takes.
perf-shapes:
	@$(MAKE) --no-print-directory B=build/shapes MODELS="16x16 8x8 16x8 32x32 16x16_trace" build/shapes/weft
	@for s in 8x8 16x8 32x32; do tests/perf/perf.sh build/shapes/weft all sim:shape=$$s || exit 1; done

# Measured cycles become the expected ones: look at the difference before committing it.
perf-update: $(B)/weft
	@tests/perf/perf.sh $(B)/weft update && git diff --stat tests/perf/expected.csv README.md

# Cells by shape, counted anew (an hour), and what they buy.
.PHONY: area sweep
area:
	@tests/perf/area.sh 8x8 16x8 16x16 32x32
sweep: $(B)/weft
	@mkdir -p $(B)/perf; $(B)/weft zoo mobilenet_v1 -o $(B)/perf/mobilenet_v1.onnx && $(B)/weft zoo resnet50 -o $(B)/perf/resnet50.onnx
	@$(B)/weft sweep $(B)/perf/resnet50.onnx $(B)/perf/mobilenet_v1.onnx models/nets/lenet5/lenet5_int8.onnx --area tests/perf/area.csv --html $(B)/perf/sweep.html
	@echo "plots: $(B)/perf/sweep.html"

# Every test digit on the chip and on the C model: the files of predictions have to be the same.
eval-mnist: $(B)/weft
	@test -n "$(MNIST)" || { echo "say where the MNIST idx files are: make eval-mnist MNIST=dir"; exit 2; }
	@mkdir -p $(B)/test; for via in ref sim; do echo "$$via:"; $(B)/weft eval models/nets/lenet5/lenet5_int8.onnx \
	    --data $(MNIST) --via $$via: --predictions $(B)/test/mnist_$$via.txt || exit 1; done
	@cmp $(B)/test/mnist_ref.txt $(B)/test/mnist_sim.txt && \
	    echo "ok eval-mnist: $$(wc -l < $(B)/test/mnist_ref.txt) predictions and output bytes, chip = reference device"

mutate:
	@tests/formal/mutate.sh

mutate-rtl: test-programs
	@tests/random/mutate_rtl.sh $(B)

# The C side under the address and undefined-behaviour sanitizers; compiled apart, in build/asan.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
asan:
	@$(MAKE) --no-print-directory B=build/asan OPT='-O1 $(SANITIZE)' LINK_FLAGS='$(SANITIZE)' asan-run
asan-run: $(C_TESTS:%=$(B)/%)
	@mkdir -p $(B)/test; grep -E ' build/tests/(models|host|onnx|quantize|random)/' tests/suite.list | \
	    grep -vE 'rand_cmds|rand_rtl|test_chip|test_stream|test_transport ' | sed -E 's|build/test|$(B)/test|g; s|^([a-z]+ [a-z_0-9]+) |\1 N=60 |' > $(B)/suite.list
	@tests/run.sh $(B)/suite.list $(B)/test

# The readers of what comes from outside under libFuzzer with both sanitizers, each for SECONDS; what they find lies
# in build/fuzz/found.  The seeds are the corpora of the tests and, where there is ../shared, its models.
SECONDS      := 3600
FUZZERS      := models/fuzz_onnx models/fuzz_tflite models/fuzz_weft_file host/fuzz_packet quantize/fuzz_quantize
FUZZ_MODELS  := $(wildcard ../shared/data)
fuzz:
	@$(MAKE) --no-print-directory B=build/fuzz CC=clang \
	    OPT='-O1 -DWEFT_LIBFUZZER -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	    LINK_FLAGS='-fsanitize=fuzzer,address,undefined' fuzz-run
fuzz-run: $(FUZZERS:%=$(B)/tests/%)
	@tests/fuzz.sh $(B) $(SECONDS) "$(FUZZ_MODELS)" $(FUZZERS)

RAND_DEVICES := ref:shape=7x5,fb=512,port=4,acc=48 ref:shape=4x4,port=4,fb=64,acc=16 ref:shape=32x32,port=32,fb=16384 \
                sim: sim:shape=8x8 sim:shape=12x8,stall=40,latency=60 sim:shape=4x4

# Random campaigns without end in sight: fresh seeds, as many cases as N says.
soak: test-programs
	@seed=$$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); echo "seed $$seed"; \
	for t in random/rand_layers random/rand_cmds random/rand_rtl "e2e/rand_tflite $(RAND_DEVICES)" "e2e/rand_qdq $(RAND_DEVICES)"; do \
	    SEED=$$seed N=$(N) $(B)/tests/$$t || exit 1; done

C_FILES = $(shell git ls-files '*.c' '*.h' '*.cpp' | grep -v weft_isa_gen.out)
format:
	@clang-format -i $(C_FILES)
check-format:
	@clang-format --dry-run --Werror $(C_FILES) && echo "ok format: $(words $(C_FILES)) files"

isa: $(B)/weft_isa_gen
	@$(B)/weft_isa_gen vh > rtl/isa/weft_isa_pkg.v && $(B)/weft_isa_gen md rtl/isa/README.md && $(B)/weft_isa_gen probe > tests/isa/isa_probe.v
check-isa: $(B)/weft_isa_gen
	@$(B)/weft_isa_gen check rtl/isa/weft_isa_pkg.v rtl/isa/README.md tests/isa/isa_probe.v && echo "ok check-isa"

train: $(B)/lenet5_train
	@test -n "$(MNIST)" || { echo "say where the MNIST idx files are: make train MNIST=dir"; exit 2; }
	$(B)/lenet5_train $(MNIST) models/nets/lenet5/lenet5_int8.onnx

# Command, manual, header and library.  The library is one archive, simulated chips included: cc app.c $(pkg-config --cflags --libs weft)
PREFIX ?= /usr/local
INSTALL = $(DESTDIR)$(PREFIX)
.PHONY: install
install: $(B)/weft
	$(call say,INSTALL,$(INSTALL))
	$(Q)install -d $(addprefix $(INSTALL)/,bin lib/pkgconfig include/weft share/man/man1)
	$(Q)install -m 755 $(B)/weft $(INSTALL)/bin
	$(Q)install -m 644 host/tool/weft.1 $(INSTALL)/share/man/man1
	$(Q)install -m 644 host/include/weft/weft.h host/include/weft/weft_status.h host/include/weft/weft_status.def $(INSTALL)/include/weft
	$(Q)sed "s|@PREFIX@|$(PREFIX)|; s|@VERSION@|$$(awk -F ', *' '/^PARAM.ISA_VERSION,/ { print $$2 }' rtl/isa/weft_isa.def)|" \
	    host/weft.pc.in > $(INSTALL)/lib/pkgconfig/weft.pc
	$(Q)rm -rf $(B)/install && mkdir -p $(B)/install && $(foreach m,$(MODELS),cp $(B)/verilated/$m/weft_sim.o $(B)/install/weft_sim_$m.o &&) \
	    printf '%s\n' 'create $(INSTALL)/lib/libweft.a' 'addlib $(B)/libweft.a' $(foreach m,$(MODELS),'addlib $(B)/verilated/$m/Vweft_$m__ALL.a' 'addmod $(B)/install/weft_sim_$m.o') \
	    $(foreach o,$(SIM_RUN_O),'addmod $o') save end | ar -M

demo: deps-run
	@$(MAKE) --no-print-directory $(B)/weft
	@host/tool/demo.sh $(B) "$(MNIST)"

clean:
	rm -rf $(B)

help:
	@echo "make demo      LeNet-5 on real digits through the simulated chip (installs what is missing first)"
	@echo "make test      everything that is checked at every change; ends with the count"
	@echo "make test-all  test, and what takes longer: every network and case on every built shape"
	@echo "make all       library, command weft, trainer      make deps     install system packages"
	@echo "make install   PREFIX=, DESTDIR=: command, manual, header, library, weft.pc"
	@echo "make lint      Verilator, Icarus, Yosys, gcc, clang make formal   proofs (Yosys)"
	@echo "make benches   RTL unit benches (Icarus)            make soak N=  random campaigns, fresh seed"
	@echo "make asan      C tests under sanitizers             make fuzz SECONDS=  the readers under libFuzzer"
	@echo "make mutate    do the proofs notice broken RTL      make mutate-rtl  do the random programs"
	@echo "make eval-mnist MNIST=dir  all test digits, chip against C model"
	@echo "make perf      the numbers of the README            make perf-update  accept changed cycles"
	@echo "make perf-shapes  the same networks on 8x8, 16x8 and 32x32"
	@echo "make sweep     predicted cycles by shape, and area  make area         count cells again (an hour)"
	@echo "                                                    make train MNIST=dir  train LeNet-5 again"
	@echo "make isa       print the contract                   make check-isa  are the prints fresh"
	@echo "make format    clang-format                         make clean"

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
