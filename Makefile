# SPDX-License-Identifier: GPL-3.0-or-later
#
# greffier: the only makefile. `make help` lists the targets.
#
# Knobs: MODE=release|debug|asan|tsan|fuzz|coverage which build (build/$(MODE), side by side)
#        WERROR=1                       warnings are errors (CI)
#        PREFIX=/usr/local DESTDIR=     where `make install` puts things
#        SHARED=1                       greffier-query takes all its libraries from the system
#        V=1                            show the commands

MODE ?= release
PREFIX ?= /usr/local
B := build/$(MODE)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || cat VERSION 2>/dev/null || echo unknown)

CC ?= cc
CXX ?= c++
PKG_CONFIG ?= pkg-config

PKGS_WEB := libmicrohttpd
PKGS_CORE := xapian-core sqlite3 jansson libutf8proc libxxhash libzstd nettle inih
PKGS_INDEX := libarchive libxml-2.0
PKGS_WORKER := libseccomp tesseract lept
PKGS_CLIENT := libcurl
PKGS_SAMPLE := cairo cairo-pdf pangocairo
PKGS_TEST := cmocka cairo cairo-pdf
PKGS_ALL := $(PKGS_CORE) $(PKGS_WEB) $(PKGS_INDEX) $(PKGS_WORKER) $(PKGS_CLIENT) $(PKGS_SAMPLE) $(PKGS_TEST)

# Third-party headers are system headers: their warnings are not ours.
# one by one: who only builds has not what tests need
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(foreach p,$(PKGS_ALL),$(shell $(PKG_CONFIG) --cflags $(p) 2>/dev/null)))
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

BLAS_LIBS ?= -lopenblas
# MuPDF comes as a static library, with what it was built upon.
MUPDF_LIBS ?= -lmupdf -lmupdf-third -lharfbuzz -lfreetype -lz -ljbig2dec -ljpeg -lopenjp2 \
              -lmujs -lgumbo -lcrypto

WARN := -Wall -Wextra -Wwrite-strings -Wformat=2 -Wundef -Wpointer-arith
WARN_C := -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
          -Wimplicit-fallthrough
WARN_CXX := -Wnon-virtual-dtor
ifeq ($(WERROR),1)
WARN += -Werror
endif

OPT_release := -O2 -D_FORTIFY_SOURCE=2
OPT_debug := -O0
OPT_asan := -O1 -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
OPT_tsan := -O1 -fsanitize=thread
OPT_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer \
            -fno-sanitize-recover=undefined
OPT_coverage := -O0 --coverage -fprofile-update=atomic -DGRF_COVERAGE
OPT := $(OPT_$(MODE))
ifeq ($(OPT),)
$(error MODE=$(MODE) is not one of release debug asan tsan fuzz coverage)
endif

CPPFLAGS += -Iinclude -D_GNU_SOURCE -DGRF_PREFIX='"$(PREFIX)"'
# gcov looks for its files where the objects are
PREFIX_MAP := $(if $(filter coverage,$(MODE)),,-ffile-prefix-map=$(CURDIR)=.)
COMMON := -g $(OPT) -fstack-protector-strong -fPIE -fvisibility=hidden \
          -ffunction-sections -fdata-sections $(PREFIX_MAP) $(WARN)
CFLAGS_ALL := -std=c17 $(COMMON) $(WARN_C) $(PKG_CFLAGS) $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 $(COMMON) $(WARN_CXX) $(PKG_CFLAGS) $(CXXFLAGS)
LDFLAGS_ALL := $(OPT) -pie -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections $(LDFLAGS)
DEPFLAGS = -MMD -MP

