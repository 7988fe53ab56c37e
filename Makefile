# The front door. `make` alone lists what there is.
#
# Nothing is built twice: the browser client and the server are file targets, so `make run` starts at once when
# nothing changed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
RUST_TESTS = $(CARGO) test --locked --workspace --all-features --no-fail-fast
NPM ?= npm --no-fund --no-audit
WEB := kmz-meet-server/web
STAMPS := target/make
SERVER := target/release/kmz-meet

export KMZ_MEET_DATA_DIR ?= $(CURDIR)/data

WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public $(WEB)/scripts -type f 2>/dev/null) \
  $(wildcard $(addprefix $(WEB)/,index.html console.html drop.html package.json package-lock.json vite.config.ts vite.console.config.ts vite.embed.config.ts vite.reference.config.ts svelte.config.js tsconfig.json))
RUST_SOURCES := Cargo.toml Cargo.lock \
  $(shell find kmz-meet-core guarded-http lti-bridge kmz-meet-server -path $(WEB) -prune -o \( -name '*.rs' -o -name Cargo.toml -o -name '*.sql' -o -name askama.toml -o -path '*/assets/*' -o -path '*/templates/*' \) -print)

.PHONY: help run build announce web deps tools check fmt generate test bench bench-peer lines screenshots fuzz schemathesis siege soak clean \
  record-bench record-lines record-screenshots \
  test-static test-rust test-units test-outside test-postgres test-web test-generated test-interop test-e2e test-browsers test-deny test-fuzz

help: ## This list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

# --- run ---------------------------------------------------------------------------------------------------------

run: build ## Build what changed and start the demo school; KMZ_MEET_... keys go through
	@exec $(SERVER) serve --demo

build: announce $(STAMPS)/server ## The release binary with the browser client inside: target/release/kmz-meet

# Each step says its number, and cargo's own bar how many of the crates are done.
announce:
	@[ -e $(SERVER) ] || echo "First build, in three steps: about six minutes on two idle cores. Later ones take what changed."

web: $(WEB)/dist/index.html ## The browser client alone

$(STAMPS)/server: $(RUST_SOURCES) $(WEB)/dist/index.html
	@scripts/need.sh cargo cc
	@echo "[3/3] server: some 400 crates, five of the six minutes when nothing is built yet"
	$(CARGO) build --release --locked -p kmz-meet-server
	@scripts/symbols.sh $(SERVER)
	@mkdir -p $(@D) && touch $@

# npm writes this file last: it is there exactly when the install is whole.
$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@scripts/need.sh node npm
	@echo "[1/3] packages of the browser client"
	cd $(WEB) && $(NPM) ci
	@touch $@

$(WEB)/dist/index.html: $(WEB_SOURCES) $(WEB)/node_modules/.package-lock.json
	@echo "[2/3] browser client"
	cd $(WEB) && $(NPM) run build
	@touch $@

# --- while working -----------------------------------------------------------------------------------------------

check: $(WEB)/dist/index.html ## Fast: format, lints, types
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	$(CARGO) run --locked -q -p house
	$(CARGO) run --locked -q -p house -- words
	cd $(WEB) && $(NPM) run check

fmt: $(WEB)/node_modules/.package-lock.json ## Format the Rust code and the client
	$(CARGO) fmt --all
	cd $(WEB) && $(NPM) run format

generate: $(WEB)/dist/index.html ## Types of the protocol for the client, and openapi/openapi.json, from the Rust code
	scripts/generate.sh

deps: ## Install what tests need and is missing (Debian packages)
	@scripts/deps.sh

clean: ## Remove what was built
	rm -rf target $(WEB)/dist $(WEB)/dist-reference $(WEB)/node_modules tests/e2e/node_modules

# --- test --------------------------------------------------------------------------------------------------------

# A table of what passed is at the end; scripts/test.sh says what runs beside what. `tests/e2e/run.sh lobby` runs one file.
test: deps ## Everything that .ci/run runs
	@scripts/test.sh

