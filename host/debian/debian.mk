# make deb: Debian packages in $(B)/deb, by dpkg-buildpackage of a copy of the source.  SIM=0 makes them without the simulated chips;
# LIB_MODELS="16x16 .." says which chips libweft-sim has.
#
# The files here become debian/ of the copy.  In them @VERSION@, @MAJOR@, @MAINTAINER@ and @DATE@ are filled in, and libweft.* gets the
# number of the library's interface in its name, as its package has it.

DEB_MAINTAINER ?= Weft maintainers <weft@weft.invalid>
DEB_DIR        := $(B)/deb
DEB_TREE       := $(DEB_DIR)/weft-$(VERSION)
DEB_DATE        = $(shell date -R -u -d "@$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || stat -c %Y host/include/weft/weft_version.h)}")

# What this make was told is for this tree: the packages' own make hears of it what debian/rules says, and takes the tools of the system.
.PHONY: deb
deb:
	@command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null || { echo "make deb needs dpkg-dev, debhelper and what host/debian/control lists: make deps-long installs them"; exit 1; }
	$(call say,DEB,$(DEB_DIR))
	$(Q)rm -rf $(DEB_DIR) && mkdir -p $(DEB_TREE)/debian
	$(Q)tar -c --exclude='./build*' --exclude="./$(B)" --exclude=./.git --exclude=__pycache__ --exclude='*.egg-info' . | tar -x -C $(DEB_TREE)
	$(Q)cp -r host/debian/. $(DEB_TREE)/debian && rm $(DEB_TREE)/debian/README.md $(DEB_TREE)/debian/debian.mk
	$(Q)cd $(DEB_TREE)/debian && for f in libweft.*; do mv $$f libweft$(MAJOR).$${f#libweft.} || exit 1; done
	$(Q)sed -i 's/@VERSION@/$(VERSION)/g; s/@MAJOR@/$(MAJOR)/g; s/@MAINTAINER@/$(DEB_MAINTAINER)/; s/@DATE@/$(DEB_DATE)/' $(DEB_TREE)/debian/control $(DEB_TREE)/debian/changelog
	$(Q)cd $(DEB_TREE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PATH=/usr/sbin:/usr/bin:/sbin:/bin DEB_BUILD_PROFILES='$(if $(filter 0,$(SIM)),pkg.weft.nosim)' \
	    dpkg-buildpackage -us -uc $(DEB_OPTIONS) >../log 2>&1 || { tail -n 20 ../log; echo "all of it: $(DEB_DIR)/log"; exit 1; }
	$(Q)rm -rf $(DEB_TREE)
	@ls $(DEB_DIR)/*.deb
