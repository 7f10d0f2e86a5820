# tradeup: the PGXS build of the extension, and one door to each thing that can be done with it.
#
#   make, make install   build, install (PG_CONFIG=... picks another PostgreSQL; WERROR= lets warnings pass)
#   make installcheck    regression tests against a running server that has the extension installed
#   make check           every test, on throw-away servers; installs missing Debian packages first
#   make demo            offers for one customer from real cars, on a throw-away server
#   make bench           the table of speed against rivals
#   make exactness N=    compare N random deals with 50-digit arithmetic
#   make check-majors    the regression tests on PostgreSQL 17 and 18, in chroots (needs root)
#   make dist            the PGXN archive
#   make format, format-check, lint

EXTENSION = tradeup
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" tradeup.control)

# The install script is these pieces of src/sql, joined in this order, after header.sql.
# (Not called MODULES: PGXS would build a library for each name.)
SQL_MODULES = program program_publish deal deal_limits offers_tables offers finance flows loans built_in $(NEW_PIECES)

# Since the last release: modules that are new, and pieces whose functions changed. The update script is what
# src/sql/update.sql changes by hand, then these, so that what an update makes is written once.
LAST_RELEASE = 1.0
NEW_MODULES = program_json affordable solve search price_list summary quote changes ops
NEW_PIECES = program_schema program_json affordable solve search_filter search search_document price_list summary \
    quote_tables quote changes ops ops_stats ops_grants
CHANGED_PIECES = program_publish deal_limits offers

MODULE_big = tradeup
OBJS = $(patsubst src/%.cpp,build/obj/%.o,$(wildcard src/core/*.cpp src/pg/*.cpp))
CREATION_SCRIPT = build/$(EXTENSION)--$(EXTVERSION).sql
UPDATE_SCRIPT = build/$(EXTENSION)--$(LAST_RELEASE)--$(EXTVERSION).sql
DATA = $(wildcard src/sql/released/*.sql)
DATA_built = $(CREATION_SCRIPT) $(UPDATE_SCRIPT)
# The server loads libraries into one name space: a call of our own must not land in another's function.
SHLIB_LINK = -lstdc++ -Wl,-Bsymbolic-functions
EXTRA_CLEAN = build

# Tests share a database: each leaves the tables as it found them.
REGRESS = program deal offers finance flows loans $(NEW_MODULES) lenders errors plans privileges own_table oracle comments
REGRESS_OPTS = --load-extension=tradeup --outputdir=build/regress
REGRESS_PREP = build/regress

WERROR ?= -Werror

# No fused multiply-add: a result must not depend on the processor, nor on whether JIT compiled the call.
CXX_DIALECT = -std=c++20 -ffp-contract=off

# PostgreSQL's headers count as system headers, so that warnings speak of our own code only. Its flags ask for
# format attributes, which g++ 12 misses even where [[gnu::format]] stands.
WARNINGS = -Wall -Wextra -Wno-missing-format-attribute $(WERROR)
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
DOORS = check demo bench exactness check-majors dist format format-check lint
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

BITCODE_CXXFLAGS += $(CXX_DIALECT) -Wno-register

build/obj/%.o: src/%.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -c -o $@ $<

build/obj/%.bc: src/%.cpp build/obj/%.o
	@mkdir -p $(@D)
	$(COMPILE.cxx.bc) -o $@ $<

-include $(OBJS:.o=.d)

pieces = $(patsubst %,src/sql/%.sql,$(1))
$(CREATION_SCRIPT): $(call pieces,header $(SQL_MODULES))
$(UPDATE_SCRIPT): $(call pieces,update $(CHANGED_PIECES) $(NEW_PIECES))
$(DATA_built): Makefile
	@mkdir -p $(@D)
	cat $(filter %.sql,$^) > $@

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

demo:
	@test/setup build
	@test/server run -- test/demo/run

bench:
	@test/setup bench
	@test/server run -- test/bench/run

check-majors:
	@test/majors

N ?= 1000000
exactness:
	@test/setup check
	@cmake -S . -B build/release -DCMAKE_BUILD_TYPE=Release >/dev/null
	@cmake --build build/release --target exactness
	build/release/exactness $(N)

RELEASE := $(shell sed -n 's/^    "version": "\(.*\)",/\1/p' META.json)
dist:
	@mkdir -p build
	git archive --format=zip --prefix=tradeup-$(RELEASE)/ -o build/tradeup-$(RELEASE).zip HEAD

# Another version of clang-format would lay the same code out differently.
CLANG_FORMAT ?= clang-format-14
SOURCES = $(wildcard src/*/*.cpp src/*/*.hpp test/*/*.cpp test/*/*.hpp)
format:
	$(CLANG_FORMAT) -i $(SOURCES)

format-check:
	$(CLANG_FORMAT) --dry-run --Werror $(SOURCES)

lint:
	@test/setup lint
	ls $(wildcard src/core/*.cpp src/pg/*.cpp) | xargs -P "$$(nproc)" -I {} clang-tidy --quiet {} -- \
	    -Isrc -isystem "$$($(or $(PG_CONFIG),pg_config) --includedir-server)" $(CXX_DIALECT) -Wno-register
