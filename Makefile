# tradeup: the PGXS build of the extension, and one door to each thing that can be done with it.
#
#   make, make install   build, install (PG_CONFIG=... picks another PostgreSQL; WERROR= lets warnings pass)
#   make installcheck    regression tests against a running server that has the extension installed
#   make check           every test, on throw-away servers; installs missing Debian packages first
#   make siege           the long forms of the tests, half a day: SIEGE_MINUTES=60 of each fuzz target and of load, 100 kills
#   make check-busy      the regression tests twice, with every core busy and autovacuum each second
#   make demo            offers for one customer from real cars, on a throw-away server
#   make desk            the pages of a deal desk, on a throw-away server and a free port of 127.0.0.1; Ctrl-C ends both
#   make bench           the table of speed against rivals
#   make exactness N=    compare N random deals with 80-digit arithmetic
#   make check-majors    regression and cluster tests on PostgreSQL 17 and 18, and pg_upgrade, in chroots (needs root)
#   make docs            the pages as HTML, in build/docs
#   make deb             the Debian package, built, tried in a fresh chroot and purged again (needs root)
#   make dist            the PGXN archive (test/release says whether all is ready for a release)
#   make format, format-check, lint

# The family: extensions of one library. Each has its control file, and its creation script is src/sql/header.sql and its
# pieces of src/sql, in this order.
EXTENSION = tradeup tradeup_leads tradeup_bundles

tradeup_PIECES = base/namespace base/io base/types base/require base/kept base/sample base/currency base/distributed \
    program/figures program/tables program/publish program/views program/overrides \
    deal/io deal/types deal/deal deal/affordable program/default program/deals offers/tables offers/customers offers/children offers/offers \
    finance/finance finance/flows loans/types loans/loans \
    solve/types solve/solve program/built_in program/triggers program/published program/schema program/documents \
    search/types search/filter search/search search/document \
    portfolio/io portfolio/types portfolio/price_list portfolio/operators portfolio/portfolio portfolio/summary portfolio/coverage \
    portfolio/changes inventory/tables inventory/inventory inventory/queries inventory/offers inventory/portfolio \
    inventory/search search/counts quote/tables quote/views quote/quote quote/numbers \
    loading/types loading/cells loading/mapping loading/queries loading/loading \
    bi/tables bi/steps bi/views bi/snapshot ops/views ops/health ops/installation \
    program/health offers/health portfolio/health inventory/health quote/health ops/grants \
    program/owners offers/owners inventory/owners quote/owners bi/owners ops/owners

tradeup_leads_PIECES = leads/namespace leads/io leads/types leads/figures leads/rates leads/ratios leads/evidence \
    leads/operators leads/scoring leads/patterns leads/calibration leads/templates leads/value leads/tables leads/publish \
    leads/published leads/scorers leads/views leads/documents leads/records leads/leads leads/making leads/fleet leads/outbox \
    leads/numbers leads/triggers leads/health leads/grants leads/owners

tradeup_bundles_PIECES = bundles/namespace ingest/types ingest/tables ingest/csv ingest/built_in ingest/uploads ingest/figures \
    ingest/views ingest/health bundles/types bundles/tables bundles/mining bundles/pairs bundles/price \
    bundles/proposals bundles/saved bundles/numbers bundles/views bundles/grants \
    ingest/owners bundles/owners

# Pieces of these names run once, when the extension is created: tables, types, operators, views, rows, owners. An update that
# changes what they made says how by hand, in src/sql/released/EXTENSION--OLD.changes.sql. All other pieces hold functions,
# aggregates and triggers only: an update runs them again.
ONCE = namespace tables types operators views built_in published owners

# The one version number is that of META.json. The scripts have its first two parts, which the control files repeat (test/release).
RELEASE := $(shell sed -n 's/^    "version": "\(.*\)",/\1/p' META.json)

