# Weft: one Makefile, output in build/ (B=) only.  `make help` lists what it can do; V=1 shows commands.
#
# Sources are listed in the sources.mk of their room, one a line.  What a packager gives as CFLAGS, CPPFLAGS, CXXFLAGS
# and LDFLAGS is added to what stands here.  A changed flag or parameter builds anew what depends on it.

B         := build
CROSS     :=
ifeq ($(origin CC),default)
CC        := $(CROSS)gcc
CXX       := $(CROSS)g++
AR        := $(CROSS)ar
endif
OBJCOPY   ?= $(CROSS)objcopy
OPT       ?= -O2
STD       := -std=c11 -D_POSIX_C_SOURCE=200809L
# WERROR=1 makes errors of warnings, as CI does.
WARN      := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes $(if $(filter-out 0,$(WERROR)),-Werror)
INC       := -I. -Ihost/include -I$(B)/gen
# Floating point is exact everywhere: no product is joined with a sum, whatever was given.
ALL_CFLAGS = $(STD) $(OPT) -g $(WARN) $(INC) -fPIC -fvisibility=hidden -MMD -MP $(CPPFLAGS) $(CFLAGS) -ffp-contract=off -fno-fast-math
LDLIBS    := -lprotobuf-c -lz -lm -lpthread -ldl
MNIST     ?= $(wildcard ../shared/data/mnist)
SEED      ?= 1
N         ?= 1000
SIM       ?= 1
Q         := $(if $(V),,@)
say        = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)')
comma     := ,

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: FORCE

# --- settings ----------------------------------------------------------------------------------

# $(B)/settings/NAME holds the values of variables and is written when one of them has changed: what they decide
# depends on it.  $1 name, $2 variables
define setting
$(B)/settings/$1: FORCE | $(B)/settings
	@$$(call keep,$$@,$$(foreach v,$2,$$v=$$($$v)))
endef
keep     = $(if $(call differs,$(file <$1),$2),printf '%s\n' '$(subst ','\'',$2)' >$1,:)
differs  = $(subst x$1x,,x$2x)
CC_NAME  = $(filter-out ccache,$(CC))
CXX_NAME = $(filter-out ccache,$(CXX))

$(B)/settings:
	@mkdir -p $@

# --- sources -----------------------------------------------------------------------------------

