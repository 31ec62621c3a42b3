# Plugins: Weft inside other programs, in $(B)/lib.
#
#     libweft_delegate    external delegate of TensorFlow Lite and LiteRT
#     libweft_ep          execution provider of ONNX Runtime 1.23 and newer      needs its C headers to be built
#
# The headers are in no Debian package and not in the wheel: ORT_HEADERS= names their directory.  `make ort-headers` fetches
# them with go, as a module holds them, into $(B)/ort_headers.  Without them the provider is left out.

ORT_HEADERS ?= $(patsubst %/,%,$(dir $(firstword $(wildcard $(addsuffix /onnxruntime_ep_c_api.h,$(B)/ort_headers /usr/local/include/onnxruntime /usr/include/onnxruntime)))))
EP_O        := $(EP_C:%.c=$(B)/obj/%.o) $(GEN_C:.c=.o)
EP          := $(B)/lib/libweft_ep.so.$(MAJOR)
DELEGATE_O  := $(DELEGATE_C:%.c=$(B)/obj/%.o)
DELEGATE    := $(B)/lib/libweft_delegate.so.$(MAJOR)

$(EP_C:%.c=$(B)/obj/%.o): private CPPFLAGS += -isystem $(ORT_HEADERS)
$(B)/lib/libweft_ep.map: host/plugin/ort/exports
	$(map)
$(B)/lib/libweft_delegate.map: host/plugin/tflite/exports
	$(map)

# Link a plugin, which finds the libraries beside itself: $1 objects, $2 what else it needs.  PLUGIN_RPATH= is for one that lies where the
# system looks.
PLUGIN_RPATH ?= -Wl,-rpath,'$$ORIGIN'
link_plugin = $(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script,$(@:%.so.$(MAJOR)=%.map) -Wl,-z,defs $(PLUGIN_RPATH) $(LDFLAGS) -o $@ $1 -L$(B)/lib -lweft -lweft_compiler $2 -lpthread
PLUGIN_LIBRARIES := $(B)/lib/libweft.so $(B)/lib/libweft_compiler.so

$(EP): $(EP_O) $(PLUGIN_LIBRARIES) $(B)/lib/libweft_ep.map $(B)/settings/link
	$(call say,LINK,$@)
	$(Q)$(call link_plugin,$(EP_O),-l:libprotobuf-c.a)

$(DELEGATE): $(DELEGATE_O) $(PLUGIN_LIBRARIES) $(B)/lib/libweft_delegate.map $(B)/settings/link
	$(call say,LINK,$@)
	$(Q)$(call link_plugin,$(DELEGATE_O))

.PHONY: delegate provider ort-headers
delegate: $(DELEGATE)

provider:
	@$(if $(ORT_HEADERS),$(MAKE) --no-print-directory $(EP),echo "the execution provider needs the C headers of ONNX Runtime: make ort-headers$(comma) or ORT_HEADERS=directory"; exit 1)

ort-headers:
	@host/plugin/ort/headers.sh $(B)/ort_headers
