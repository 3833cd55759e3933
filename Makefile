# The menu. Each line is a short way to say what the CMake presets and tools/dev do.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
# Published test data beside the checkout; the tests that need it say loudly when it is not there.
ifneq ($(wildcard ../shared/vectors),)
export YATA_SHARED_DIR ?= $(realpath ../shared)
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## set up, build, serve examples/quickstart.yaml
	@tools/dev/run.sh examples/quickstart.yaml

build: ## set up, build the product: build/release/yatagarasu
	@tools/dev/setup.sh build
	@tools/dev/build.sh release yatagarasu

test: servers ## set up, build, start the real servers, run every test; what CI runs
	@tools/dev/test.sh

unit: ## the unit tests alone, of the dev build (ROOM=http for one room)
	@tools/dev/setup.sh build
	@tools/dev/build.sh dev $(if $(ROOM),yata_$(ROOM)_test,unit_tests)
	@ctest --test-dir build/dev -L '^$(or $(ROOM),unit)$$' -j $(JOBS) --output-on-failure

integration: build servers ## all scenarios against the release build
	@tools/dev/pytest.sh tests/integration $(ARGS)

servers: ## build the real servers the tests talk to, outside the tree, once
	@tools/dev/setup.sh build test
	@tools/dev/servers.sh

bench: build ## us, nginx and HAProxy in pairs, one core each; tokens; answers at a fixed rate (ARGS=--record writes bench/results)
	@tools/dev/setup.sh bench
	@tools/dev/build.sh release open_loop bare_loop
	@bench/passthrough.py $(ARGS)
	@bench/cached.py $(ARGS)
	@bench/tokens.py $(ARGS)
	@bench/pipeline.py $(ARGS)

fuzz: ## each fuzz target for FUZZ_SECONDS=60
	@tools/dev/setup.sh build
	@tools/dev/build.sh fuzz
	@tools/dev/fuzz.sh $(FUZZ_SECONDS)

check: lint ## format, tidy, lint and all tests: before you push
	@tools/dev/format.sh --check
	@$(MAKE) --no-print-directory tidy test

format: ## clang-format over the C++ files
	@tools/dev/format.sh

tidy: ## clang-tidy over the C++ files (ROOM=http for one room)
	@tools/dev/setup.sh build
	@tools/dev/tidy.sh $(ROOM)

lint: ## rooms, sizes, words
	@for rule in rooms sizes words; do python3 tools/lint/$$rule.py || exit 1; done

coverage: servers ## line coverage of all tests: build/coverage/report.txt
	@tools/dev/coverage.sh

clean: ## remove build/
	@rm -rf build

.DEFAULT_GOAL := help
.PHONY: help run build test unit integration servers bench fuzz check format tidy lint coverage clean
