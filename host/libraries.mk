# The libraries, each static and shared, in $(B)/lib.
#
#     libweft            runs programs: rooms base to program, device, transports   needs libc, libm, threads
#     libweft_compiler   makes programs of networks                                 protobuf-c, libm
#     libweft_sim        the simulated chips                                        libstdc++, zlib
#     libweft_usb        boards on the USB; only where libusb is                    libusb 1.0, threads
#     libweft_ftdi       boards behind an FTDI FIFO; only where libftdi1 is too     libftdi1, libusb 1.0, threads
#
# Each is one object, joined of what it is made of and of what that uses of the rooms below; in it only the names
# of its list (host/exports) are left for others.  README.md says why.  The archive holds that object, the shared
# library is linked from it.

VERSION       := $(shell awk '/define WEFT_VERSION_(MAJOR|MINOR|PATCH)/ { printf "%s%s", dot, $$3; dot = "." }' host/include/weft/weft_version.h)
MAJOR         := $(firstword $(subst ., ,$(VERSION)))
LIBRARIES     := weft weft_compiler $(if $(filter 0,$(SIM)),,weft_sim) $(if $(USB_O),weft_usb) $(if $(FTDI_O),weft_ftdi)
HEADERS       := $(wildcard host/include/weft/*.h host/include/weft/*.def)

LIB_ROOMS_C   := $(ISA_C) $(BASE_C) $(ARITH_C) $(GRAPH_C) $(REF_C) $(PROGRAM_C)
OBJS_weft      = $(patsubst %.c,$(B)/obj/%.o,$(LIB_ROOMS_C) $(HOST_C))
OBJS_weft_compiler = $(patsubst %.c,$(B)/obj/%.o,$(IMPORT_C) $(EVAL_C) $(COMPILE_C) $(QUANTIZE_C) $(COMPILER_C)) $(GEN_C:.c=.o)
OBJS_weft_sim  = $(LIB_SIM_O)
OBJS_weft_usb  = $(USB_O) $(USB_WIRE_O)
OBJS_weft_ftdi = $(FTDI_O) $(USB_WIRE_O)
LINK_weft     := $(CC)
LINK_weft_compiler := $(CC)
LINK_weft_sim := $(CXX)
LINK_weft_usb := $(CC)
LINK_weft_ftdi := $(CC)
NEEDS_weft    := -lm -lpthread -ldl
NEEDS_weft_compiler := -lprotobuf-c -lm
NEEDS_weft_sim := -lz -lm -lpthread $(LDLIBS_SIM)
NEEDS_weft_usb := $(shell pkg-config --libs libusb-1.0 2>/dev/null) -lpthread
NEEDS_weft_ftdi := $(LDLIBS_USB) -lpthread

# How objects are joined to one; of link-time optimisation code is made then.
JOIN           = -r -nostdlib $(if $(findstring -flto,$(CFLAGS)),$(CFLAGS) -flinker-output=nolto-rel)

# What a library may take from the rooms below and have to itself.
$(B)/lib/rooms.a: $(patsubst %.c,$(B)/obj/%.o,$(LIB_ROOMS_C) $(TRANSPORT_C))
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# A list of names as the linker takes it.
define map
@mkdir -p $(@D)
$(Q){ echo 'WEFT_$(MAJOR) { global:'; sed '/^#/d; s/$$/;/' $<; echo 'local: *; };'; } >$@
endef
$(B)/lib/lib%.map: host/exports/%
	$(map)

# $1 name
define library
$(B)/lib/lib$1.o: $$(OBJS_$1) $(B)/lib/rooms.a host/exports/$1
	$$(Q)$$(LINK_$1) $$(JOIN) -o $$@.all $$(OBJS_$1) $(B)/lib/rooms.a
	$$(Q)$$(OBJCOPY) --keep-global-symbols=host/exports/$1 $$@.all $$@ && rm -f $$@.all

$(B)/lib/lib$1.a: $(B)/lib/lib$1.o
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$<

$(B)/lib/lib$1.so.$(VERSION): $(B)/lib/lib$1.o $(B)/lib/lib$1.map $(B)/settings/link
	$$(call say,LINK,$$@)
	$$(Q)$$(LINK_$1) -shared -Wl,-soname,lib$1.so.$(MAJOR) -Wl,--version-script,$(B)/lib/lib$1.map -Wl,-z,defs -Wl,--as-needed $$(LDFLAGS) -o $$@ $$< $$(NEEDS_$1)

$(B)/lib/lib$1.so: $(B)/lib/lib$1.so.$(VERSION)
	$$(Q)ln -sf $$(<F) $(B)/lib/lib$1.so.$(MAJOR) && ln -sf lib$1.so.$(MAJOR) $$@
endef
$(foreach l,$(LIBRARIES),$(eval $(call library,$l)))

.PHONY: libraries
libraries: $(LIBRARIES:%=$(B)/lib/lib%.a) $(LIBRARIES:%=$(B)/lib/lib%.so)

# The command that is installed looks for libweft_sim when it runs, as every program does.
$(B)/lib/weft: $(TOOL_O) $(B)/libweft.a $(B)/settings/link
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(TOOL_O) $(B)/libweft.a $(LDLIBS) $(LDLIBS_TOOL)