LIB_SRC := $(wildcard lib/*.c) $(wildcard lib/*.cc)
LIB_OBJ := $(patsubst %,$(B)/%.o,$(LIB_SRC))
WORKER_SRC := $(wildcard indexer/pdf_*.c)
HTTP_SRC := $(wildcard indexer/http*.c) indexer/robots.c
CLIENT_SRC := $(wildcard indexer/embed_client*.c)
DOC_SRC := $(wildcard indexer/doc_*.c) indexer/archive.c
INDEX_SRC := $(filter-out $(WORKER_SRC) $(CLIENT_SRC) $(wildcard indexer/doc_*.c),$(wildcard indexer/*.c))
# What only the web page needs goes into a program of its own: a question shall not wait
# for the libraries of a web server.
WEB_SRC := query/http_mhd.c query/serve.c query/serve_main.c $(wildcard query/web_*.c query/page_*.c)
QUERY_SRC := $(filter-out $(WEB_SRC),$(wildcard query/*.c))
SERVE_SRC := $(filter-out query/main.c query/serve_exec.c,$(QUERY_SRC)) $(WEB_SRC)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT_SRC))
TOOL_SRC := $(filter-out tests/tools/writelog.c,$(wildcard tests/tools/*.c))
TOOL_BIN := $(patsubst tests/tools/%.c,$(B)/tools/%,$(TOOL_SRC)) $(B)/tools/writelog.so
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJ := $(patsubst %,$(B)/%.o,tests/fuzz/common.c tests/fuzz/pages.c tests/fuzz/base.c \
            indexer/doc_xml.c)
PROGRAMS := $(B)/greffier-index $(B)/greffier-query $(B)/greffier-pdf-worker \
            $(B)/greffier-embed-client $(B)/greffier-doc-text $(B)/greffier-serve
SAMPLE_STAMP := build/sample/.stamp
MO := $(B)/locale/fr/LC_MESSAGES/greffier.mo
MODEL := $(B)/models/greffier-fr.grfm

CORE_LIBS := $(call pkg_libs,$(PKGS_CORE)) $(BLAS_LIBS) -lm -lpthread

# The program that a question starts has the small libraries inside, where Debian has them
# to be linked so: finding their symbols costs it a tenth of its time. SHARED=1 leaves them
# outside; when one of them is mended, this program is to be linked again.
INSIDE := -lsqlite3 -lzstd -ljansson -lutf8proc -lxxhash -lnettle -linih
archive_of = $(shell $(CC) -print-file-name=lib$(patsubst -l%,%,$(1)).a)
inside = $(if $(filter $(1),$(INSIDE)),$(if $(findstring /,$(call archive_of,$(1))),$(call archive_of,$(1)),$(1)),$(1))
QUESTION_LIBS := $(if $(SHARED),$(CORE_LIBS),$(foreach l,$(CORE_LIBS),$(call inside,$(l))))

ifneq ($(V),1)
Q := @
say = @printf '  %-5s %s\n' '$(1)' '$(2)'
endif

.DEFAULT_GOAL := all
.PHONY: all sample help
all: $(PROGRAMS) $(MO) $(B)/thesaurus.grft $(MODEL) ## build the programs into build/$(MODE)/

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

# ---- flags stamp: a changed flag rebuilds everything that used it
# (whether warnings are errors changes no object)
FLAGS := $(filter-out -Werror,$(CC) $(CXX) $(CPPFLAGS) $(CFLAGS_ALL) $(CXXFLAGS_ALL) \
         $(LDFLAGS_ALL) $(BLAS_LIBS))
$(B)/flags: FORCE
	@mkdir -p $(B); printf '%s\n' '$(subst ','\'',$(FLAGS))' > $@.new; \
	cmp -s $@.new $@ && rm -f $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:
.SECONDARY:

$(B)/version.h: FORCE
	@mkdir -p $(B); printf '#define GRF_VERSION_TEXT "%s"\n' '$(VERSION)' > $@.new; \
	cmp -s $@.new $@ && rm -f $@.new || mv $@.new $@

# The dictionary of lib/squeeze.c, as C wants it.
$(B)/pages_dict.inc: corpora/pages.dict
	@mkdir -p $(B); od -An -v -tu1 $< | sed 's/  *\([0-9][0-9]*\)/\1,/g' > $@.new; mv $@.new $@
$(B)/lib/squeeze.c.o: $(B)/pages_dict.inc

# ---- compiling
$(B)/%.c.o: %.c $(B)/flags | $(B)/version.h
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -I$(B) $(CFLAGS_ALL) $(DEPFLAGS) -c -o $@ $<

$(B)/%.cc.o: %.cc $(B)/flags | $(B)/version.h
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS) -I$(B) $(CXXFLAGS_ALL) $(DEPFLAGS) -c -o $@ $<

$(B)/libgreffier.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^

# Without what stands in for pread (lib/fulltext_sums.h): a linker takes that from an archive
# for any library that reads files.
$(B)/libhelper.a: $(filter-out $(B)/lib/fulltext_%,$(LIB_OBJ))
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^

define link
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(1)
endef

$(B)/greffier-index: $(patsubst %,$(B)/%.o,$(INDEX_SRC)) $(B)/libgreffier.a
	$(call link,$(CORE_LIBS) $(call pkg_libs,$(PKGS_INDEX) $(PKGS_CLIENT)))
$(B)/greffier-query: $(patsubst %,$(B)/%.o,$(QUERY_SRC)) $(B)/libgreffier.a
	$(call link,$(QUESTION_LIBS))
$(B)/greffier-serve: $(patsubst %,$(B)/%.o,$(SERVE_SRC)) $(B)/libgreffier.a
	$(call link,$(CORE_LIBS) $(call pkg_libs,$(PKGS_WEB)))
$(B)/greffier-pdf-worker: $(patsubst %,$(B)/%.o,$(WORKER_SRC)) $(B)/libhelper.a
	$(call link,$(MUPDF_LIBS) $(call pkg_libs,$(PKGS_WORKER)) $(call pkg_libs,libutf8proc) -lm)
$(B)/greffier-embed-client: $(patsubst %,$(B)/%.o,$(CLIENT_SRC) $(HTTP_SRC)) $(B)/libhelper.a
	$(call link,$(call pkg_libs,$(PKGS_CLIENT)) $(call pkg_libs,jansson nettle) -lm)

$(B)/greffier-doc-text: $(patsubst %,$(B)/%.o,$(DOC_SRC)) $(B)/libhelper.a
	$(call link,$(call pkg_libs,libarchive) $(call pkg_libs,libutf8proc) -lm)

# The thesaurus as programs look words up in it.
$(B)/compile_thesaurus: $(B)/corpora/compile_thesaurus.c.o $(B)/libgreffier.a
	$(call link,$(CORE_LIBS))
$(B)/thesaurus.grft: corpora/thesaurus.tsv $(B)/compile_thesaurus
	$(call say,MAKE,$@)
	$(Q)$(B)/compile_thesaurus $< $@

# The model with its frequent words side by side, as programs read it.
$(B)/arrange_model: $(B)/corpora/arrange_model.c.o $(B)/libgreffier.a
	$(call link,$(CORE_LIBS))
$(MODEL): corpora/models/greffier-fr.grfm lib/embed_static_write.c | $(B)/arrange_model
	$(call say,MAKE,$@)
	@mkdir -p $(@D)
	$(Q)$(B)/arrange_model $< $@ && chmod 644 $@ # any user may run what is built

# The parts of greffier-index, for unit tests.
$(B)/libindexer.a: $(patsubst %,$(B)/%.o,$(filter-out indexer/main.c,$(INDEX_SRC)))
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^

# Those of greffier-query, without the network, for the fuzz targets.
QUERY_PARTS := $(filter-out query/serve_main.c query/http_mhd.c query/serve.c,$(SERVE_SRC))
$(B)/libquery.a: $(patsubst %,$(B)/%.o,$(QUERY_PARTS))
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^

$(B)/tests/%: $(B)/tests/unit/%.c.o $(B)/libindexer.a $(B)/libgreffier.a
	$(call link,$(call pkg_libs,$(PKGS_TEST)) $(CORE_LIBS) $(call pkg_libs,$(PKGS_INDEX) $(PKGS_CLIENT)))
$(B)/tests/test_metrics: $(B)/query/metrics.c.o
$(B)/tests/test_web: $(B)/tests/unit/test_web.c.o $(B)/libquery.a $(B)/libindexer.a \
                     $(B)/libgreffier.a
	$(call link,$(call pkg_libs,$(PKGS_TEST)) $(CORE_LIBS) $(call pkg_libs,$(PKGS_INDEX)))
$(B)/tools/%: $(B)/tests/tools/%.c.o $(B)/libgreffier.a
	$(call link,$(call pkg_libs,$(PKGS_TEST)) $(CORE_LIBS))

# preloaded into a program, so without sanitizers
$(B)/tools/writelog.so: tests/tools/writelog.c tests/tools/writelog.h $(B)/flags
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -Wall -Wextra -D_GNU_SOURCE -O2 -fPIC -shared -fvisibility=hidden -o $@ $< -ldl

# this one looks at pieces of the pages
$(B)/tests/test_webpage: $(addprefix $(B)/query/,page_html.c.o page_address.c.o web_help.c.o)

# ---- fuzzing: each target with libFuzzer, and with a driver that replays files
$(B)/fuzz/replay-%: $(B)/tests/fuzz/fuzz_%.c.o $(B)/tests/fuzz/replay.c.o $(FUZZ_OBJ) \
                    $(B)/libindexer.a $(B)/libquery.a $(B)/libgreffier.a
	$(call link,$(CORE_LIBS) $(call pkg_libs,$(PKGS_INDEX) $(PKGS_CLIENT)))
$(B)/fuzz/fuzz-%: $(B)/tests/fuzz/fuzz_%.c.o $(FUZZ_OBJ) $(B)/libindexer.a $(B)/libquery.a \
                  $(B)/libgreffier.a
	$(call link,-fsanitize=fuzzer $(CORE_LIBS) $(call pkg_libs,$(PKGS_INDEX) $(PKGS_CLIENT)))
.PHONY: fuzz fuzz-replay
fuzz: ## the fuzz targets, into build/fuzz/fuzz/ (clang)
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang CXX=clang++ \
	    $(patsubst %,build/fuzz/fuzz/fuzz-%,$(FUZZ))
fuzz-replay: $(patsubst %,$(B)/fuzz/replay-%,$(FUZZ)) ## drivers that replay inputs

# ---- messages
$(MO): po/fr.po
	$(call say,MO,$@)
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

.PHONY: po
po: ## refresh po/greffier.pot and po/fr.po from the sources
	xgettext --from-code=UTF-8 -k_ -kN_ -kn_:2,3 --add-comments=TRANSLATORS --no-location \
	    --package-name=greffier -o po/greffier.pot $(sort $(wildcard lib/*.c lib/*.cc indexer/*.c query/*.c query/*.h))
	msgmerge --quiet --update --backup=none --no-fuzzy-matching po/fr.po po/greffier.pot

# ---- sample acts
SAMPLE_SRC := $(wildcard corpora/sample/*/*.act) $(wildcard corpora/sample/*.act)
TYPESET_SRC := $(wildcard corpora/typeset*.c)
build/sample-tools/typeset: $(TYPESET_SRC) $(wildcard corpora/typeset*.h)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=c17 -O2 $(WARN) $(WARN_C) $(PKG_CFLAGS) -o $@ $(TYPESET_SRC) \
	    $(call pkg_libs,$(PKGS_SAMPLE)) -lm
$(SAMPLE_STAMP): build/sample-tools/typeset $(SAMPLE_SRC)
	$(call say,PDF,build/sample)
	$(Q)build/sample-tools/typeset corpora/sample build/sample
	@touch $@
sample: $(SAMPLE_STAMP) ## typeset the sample acts into build/sample/

# ---- checks
.PHONY: check check-unit check-e2e check-house debug asan release tools unit
release debug asan: ## build that mode beside the others
	@$(MAKE) --no-print-directory MODE=$@ all
unit: $(UNIT_BIN)
tools: $(TOOL_BIN)
check: ## all quick tests (what scripts/check runs after installing what is missing)
	scripts/run-tests
check-unit: $(UNIT_BIN) $(PROGRAMS) $(TOOL_BIN) ## unit tests only
	prove -j2 --exec '' $(UNIT_BIN)
check-e2e: all tools sample ## end-to-end tests only
	BUILD=$(B) prove -j2 tests/e2e/*.t
check-house: ## layers, headers, symbols, style
	scripts/check-layers
	scripts/check-headers
	scripts/check-house

bench: all ## compare speed with recollindex, omindex and pdftotext
	scripts/bench

compile_commands.json: ## for clangd and clang-tidy
	bear --output $@ -- $(MAKE) --no-print-directory -B MODE=debug all
.PHONY: bench compile_commands.json

# ---- installing
I := $(DESTDIR)$(PREFIX)
.PHONY: install uninstall clean tags
# deepest first, for uninstall
INSTALLED_DIRS := bin libexec share/man/man1 share/man share/bash-completion/completions \
    share/bash-completion share/locale/fr/LC_MESSAGES share/locale/fr share/locale share/doc share \
    lib/systemd/system lib/systemd lib/sysusers.d lib
install: all ## install under DESTDIR/PREFIX
	install -d $(I)/bin $(I)/libexec/greffier $(I)/share/greffier/models \
	    $(I)/share/greffier/web $(I)/share/man/man1 \
	    $(I)/share/bash-completion/completions $(I)/share/locale/fr/LC_MESSAGES
	install -m 755 $(B)/greffier-index $(B)/greffier-query $(I)/bin/
	install -m 755 $(B)/greffier-pdf-worker $(B)/greffier-embed-client $(B)/greffier-doc-text \
	    $(B)/greffier-serve $(I)/libexec/greffier/
	install -m 644 $(MODEL) $(I)/share/greffier/models/
	install -m 644 corpora/thesaurus.tsv $(B)/thesaurus.grft $(I)/share/greffier/
	install -m 644 query/web/* $(I)/share/greffier/web/
	install -m 644 doc/man/*.1 $(I)/share/man/man1/
	install -m 644 scripts/completion.bash $(I)/share/bash-completion/completions/greffier-index
	ln -sf greffier-index $(I)/share/bash-completion/completions/greffier-query
	install -m 644 $(MO) $(I)/share/locale/fr/LC_MESSAGES/
	install -d $(I)/lib/systemd/system $(I)/lib/sysusers.d $(I)/share/doc/greffier
	sed 's,@PREFIX@,$(PREFIX),' scripts/nightly/greffier-nightly.service \
	    > $(I)/lib/systemd/system/greffier-nightly.service
	install -m 644 scripts/nightly/greffier-nightly.timer $(I)/lib/systemd/system/
	install -m 644 scripts/nightly/greffier.sysusers $(I)/lib/sysusers.d/greffier.conf
	sed 's,@PREFIX@,$(PREFIX),' scripts/nightly/crontab > $(I)/share/doc/greffier/crontab
	install -m 644 scripts/nightly/greffier.conf.example $(I)/share/doc/greffier/
	sed 's,@PREFIX@,$(PREFIX),' scripts/serve/greffier.service \
	    > $(I)/lib/systemd/system/greffier.service
	install -m 644 scripts/serve/greffier.socket $(I)/lib/systemd/system/
uninstall: ## remove what install put there
	rm -f $(I)/bin/greffier-index $(I)/bin/greffier-query
	rm -rf $(I)/libexec/greffier $(I)/share/greffier $(I)/share/doc/greffier
	rm -f $(I)/lib/systemd/system/greffier-nightly.service \
	    $(I)/lib/systemd/system/greffier-nightly.timer $(I)/lib/sysusers.d/greffier.conf
	rm -f $(addprefix $(I)/share/man/man1/,$(notdir $(wildcard doc/man/*.1)))
	rm -f $(I)/share/bash-completion/completions/greffier-index \
	    $(I)/share/bash-completion/completions/greffier-query \
	    $(I)/share/locale/fr/LC_MESSAGES/greffier.mo
	rm -f $(I)/lib/systemd/system/greffier.service $(I)/lib/systemd/system/greffier.socket
ifeq ($(filter /usr /usr/local,$(I)),) # whose folders are the system's, empty or not
	@for d in $(INSTALLED_DIRS); do \
	    rmdir --ignore-fail-on-non-empty "$(I)/$$d" 2>/dev/null || :; done
	@cd "$(if $(DESTDIR),$(DESTDIR),/)" && \
	    rmdir -p --ignore-fail-on-non-empty ".$(PREFIX)" 2>/dev/null || :
endif
clean: ## remove build/
	rm -rf build
tags: ## ctags of everything
	ctags -R --languages=C,C++ include lib indexer query tests

-include $(shell find $(B) -name '*.d' 2>/dev/null)