# Clippy's driver is the compiler with its lints, so one build serves both: `cargo clippy` would compile everything once more.
# All of these build alike, so that nothing is built twice.
test-static test-units test-outside test-postgres test-generated test-interop test-e2e test-browsers: \
  export RUSTC_WORKSPACE_WRAPPER = clippy-driver

test-static: $(WEB)/dist/index.html
	$(CARGO) fmt --all --check
	scripts/lint.sh
	$(CARGO) run --locked -q -p house
	$(CARGO) run --locked -q -p house -- words

test-web: $(WEB)/node_modules/.package-lock.json
	cd $(WEB) && $(NPM) run check && $(NPM) test
	$(MAKE) $(WEB)/dist/index.html
	cd $(WEB) && node scripts/check-size.mjs

# Two halves, which `make test` runs beside each other: what tests a part from inside, and what tests the whole from outside.
test-rust: test-units test-outside

test-units: $(WEB)/dist/index.html
	TS_RS_EXPORT_DIR=$(CURDIR)/target/bindings $(RUST_TESTS) --lib --bins
	$(RUST_TESTS) --doc

test-outside: $(WEB)/dist/index.html
	$(RUST_TESTS) --test '*'

# What is stored, behind the same tests on the other database.
test-postgres: $(WEB)/dist/index.html
	KMZ_MEET_TEST_DATABASE=postgres $(RUST_TESTS) --test databases

test-generated: $(WEB)/dist/index.html
	scripts/generate.sh --check

test-e2e: $(WEB)/dist/index.html
	tests/e2e/run.sh

# Other people's platforms and clients, from the package registries.
test-interop: $(WEB)/dist/index.html
	tests/interop/run.sh

# Both at once: the last long story of one does not keep a processor waiting.
test-browsers: $(WEB)/dist/index.html
	tests/interop/run.sh --all

test-deny:
	scripts/deny.sh

test-fuzz:
	FUZZ_SECONDS=$${FUZZ_SECONDS:-5} fuzz/run.sh

schemathesis: deps $(WEB)/dist/index.html ## The OpenAPI description against the running server, every check on
	tests/interop/schemathesis.sh

fuzz: ## Each fuzz target for FUZZ_SECONDS (60), on the stable toolchain
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} fuzz/run.sh

bench: build deps ## The numbers of benches/results, measured here: into target/bench
	scripts/bench.sh

# About a quarter of an hour. Janus is installed for it, if it is missing (a Debian package).
bench-peer: build ## Janus beside this server, the same rooms and clients: into target/bench/peer.json
	benches/peer/run.sh

record-bench: ## Take what was measured last, in target/bench, into benches/results
	@scripts/record.py bench

# About 35 minutes: twelve lines, two browsers. LINES_SECONDS=20 and LINES_ONLY="300k; 5%" make it short.
lines: build deps ## A lesson on bad lines, in both browsers (root): into target/lines
	@cd tests/e2e && { [ -d node_modules ] || $(NPM) ci; } && KMZ_MEET_BIN=$(CURDIR)/$(SERVER) ./netns.sh node lines/run.mjs

record-lines: ## Take what was measured last, in target/lines, into benches/results
	@scripts/record.py lines

# About ten minutes: each flood lasts 15 s, and the server has 20 s after it. SIEGE="hands knock" runs these alone.
siege: build ## Floods against a server with a class inside: does the class notice? Into target/bench/siege.json
	benches/run.sh siege $(SIEGE)

soak: build deps ## Half an hour (SOAK_MINUTES) of ten people whose network blocks UDP, in real browsers
	@cd tests/e2e && { [ -d node_modules ] || $(NPM) ci; } && KMZ_MEET_BIN=$(CURDIR)/$(SERVER) ./netns.sh node soak.mjs

screenshots: build deps ## Pictures of every screen: into target/screenshots
	@cd tests/e2e && { [ -d node_modules ] || $(NPM) ci; } && KMZ_MEET_BIN=$(CURDIR)/$(SERVER) ./netns.sh node screenshots.mjs

record-screenshots: ## Take the pictures of README and guides from target/screenshots into docs/images
	@scripts/record.py screenshots