# $(call version,EXTENSION), $(call creation_script,EXTENSION), $(call rerun_script,EXTENSION)
version = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(1).control)
creation_script = build/$(1)--$(call version,$(1)).sql
rerun_script = build/$(1).rerun.sql
# What every update script ends with is the rerun script. An update from a released version OLD is src/sql/update.sql,
# EXTENSION--OLD.changes.sql and this. The version at hand is built, though its script be frozen already.
released_scripts = $(filter-out %.changes.sql src/sql/released/$(1)--$(call version,$(1)).sql,\
    $(wildcard src/sql/released/$(1)--*.sql))
update_scripts = $(patsubst src/sql/released/%.sql,build/%--$(call version,$(1)).sql,$(call released_scripts,$(1)))

MODULE_big = tradeup
OBJS = $(patsubst src/%.cpp,build/obj/%.o,$(wildcard src/core/*/*.cpp src/pg/*/*.cpp))
DATA = $(foreach e,$(EXTENSION),$(call released_scripts,$(e)))
DATA_built = $(foreach e,$(EXTENSION),$(call creation_script,$(e)) $(call update_scripts,$(e)))
VERSION_FLAGS = -DTRADEUP_VERSION='"$(call version,tradeup)"' -DTRADEUP_RELEASE='"$(RELEASE)"'
# The server loads libraries into one name space: a call of our own must not land in another's function.
SHLIB_LINK = -lstdc++ -Wl,-Bsymbolic-functions
EXTRA_CLEAN = build

