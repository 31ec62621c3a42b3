# make wheel: the Python package with the libraries in it, in $(B)/wheel.
#
# libprotobuf-c is linked in: the wheel asks for what every Linux has, libc, libm, libstdc++ and zlib.  PYTHON= is one
# that has setuptools and wheel; without, a virtual environment gets them.

PYTHON          ?= $(B)/venv/bin/python
WHEEL           := $(B)/wheel
WHEEL_LIBRARIES := $(filter-out weft_usb weft_ftdi,$(LIBRARIES))

# Whole or not at all: without one of its packages it is taken away again.
$(B)/venv/bin/python: tests/requirements.txt
	@python3 -m venv $(B)/venv && $(B)/venv/bin/pip install -q -r $< && touch $@ || { rm -rf $(B)/venv; exit 1; }

# A library of the wheel: $1 name
define wheel_library
$(WHEEL)/tree/weft/lib/lib$1.so.$(MAJOR): $(B)/lib/lib$1.o $(B)/lib/lib$1.map $(B)/settings/link
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LINK_$1) -shared -s -Wl,-soname,lib$1.so.$(MAJOR) -Wl,--version-script,$(B)/lib/lib$1.map -Wl,-z,defs -Wl,--as-needed $$(LDFLAGS) -o $$@ $$< \
	    $$(patsubst -lprotobuf-c,-l:libprotobuf-c.a,$$(NEEDS_$1))
endef
$(foreach l,$(WHEEL_LIBRARIES),$(eval $(call wheel_library,$l)))

# The plugins go with it, the execution provider where it can be built.
$(WHEEL)/tree/weft/lib/libweft_delegate.so.$(MAJOR): $(DELEGATE)
	@mkdir -p $(@D)
	$(Q)strip -o $@ $<
$(WHEEL)/tree/weft/lib/libweft_ep.so.$(MAJOR): $(EP)
	@mkdir -p $(@D)
	$(Q)strip -o $@ $<

.PHONY: wheel
wheel: $(WHEEL_LIBRARIES:%=$(WHEEL)/tree/weft/lib/lib%.so.$(MAJOR)) $(WHEEL)/tree/weft/lib/libweft_delegate.so.$(MAJOR) $(PYTHON) $(if $(ORT_HEADERS),$(WHEEL)/tree/weft/lib/libweft_ep.so.$(MAJOR))
	$(call say,WHEEL,$(WHEEL))
	$(Q)rm -rf $(WHEEL)/tree/build $(WHEEL)/tree/*.egg-info $(WHEEL)/*.whl
	$(Q)cp host/python/pyproject.toml host/python/setup.py host/python/README.md host/include/weft/weft_version.h $(WHEEL)/tree
	$(Q)cp host/python/weft/*.py $(WHEEL)/tree/weft
	$(Q)$(PYTHON) -m pip wheel -q --no-build-isolation --no-deps -w $(WHEEL) $(WHEEL)/tree