# A file that is missing in its list breaks something, it is not left out silently.
ISA_C     := rtl/isa/weft_disasm.c
include $(wildcard models/*/sources.mk) host/sources.mk sim/sources.mk tests/sources.mk
HOST_C    := $(DEVICE_C) $(TRANSPORT_C)
# USB=0 leaves the USB out, as does a machine without libusb; FTDI=0 the chips of FTDI, as one without libftdi1.
USB       ?= $(if $(CROSS),0,$(shell pkg-config --exists libusb-1.0 && echo 1 || echo 0))
FTDI      ?= $(if $(filter 0,$(USB)),0,$(shell pkg-config --exists libftdi1 && echo 1 || echo 0))
USB_O     := $(if $(filter 0,$(USB)),,$(USB_C:%.c=$(B)/obj/%.o))
FTDI_O    := $(if $(filter 0,$(FTDI)),,$(FTDI_C:%.c=$(B)/obj/%.o))
USB_WIRE_O := $(if $(USB_O),$(USB_WIRE_C:%.c=$(B)/obj/%.o))
USB_ALL_O := $(USB_O) $(FTDI_O) $(USB_WIRE_O)
USB_PACKAGES := $(if $(USB_O),libusb-1.0) $(if $(FTDI_O),libftdi1)
LDLIBS_USB := $(if $(USB_O),$(shell pkg-config --libs $(USB_PACKAGES)))
# PNG and JPEG are read by the command alone, where their libraries are.
PICTURES  := $(if $(CROSS),,$(foreach l,libpng libjpeg,$(if $(shell pkg-config --exists $l && echo 1),$l)))
# weft serve needs libmicrohttpd; without it, it says so.
HTTP      := $(if $(CROSS),,$(if $(shell pkg-config --exists libmicrohttpd && echo 1),libmicrohttpd))
LDLIBS_TOOL := $(if $(PICTURES)$(HTTP),$(shell pkg-config --libs $(PICTURES) $(HTTP)))
MODELS_C  := $(BASE_C) $(ARITH_C) $(GRAPH_C) $(REF_C) $(RANDOM_CMDS_C) $(PROGRAM_C) $(COMPILE_C) $(IMPORT_C) $(EVAL_C) $(QUANTIZE_C) $(NETS_C) $(COMPILER_C)
GEN_C     := $(B)/gen/onnx.pb-c.c
ONNX_PROTO ?= /usr/include/onnx/onnx.proto

LIB_O     := $(patsubst %.c,$(B)/obj/%.o,$(ISA_C) $(HOST_C) $(MODELS_C)) $(GEN_C:.c=.o)
TOOL_O    := $(TOOL_C:%.c=$(B)/obj/%.o)
TRAIN_O   := $(TRAIN_C:%.c=$(B)/obj/%.o)

# --- what gets built ---------------------------------------------------------------------------

.PHONY: all
all: $(B)/weft $(B)/lenet5_train $(B)/weft_isa_gen

ifneq ($(SIM),0)
include sim/verilate.mk
endif
$(USB_ALL_O): private CPPFLAGS += $(patsubst -I%,-isystem %,$(if $(USB_O),$(shell pkg-config --cflags $(USB_PACKAGES))))
ifneq ($(PICTURES),)
$(B)/obj/host/tool/media/%.o $(B)/obj/tests/host/test_media.o: private CPPFLAGS += $(shell pkg-config --cflags $(PICTURES)) $(if $(filter libpng,$(PICTURES)),-DWEFT_HAS_PNG) $(if $(filter libjpeg,$(PICTURES)),-DWEFT_HAS_JPEG)
endif
ifneq ($(HTTP),)
$(B)/obj/host/tool/serve_http.o: private CPPFLAGS += $(shell pkg-config --cflags $(HTTP)) -DWEFT_HAS_HTTP
endif
$(if $(HTTP),,$(if $(CROSS),,$(info libmicrohttpd is not here: weft is built without serve)))
$(if $(PICTURES),,$(if $(CROSS),,$(info libpng and libjpeg are not here: weft is built without PNG and JPEG)))
include host/libraries.mk host/install.mk host/plugin/plugin.mk host/python/python.mk host/debian/debian.mk host/packages.mk tests/tests.mk rtl/board/board.mk

$(B)/obj/%.o: %.c $(B)/settings/cc | $(B)/gen/onnx.pb-c.h $(B)/gen/serve_page.inc
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(CFLAGS_$(*F)) -c $< -o $@

# Loops that the compiler can widen: of the reference device and the float operators, in the form that fits the
# machine they run on (models/base/cpu_level.h), of the compiler, and of the trainer.
CFLAGS_ref_compute    := -O3
CFLAGS_layer_norm     := -O3
CFLAGS_eval_columns   := -O3
CFLAGS_ort_functions       := -O3
CFLAGS_sums           := -O3
CFLAGS_lenet5_gemm    := -O3
$(eval $(call setting,cc,CC_NAME ALL_CFLAGS PICTURES HTTP $(filter CFLAGS_%,$(.VARIABLES))))
$(eval $(call setting,link,CC_NAME CXX_NAME LDFLAGS LDLIBS LINK_FLAGS SIM MODELS))

$(B)/gen/onnx.pb-c.c $(B)/gen/onnx.pb-c.h &: $(ONNX_PROTO)
	$(call say,PROTO,$<)
	@mkdir -p $(B)/gen
	$(Q)protoc-c --proto_path=$(dir $<) --c_out=$(B)/gen $<

# The page of weft serve as strings, a line each.
$(B)/gen/serve_page.inc: host/tool/serve_page.html
	@mkdir -p $(@D)
	$(Q)sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&",/' $< >$@

$(B)/gen/onnx.pb-c.o: $(B)/gen/onnx.pb-c.c $(B)/settings/cc
	$(Q)$(CC) $(STD) $(OPT) -fPIC -fvisibility=hidden -I$(B)/gen $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# All rooms, for the programs of this tree; the libraries for others are in $(B)/lib.
$(B)/libweft.a: $(LIB_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIB_O)

# Link with the simulated chips, if there are any: $1 objects.  The C++ linker must come last.
link_sim = $(if $(SIM_O),$(CXX),$(CC)) $(LDFLAGS) $(LINK_FLAGS) -o $@ $1 $(SIM_O) $(B)/libweft.a $(LDLIBS) $(LDLIBS_SIM)

$(B)/weft: $(TOOL_O) $(USB_ALL_O) $(SIM_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	$(Q)$(call link_sim,$(TOOL_O) $(USB_ALL_O)) $(LDLIBS_USB) $(LDLIBS_TOOL)

$(B)/lenet5_train: $(TRAIN_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(TRAIN_O) $(B)/libweft.a $(LDLIBS)

$(B)/weft_isa_gen: $(addprefix rtl/isa/weft_isa_,gen.c check.c print.c rows.h) rtl/isa/weft_isa.def
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)cc $(STD) -O1 $(WARN) $(INC) $(filter %.c,$^) -o $@

# --- odds and ends -----------------------------------------------------------------------------

.PHONY: format check-format isa check-isa train demo clean help
C_FILES = $(shell git ls-files '*.c' '*.h' '*.cpp' | grep -v weft_isa_gen.out)
format:
	@clang-format -i $(C_FILES)
check-format:
	@clang-format --dry-run --Werror $(C_FILES) && echo "ok format: $(words $(C_FILES)) files"

# What is printed from the contract, and where to.
ISA_PRINTS := vh=rtl/isa/weft_isa_pkg.v params=rtl/lib/weft_params.vh legal=rtl/lib/weft_legal.v md=rtl/isa/README.md \
              man=host/tool/weft.1 probe=tests/isa/isa_probe.v
isa: $(B)/weft_isa_gen
	@for print in $(ISA_PRINTS); do $(B)/weft_isa_gen $${print%=*} $${print#*=} || exit 1; done
# Descriptors and requests of the USB device.
.PHONY: usb
usb:
	@mkdir -p $(B) && $(CC) $(STD) -O1 $(WARN) rtl/phy/weft_usb_gen.c -o $(B)/weft_usb_gen && $(B)/weft_usb_gen vh > rtl/phy/weft_usb_pkg.v
check-isa: $(B)/weft_isa_gen
	@$(B)/weft_isa_gen check $(foreach p,$(ISA_PRINTS),$(lastword $(subst =, ,$p))) && echo "ok check-isa"

train: $(B)/lenet5_train
	@test -n "$(MNIST)" || { echo "say where the MNIST idx files are: make train MNIST=dir"; exit 2; }
	$(B)/lenet5_train $(MNIST) models/nets/lenet5/lenet5_int8.onnx

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
	@echo "make libraries libweft, libweft_compiler, libweft_sim, static and shared, in build/lib"
	@echo "make install   PREFIX=, DESTDIR=, LIBDIR=: command, manual, headers, libraries; make uninstall"
	@echo "make deb       Debian packages in build/deb"
	@echo "make lint      Verilator, Icarus, Yosys, gcc, clang make formal   proofs (Yosys)"
	@echo "make benches   RTL unit benches (Icarus)            make soak N=  random campaigns, fresh seed"
	@echo "make asan      C tests under sanitizers             make fuzz SECONDS=  the readers under libFuzzer"
	@echo "make aarch64   library and C tests under qemu       make clang    everything, by clang"
	@echo "make mutate    do the proofs notice broken RTL      make mutate-rtl  do the random programs"
	@echo "make eval-mnist MNIST=dir  all test digits, chip against C model"
	@echo "make perf      the numbers of the README            make perf-update  accept changed cycles"
	@echo "make perf-shapes  the same networks on 8x8, 16x8 and 32x32"
	@echo "make sweep     predicted cycles by shape, and area  make area         count cells again (an hour)"
	@echo "make timing    size and clock of every module in an ECP5 (half an hour; MODULES=\"weft_agen ..\")"
	@echo "make pnr       a whole chip placed and routed, against tests/perf/chip.csv (BUILD=4x4 SEEDS=5; hours)"
	@echo "make bitstream BOARD=icepi_zero, ulx3s: placed and routed, with a table   make flash BOARD=  onto the board"
	@echo "                                                    make train MNIST=dir  train LeNet-5 again"
	@echo "make isa       print the contract                   make check-isa  are the prints fresh"
	@echo "make usb       print the table of the USB device    make mutate-phy, mutate-link  do the benches notice"
	@echo "make format    clang-format                         make clean"
	@echo "B=dir builds elsewhere, SIM=0 without the simulated chips, DEPS=0 installs no packages,"
	@echo "MODELS=\"16x16 8x8 ..\" says which chips (sim/verilate.mk), WERROR=1 makes errors of warnings."

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
