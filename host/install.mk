# make install, make uninstall: command, manual, completion, headers, libraries and their pkg-config files.
#
#     PREFIX=/usr/local  DESTDIR=  LIBDIR=$(PREFIX)/lib        paths may hold blanks
#
# Nothing of it is compiled for the machine that builds it.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

# Where bash, zsh and fish look.
COMPLETIONS := bash-completion/completions zsh/site-functions fish/vendor_completions.d

# Recipes put names between quotes: make itself cannot tell a blank in a name from one between two.
.PHONY: install uninstall
install: libraries $(B)/lib/weft
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/include/weft" "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(LIBDIR)/pkgconfig"
	$(Q)install -m 755 $(B)/lib/weft "$(DESTDIR)$(PREFIX)/bin/weft"
	$(Q)install -m 644 host/tool/weft.1 "$(DESTDIR)$(PREFIX)/share/man/man1/weft.1"
	$(Q)install -d $(COMPLETIONS:%="$(DESTDIR)$(PREFIX)/share/%")
	$(Q)install -m 644 host/completion/weft.bash "$(DESTDIR)$(PREFIX)/share/$(word 1,$(COMPLETIONS))/weft"
	$(Q)install -m 644 host/completion/_weft "$(DESTDIR)$(PREFIX)/share/$(word 2,$(COMPLETIONS))/_weft"
	$(Q)install -m 644 host/completion/weft.fish "$(DESTDIR)$(PREFIX)/share/$(word 3,$(COMPLETIONS))/weft.fish"
	$(Q)$(if $(USB_O),install -d "$(DESTDIR)$(PREFIX)/lib/udev/rules.d" && install -m 644 host/udev/60-weft.rules "$(DESTDIR)$(PREFIX)/lib/udev/rules.d")
	$(Q)install -m 644 $(HEADERS) "$(DESTDIR)$(PREFIX)/include/weft"
	$(Q)install -m 644 $(LIBRARIES:%=$(B)/lib/lib%.a) $(LIBRARIES:%=$(B)/lib/lib%.so.$(VERSION)) "$(DESTDIR)$(LIBDIR)"
	$(Q)cd "$(DESTDIR)$(LIBDIR)" && for l in $(LIBRARIES); do ln -sf lib$$l.so.$(VERSION) lib$$l.so.$(MAJOR) && ln -sf lib$$l.so.$(MAJOR) lib$$l.so || exit 1; done
	$(Q)for l in $(LIBRARIES); do sed "s|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|; s|@LDLIBS_SIM@|$(strip $(LDLIBS_SIM))|" host/$$l.pc.in \
	    >"$(DESTDIR)$(LIBDIR)/pkgconfig/$$l.pc" || exit 1; done

uninstall:
	$(call say,REMOVE,$(DESTDIR)$(PREFIX))
	$(Q)rm -f "$(DESTDIR)$(PREFIX)/bin/weft" "$(DESTDIR)$(PREFIX)/share/man/man1/weft.1"
	$(Q)rm -f "$(DESTDIR)$(PREFIX)/share/$(word 1,$(COMPLETIONS))/weft" "$(DESTDIR)$(PREFIX)/share/$(word 2,$(COMPLETIONS))/_weft" "$(DESTDIR)$(PREFIX)/share/$(word 3,$(COMPLETIONS))/weft.fish"
	$(Q)rm -f "$(DESTDIR)$(PREFIX)/lib/udev/rules.d/60-weft.rules"
	$(Q)for h in $(notdir $(HEADERS)); do rm -f "$(DESTDIR)$(PREFIX)/include/weft/$$h"; done
	$(Q)for l in weft weft_compiler weft_sim weft_usb weft_ftdi; do rm -f "$(DESTDIR)$(LIBDIR)/lib$$l.a" "$(DESTDIR)$(LIBDIR)/lib$$l".so* "$(DESTDIR)$(LIBDIR)/pkgconfig/$$l.pc"; done
	$(Q)rmdir "$(DESTDIR)$(PREFIX)/include/weft" 2>/dev/null || true
