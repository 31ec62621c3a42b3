# Packages: make demo and make test install what a fresh Debian lacks; DEPS=0 leaves that out.

DEB      := gcc g++ make pkg-config verilator libprotobuf-c-dev protobuf-c-compiler libonnx-dev zlib1g-dev libusb-1.0-0-dev libftdi1-dev libpng-dev libjpeg62-turbo-dev libmicrohttpd-dev ca-certificates curl
DEB_TEST := python3-venv libumockdev-dev umockdev clang clang-format iverilog yosys libonnx-testdata chromium valgrind qemu-user gcc-aarch64-linux-gnu
DEB_LONG := qemu-system-x86 busybox-static cpio zstd kmod udev libusbredirparser-dev parallel openmpi-bin slurmctld slurmd slurm-client munge \
            debhelper dh-python pybuild-plugin-pyproject python3-all python3-setuptools python3-wheel lintian mmdebstrap

# deps: all that tests need too; deps-run: what building and running need; deps-long: what make test-all needs beside.
.PHONY: deps deps-run deps-long
deps: DEB += $(DEB_TEST)
deps-long: DEB := $(DEB_LONG)
deps deps-run deps-long:
	@$(if $(filter 0,$(DEPS)),,host/tool/packages.sh $(if $(filter 0,$(SIM)),$(filter-out verilator g++,$(DEB)),$(DEB)))
