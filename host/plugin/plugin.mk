# Plugins: Weft inside other programs, in $(B)/lib.
#
#     libweft_ep    execution provider of ONNX Runtime 1.23 and newer      needs its C headers to be built
#
# The headers are in no Debian package and not in the wheel: ORT_HEADERS= names their directory.  `make ort-headers` fetches
# them with go, as a module holds them, into $(B)/ort_headers.  Without them the provider is left out.

ORT_HEADERS ?= $(patsubst %/,%,$(dir $(firstword $(wildcard $(addsuffix /onnxruntime_ep_c_api.h,$(B)/ort_headers /usr/local/include/onnxruntime /usr/include/onnxruntime)))))
EP_O        := $(EP_C:%.c=$(B)/obj/%.o) $(GEN_C:.c=.o)
EP          := $(B)/lib/libweft_ep.so.$(MAJOR)

$(EP_C:%.c=$(B)/obj/%.o): private CPPFLAGS += -isystem $(ORT_HEADERS)
$(B)/lib/libweft_ep.map: host/plugin/ort/exports
	$(map)
$(EP): $(EP_O) $(B)/lib/libweft.so $(B)/lib/libweft_compiler.so $(B)/lib/libweft_ep.map $(B)/settings/link
	$(call say,LINK,$@)
	$(Q)$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script,$(B)/lib/libweft_ep.map -Wl,-z,defs -Wl,-rpath,'$$ORIGIN' $(LDFLAGS) -o $@ $(EP_O) -L$(B)/lib -lweft -lweft_compiler -l:libprotobuf-c.a -lpthread

.PHONY: provider ort-headers
provider:
	@$(if $(ORT_HEADERS),$(MAKE) --no-print-directory $(EP),echo "the execution provider needs the C headers of ONNX Runtime: make ort-headers$(comma) or ORT_HEADERS=directory"; exit 1)

ort-headers:
	@host/plugin/ort/headers.sh $(B)/ort_headers