# Tests share a database: each leaves the tables as it found them.
REGRESS = $(sort $(basename $(notdir $(wildcard sql/*.sql))))
REGRESS_OPTS = $(addprefix --load-extension=,$(EXTENSION)) --outputdir=build/regress
REGRESS_PREP = build/regress

WERROR ?= -Werror

# No fused multiply-add: a result must not depend on the processor, nor on whether JIT compiled the call.
CXX_DIALECT = -std=c++20 -ffp-contract=off

# PostgreSQL's headers count as system headers, so that warnings speak of our own code only. Its flags ask for
# format attributes, which g++ 12 misses even where [[gnu::format]] stands. PostgreSQL 16 and later warn of
# shadowed locals: so does a build for 15. Clang does not know this warning.
WARNINGS = -Wall -Wextra -Wshadow=compatible-local -Wno-unknown-warning-option -Wno-missing-format-attribute $(WERROR)
PG_CPPFLAGS = -Isrc
PG_CXXFLAGS = $(CXX_DIALECT) $(WARNINGS) -fvisibility-inlines-hidden -isystem $(includedir_server) -MMD -MP

# -fwrapv, one of PostgreSQL's flags, would hide signed overflow from the sanitizer.
ifdef SANITIZE
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=all
PG_CXXFLAGS += $(SANITIZERS) -fno-wrapv -O1 -fno-omit-frame-pointer
PG_LDFLAGS = $(SANITIZERS)
override with_llvm = no
endif

# These goals must work before PostgreSQL is there, so they do without PGXS.
DOORS = check check-busy siege demo desk bench exactness check-majors docs deb dist format format-check lint
ifneq ($(filter-out $(DOORS),$(or $(MAKECMDGOALS),all)),)

PG_CONFIG ?= pg_config
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifeq ($(PGXS),)
$(error PostgreSQL's server headers are missing: "test/setup build" installs them on Debian, or set PG_CONFIG)
endif
include $(PGXS)
.DEFAULT_GOAL := all

# Only the glue's functions are for the server to find. (PostgreSQL 16 and later hide more than this.)
build/obj/core/%.o: override CXXFLAGS += -fvisibility=hidden

# Clang makes the bitcode for JIT, and so reads every file with its own warnings too.
BITCODE_CXXFLAGS += $(CXX_DIALECT) -isystem $(includedir_server) $(WARNINGS) -Wno-register

# These tell the version.
TELL_VERSION = build/obj/pg/ops/version build/obj/pg/glue/glue
$(TELL_VERSION:=.o) $(TELL_VERSION:=.bc): override CPPFLAGS += $(VERSION_FLAGS)
$(TELL_VERSION:=.o) $(TELL_VERSION:=.bc): META.json tradeup.control

build/obj/%.o: src/%.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -c -o $@ $<

build/obj/%.bc: src/%.cpp build/obj/%.o
	@mkdir -p $(@D)
	$(COMPILE.cxx.bc) -o $@ $<

-include $(OBJS:.o=.d)

all: $(foreach e,$(EXTENSION),$(call rerun_script,$(e)))

# In the source, functions are written so that an update can run them again. A creation makes them anew: an object that is
# there already is somebody else's, and must not be adopted.
pieces = $(patsubst %,src/sql/%.sql,$(1))
named = sed 's/EXTENSION_NAME/$(1)/g'
define scripts
$(call creation_script,$(1)): src/sql/header.sql $(call pieces,$($(1)_PIECES)) $(1).control Makefile
	@mkdir -p $$(@D)
	cat $$(filter %.sql,$$^) | $(call named,$(1)) | sed 's/^CREATE OR REPLACE /CREATE /' > $$@

$(call rerun_script,$(1)): $(call pieces,$(filter-out $(addprefix %/,$(ONCE)),$($(1)_PIECES))) Makefile
	@mkdir -p $$(@D)
	cat $$(filter %.sql,$$^) > $$@

$(call update_scripts,$(1)): build/$(1)--%--$(call version,$(1)).sql: src/sql/update.sql src/sql/released/$(1)--%.changes.sql \
    $(call rerun_script,$(1))
	cat $$^ | $(call named,$(1)) > $$@
endef
$(foreach e,$(EXTENSION),$(eval $(call scripts,$(e))))

build/regress:
	mkdir -p $@

endif

.PHONY: $(DOORS)

# PGXS has a check of its own, which only refuses.
ifneq ($(filter check,$(MAKECMDGOALS)),)
check:
	@test/setup check
	@test/check
endif

check-busy:
	@test/setup check
	@test/busy test/server run -- sh -c 'for i in 1 2; do \
	    make -s installcheck || { cat build/regress/regression.diffs; exit 1; }; done'

siege:
	@test/setup check
	@test/siege

demo:
	@test/setup build
	@test/server run -- test/demo/run

desk:
	@test/setup desk
	@apps/desk/install
	@TRADEUP_API_SQL=apps/desk/dev.sql apps/api/dev

bench:
	@test/setup bench
	@MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=33554432 TRADEUP_SERVER_OPTIONS='shared_buffers=1GB autovacuum=off' \
	    test/server run -- test/bench/run

check-majors:
	@test/majors trixie forky upgrade

deb:
	@test/deb

N ?= 1000000
exactness:
	@test/setup check
	@cmake -S . -B build/release -DCMAKE_BUILD_TYPE=Release >/dev/null
	@cmake --build build/release --target exactness
	build/release/exactness $(N)

docs:
	@test/setup docs
	@docs/book/build

dist:
	@mkdir -p build
	git archive --format=zip --prefix=tradeup-$(RELEASE)/ -o build/tradeup-$(RELEASE).zip HEAD

# Another version of clang-format would lay the same code out differently.
CLANG_FORMAT ?= clang-format-14
SOURCES = $(wildcard src/*/*/*.cpp src/*/*/*.hpp test/*/*.cpp test/*/*.hpp test/*/*/*.cpp)
format:
	$(CLANG_FORMAT) -i $(SOURCES)

format-check:
	$(CLANG_FORMAT) --dry-run --Werror $(SOURCES)
	@test/format
	@test/arrows

lint:
	@test/setup lint
	ls $(wildcard src/core/*/*.cpp src/pg/*/*.cpp) | xargs -P "$$(nproc)" -I {} clang-tidy --quiet {} -- \
	    -Isrc -isystem "$$($(or $(PG_CONFIG),pg_config) --includedir-server)" $(CXX_DIALECT) -Wno-register $(VERSION_FLAGS)
	cppcheck --quiet --language=c++ --std=c++20 --enable=warning,performance,portability --suppressions-list=.cppcheck \
	    --error-exitcode=1 -j "$$(nproc)" -Isrc $(VERSION_FLAGS) src
