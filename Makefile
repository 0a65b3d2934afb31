# Everything runs in .venv, made here from hash-locked requirements. `make help` lists the targets.
#
# A stamp file says what is installed, so a second run installs nothing and needs no network.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
BENCH  := bench/.venv
LLM    := bench/.venv-llm
PEERS  := .venv-fleet-peers
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Some environments ask Python to keep no compiled code. The tests start many processes: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# The Pythons of `make test-pythons` beside the one that everything else runs on.
PYTHONS ?= 3.12 3.13

.PHONY: ray-figures pictures agents bulk-figures cache-figures fleet-figures spend-figures store-figures figures help demo methods prices test test-whole test-oldest test-newest test-pythons fuzz tables compare-models check format test-e2e test-moving test-platforms platform-names bench bench-quick large lock clean docs
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"keybearer needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}. Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo-installed: requirements/demo.txt pyproject.toml | $(BIN)/python
	@echo "installing the locked requirements into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/demo.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt $(VENV)/.demo-installed
	@echo "installing the development tools into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.demo-installed ## The main job against the offline simulator: no key, no outside network
	@exec $(BIN)/python examples/demo.py

WORKERS ?= 3

test: $(VENV)/.dev-installed ## The test suite: WORKERS=3 processes, for much of it waits
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-whole: $(VENV)/.dev-installed ## The same with nothing sampled: every cut, and all examples of each property, new ones each time
	@KEYBEARER_TEST_WHOLE=1 KEYBEARER_TEST_RANDOM=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What stands on other libraries: run with the oldest and the newest versions that are allowed.
STANDING := tests/shell tests/client tests/api tests/exchange tests/wire tests/types tests/config tests/credentials tests/observe

OLDEST := .venv-oldest

$(OLDEST)/.installed: requirements/oldest.txt pyproject.toml
	@echo "installing the oldest versions that pyproject.toml allows into $(OLDEST) ..."
	@$(PYTHON) -m venv $(OLDEST)
	@$(OLDEST)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/oldest.txt
	@$(OLDEST)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

test-oldest: $(OLDEST)/.installed ## The tests of what stands on other libraries, with the oldest versions that are allowed
	@$(OLDEST)/bin/python -m pytest -n $(WORKERS) $(STANDING)

NEWEST := .venv-newest

# Resolved anew at each run, so it is not locked: what it finds is what a user's install would get today.
test-newest: $(VENV)/.dev-installed ## The same tests with the newest versions that the index has today (needs the network)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(NEWEST)
	@$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --all-extras --group dev --python $(NEWEST)/bin/python \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links -o $(NEWEST)/pins.txt
	@$(BIN)/uv pip install --quiet --python $(NEWEST)/bin/python -r $(NEWEST)/pins.txt
	@$(BIN)/uv pip install --quiet --python $(NEWEST)/bin/python --no-deps --no-build-isolation --editable .
	@$(NEWEST)/bin/python -c 'import importlib.metadata as m; print("with", *(f"{n} {m.version(n)}," for n in ("aiohttp", "msgspec", "pyyaml", "truststore", "httpx2", "starlette")), "...")'
	@$(NEWEST)/bin/python -m pytest -n $(WORKERS) $(STANDING)

# uv reports a pyenv shim that leads nowhere as an error, so pyenv's own folder is looked at as well.
test-pythons: $(VENV)/.dev-installed ## The whole suite on each Python of PYTHONS="3.12 3.13" that this machine has
	@for version in $(PYTHONS); do \
		found=$$(UV_PYTHON_DOWNLOADS=never $(BIN)/uv python find --system "$$version" 2>/dev/null) || \
			found=$$(ls "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/"$$version".*/bin/python 2>/dev/null | tail -n 1); \
		if [ -z "$$found" ]; then echo "Python $$version: skipped, none is installed"; continue; fi; \
		echo "Python $$version: $$found"; \
		$(MAKE) --no-print-directory test VENV=".venv-$$version" PYTHON="$$found" || exit 1; \
	done

methods: $(VENV)/.dev-installed ## Write the table of methods and their stub anew, from the installed SDK's sources
	@PYTHONPATH=tests $(BIN)/python -m tools.generate

# Other people's clients: each has its own folder below tests/e2e, an environment of its own, and versions that are locked.
E2E_PYTHON := bulk claude_agent_sdk dspy instructor langgraph lint litellm_proxy mcp_servers openai_client otel pydantic_ai python_sdk ray servers smolagents valkey
E2E_NODE   := claude_code lint_node oidc typescript vercel_ai
E2E        := $(E2E_PYTHON:%=.venv-e2e-%/.installed) $(E2E_NODE:%=tests/e2e/%/node_modules/.installed)

.venv-e2e-%/.installed: tests/e2e/%/requirements.txt | $(VENV)/.dev-installed
	@echo "installing $* into $(@D) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	@$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

tests/e2e/%/node_modules/.installed: tests/e2e/%/package.json
	@echo "installing the npm packages of tests/e2e/$* ..."
	@npm install --prefix tests/e2e/$* --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

test-e2e: $(VENV)/.dev-installed $(E2E) .venv-docs/.installed ## Clients and servers that nobody here wrote, and a browser (installs them)
	@missing=; for each in tmux zsh fish redis-server prometheus; do command -v $$each >/dev/null || missing="$$missing $$each"; done; \
		command -v chromium chromium-browser google-chrome >/dev/null || missing="$$missing chromium"; \
		[ -z "$$missing" ] || \
		{ [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq --yes --no-install-recommends $$missing >/dev/null; } || \
		{ echo "test-e2e needs$$missing: install them, or run this as root on Debian"; exit 1; }
	@$(BIN)/python -m pytest -rsx tests/e2e tests/shell/redis

pictures: $(VENV)/.dev-installed ## Draw the terminals of the docs anew: keybearer in tmux against the simulator; writes docs/pictures
	@PYTHONPATH=tests $(BIN)/python -m pictures docs/pictures

DOCS := .venv-docs

$(DOCS)/.installed: requirements/docs.txt pyproject.toml | $(VENV)/.dev-installed
	@echo "installing what builds the site into $(DOCS) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(DOCS)
	@$(BIN)/uv pip install --quiet --python $(DOCS)/bin/python --require-hashes -r requirements/docs.txt
	@$(BIN)/uv pip install --quiet --python $(DOCS)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

docs: $(DOCS)/.installed ## The documentation site, into build/site: warnings are errors, and links and anchors are checked
	@PYTHONPATH=docs $(DOCS)/bin/python -m website build/site && echo "build/site/index.html"

MOVING := .venv-moving
SDK    := $(MOVING)/anthropic-2.14.0

$(MOVING)/.installed: requirements/moving.txt requirements/moving-older.txt pyproject.toml | $(VENV)/.dev-installed
	@echo "installing the official SDK and packages that call it into $(MOVING) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(MOVING)
	@$(BIN)/uv pip install --quiet --python $(MOVING)/bin/python --require-hashes -r requirements/moving.txt
	@$(BIN)/uv pip install --quiet --python $(MOVING)/bin/python --require-hashes --no-deps --target $(MOVING)/older -r requirements/moving-older.txt
	@$(BIN)/uv pip install --quiet --python $(MOVING)/bin/python --no-deps --editable .
	@$(MOVING)/bin/python -m pip download --quiet --no-deps --no-binary anthropic --dest $(MOVING) anthropic==2.14.0
	@tar --extract --gzip --file $(SDK).tar.gz --directory $(MOVING)
	@touch $@

test-moving: $(MOVING)/.installed ## Programs for the official SDK, with the import changed; writes the figures into docs/moving.md
	@PYTHONPATH=tests $(BIN)/python -m moving $(SDK) --python $(MOVING)/bin/python --older $(MOVING)/older --write

PLATFORMS := .venv-platforms

$(PLATFORMS)/.installed: requirements/platforms.txt pyproject.toml | $(VENV)/.dev-installed
	@echo "installing the clouds' own libraries into $(PLATFORMS) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(PLATFORMS)
	@$(BIN)/uv pip install --quiet --python $(PLATFORMS)/bin/python --require-hashes -r requirements/platforms.txt
	@$(BIN)/uv pip install --quiet --python $(PLATFORMS)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

test-platforms: $(PLATFORMS)/.installed ## The platforms with the clouds' own libraries: botocore, google-auth, azure-identity (the first run needs the network)
	@$(PLATFORMS)/bin/python -m pytest -p no:cacheprovider tests/platforms

RUNS ?= 100000

fuzz: $(VENV)/.dev-installed ## Fuzz what reads streams: RUNS=100000 inputs, 0 for no end
	@$(BIN)/python fuzz/streams.py $(RUNS) && echo "$(RUNS) inputs, no finding"

tables: $(VENV)/.dev-installed ## Write the simulator's tables anew from the anthropic wheel that is installed
	@PYTHONPATH=tests $(BIN)/python tests/simulator/tools/make_tables.py

PRICES := .venv-prices

$(PRICES)/.installed: requirements/prices.txt pyproject.toml | $(VENV)/.dev-installed
	@echo "installing two public tables of prices into $(PRICES) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(PRICES)
	@$(BIN)/uv pip install --quiet --python $(PRICES)/bin/python --require-hashes -r requirements/prices.txt
	@$(BIN)/uv pip install --quiet --python $(PRICES)/bin/python --no-deps --editable .
	@touch $@

USAGES ?= 5000

prices: $(PRICES)/.installed ## Write the table of prices anew from genai-prices, compare it with litellm's, and bill USAGES=5000 usages by all three
	@$(PRICES)/bin/python tests/prices/tools/make_prices.py src/keybearer/prices/rates.json
	@$(PRICES)/bin/python tests/prices/tools/oracles.py $(USAGES) tests/prices/data/oracles.jsonl

platform-names: $(PRICES)/.installed ## Write the models' names on the platforms anew from litellm's table (the first run needs the network)
	@$(PRICES)/bin/python tests/providers/tools/make_names.py src/keybearer/providers/names.json

compare-models: $(VENV)/.dev-installed ## Compare the simulator's models with litellm's and pydantic-ai's tables (needs the network)
	@$(BIN)/python tests/simulator/tools/compare_models.py

check: $(VENV)/.dev-installed ## Format, lint, types, import contracts, dead code
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/vulture

$(BENCH)/.installed: bench/requirements.txt pyproject.toml
	@echo "installing the benchmark's requirements into $(BENCH) ..."
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r bench/requirements.txt
	@$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(LLM)/.installed: bench/llm/requirements.txt | $(VENV)/.dev-installed
	@echo "installing llm and its Claude plugin into $(LLM) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LLM)
	@$(BIN)/uv pip install --quiet --python $(LLM)/bin/python --require-hashes --compile-bytecode -r bench/llm/requirements.txt
	@touch $@

# token-throttle needs Python 3.12; without one, what runs beside a fleet is left out.
$(PEERS)/.installed: bench/fleet_peers/requirements.txt | $(VENV)/.dev-installed
	@found=$$(UV_PYTHON_DOWNLOADS=never $(BIN)/uv python find --system 3.12 2>/dev/null) || \
		found=$$(ls "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.12.*/bin/python 2>/dev/null | tail -n 1); \
	if [ -z "$$found" ]; then echo "LiteLLM and token-throttle beside it: skipped, no Python 3.12 is installed"; exit 0; fi; \
	echo "installing LiteLLM and token-throttle into $(PEERS) ..."; \
	$(BIN)/uv venv --quiet --clear --python "$$found" $(PEERS) && \
	$(BIN)/uv pip install --quiet --python $(PEERS)/bin/python --require-hashes --compile-bytecode -r bench/fleet_peers/requirements.txt && \
	touch $@

bench: $(BENCH)/.installed $(LLM)/.installed ## Every benchmark beside the official SDK; writes bench/results, docs/benchmarks.md and the README's figures
	@$(BENCH)/bin/python -m bench.run full
	@PYTHONPATH=docs $(BENCH)/bin/python -m website.measured README.md

agents: $(BENCH)/.installed $(VENV)/.dev-installed ## The same agent with three libraries, against the simulator; writes docs/agents-compared.md
	@PYTHONPATH=. $(BIN)/python -m bench.agents.compare --write

bench-quick: $(BENCH)/.installed $(LLM)/.installed ## One line a target, in under 90 s, compared with the committed results
	@$(BENCH)/bin/python -m bench.run quick

figures: $(VENV)/.dev-installed ## Proofs that take minutes: 200 of 200 replays of forty turns byte for byte, and 1,000 kills of runs with a journal, none of whose tools may run twice; writes bench/kills.json
	@$(BIN)/python bench/replay.py --runs 200
	@PYTHONPATH=tests $(BIN)/python tests/support/killed_runs.py 1000 > bench/kills.json; code=$$?; cat bench/kills.json; exit $$code
	@$(MAKE) --no-print-directory cache-figures
	@$(MAKE) --no-print-directory federation-crowd
	@$(MAKE) --no-print-directory spend-figures
	@$(MAKE) --no-print-directory bulk-figures
	@$(MAKE) --no-print-directory ray-figures
	@$(MAKE) --no-print-directory store-figures
	@$(MAKE) --no-print-directory fleet-figures

MUTATIONS ?= 1000

SPEND_RUNS ?= 10000
ifeq ($(SPEND_RUNS),10000)
SPEND_BESIDE = $(BENCH)/.installed
SPEND_OPTIONS = --beside pydantic-ai --write
endif
FLEET_SECONDS ?= 120
ifeq ($(FLEET_SECONDS),120)
FLEET_BESIDE = $(PEERS)/.installed
FLEET_OPTIONS = --write $$(test -e $(PEERS)/.installed && echo --beside $(PEERS)/bin/python)
endif
fleet-figures: $(VENV)/.dev-installed $(FLEET_BESIDE) ## 32 processes in 8 network namespaces under one limit for FLEET_SECONDS=120, Redis killed twice; 120 has LiteLLM's router and token-throttle beside it, and writes bench/fleet.json
	@command -v redis-server >/dev/null || { echo "fleet-figures needs redis-server"; exit 1; }
	@$(BIN)/python -m bench.fleet --seconds $(FLEET_SECONDS) $(FLEET_OPTIONS)

spend-figures: $(VENV)/.dev-installed $(SPEND_BESIDE) ## SPEND_RUNS=10000 runs in 16 processes that are killed, under one spend limit, against the simulator's bill; 10000 have pydantic-ai's beside them, and write bench/spending.json
	@$(BIN)/python -m bench.spending --runs $(SPEND_RUNS) $(SPEND_OPTIONS)

ROTATIONS ?= 1000

ifeq ($(ROTATIONS),1000)
STORE_OPTIONS = --write
endif
store-figures: $(VENV)/.dev-installed ## ROTATIONS=1000 rotations of logins in Redis, by 16 processes in network namespaces of their own (as root) that are killed at random: one token request each; 1000 write bench/store.json
	@command -v redis-server >/dev/null && command -v ip >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq --yes --no-install-recommends redis-server iproute2 >/dev/null; }
	@PYTHONPATH=tests $(BIN)/python -m bench.store --rotations $(ROTATIONS) $(STORE_OPTIONS)

money: $(VENV)/.dev-installed ## What the ledger with costs, and the cache's report, add to the CPU of a request with 20 turns: a tenth at most
	@$(BIN)/python bench/money.py

telemetry: $(VENV)/.dev-installed ## What observers and telemetry add to the CPU of a request: 3 us at most where no provider is set
	@$(BIN)/python -m bench.telemetry

CROWD ?= 32
.PHONY: federation-crowd
federation-crowd: $(VENV)/.dev-installed ## CROWD=32 processes on one federation rule, which begin at once: one exchange a lifetime
	@CROWD=$(CROWD) PYTHONPATH=tests $(BIN)/python -m pytest -q tests/e2e/test_federation.py -k crowd

cache-figures: $(VENV)/.dev-installed ## What spoils the cache, MUTATIONS=1000 times, must be blamed at its path, and cache="adaptive" pay 1.05 times the best policy at most; the whole writes bench/cache.json
	@PYTHONPATH=tests $(BIN)/python tests/support/cache_figures.py $(MUTATIONS) > $(VENV)/cache.json || { cat $(VENV)/cache.json; exit 1; }
	@head -n 3 $(VENV)/cache.json
	@if [ $(MUTATIONS) -ge 1000 ]; then cp $(VENV)/cache.json bench/cache.json; fi

RAY_ROWS ?= 1000
ifeq ($(RAY_ROWS),1000)
RAY_OPTIONS = --write
endif
ray-figures: $(VENV)/.dev-installed .venv-e2e-ray/.installed ## RAY_ROWS=1000 rows by Ray's own HTTP processor and by a job on Ray, while one request in a hundred fails; 1000 write bench/ray.json
	@$(BIN)/python -m bench.ray_beside .venv-e2e-ray/bin/python --rows $(RAY_ROWS) $(RAY_OPTIONS)

.PHONY: reliability
reliability: $(VENV)/.dev-installed ## Run the tests of tests/reliability.toml, whole, and write docs/reliability.md: each fault, its promise, its last result (needs redis-server)
	@KEYBEARER_TEST_WHOLE=1 PYTHONPATH=tests $(BIN)/python -m support.reliability -n $(WORKERS) --dist worksteal

.PHONY: public changelog
public: $(VENV)/.dev-installed ## Add what is new to the list of public names, tests/data/public.txt; what is gone is an error
	@PYTHONPATH=tests $(BIN)/python -m support.public_names

changelog: $(VENV)/.dev-installed ## Gather the fragments of changes/ into CHANGELOG.md for VERSION=0.2.0
	@$(BIN)/python packaging/changelog.py "$(VERSION)"

RELEASE := .venv-release

$(RELEASE)/.installed: requirements/release.txt | $(VENV)/.dev-installed
	@echo "installing what checks a release into $(RELEASE) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(RELEASE)
	@$(BIN)/uv pip install --quiet --python $(RELEASE)/bin/python --require-hashes -r requirements/release.txt
	@touch $@

.PHONY: release-check release-check-short
release-check: $(RELEASE)/.installed ## Build wheel and source archive into dist, install each alone on each Python, with each extra, run the README and the tests from the archive, write the bill of materials, lint the workflow (the first run needs the network)
	@$(BIN)/python packaging/release_check.py --uv $(BIN)/uv --tools $(RELEASE)/bin

release-check-short: $(RELEASE)/.installed ## The same on one Python, with few extras and a sample of the tests
	@$(BIN)/python packaging/release_check.py --uv $(BIN)/uv --tools $(RELEASE)/bin --short

SOAK_MINUTES ?= 30
ifeq ($(SOAK_MINUTES),30)
SOAK_OPTIONS = --write
endif
.PHONY: soak
soak: $(VENV)/.dev-installed ## 300 streams at once for SOAK_MINUTES=30, while every fault strikes: nothing grows, and each call ends in an answer or a typed error; 30 write bench/soak.json
	@PYTHONPATH=tests $(BIN)/python -m bench.soak --minutes $(SOAK_MINUTES) $(SOAK_OPTIONS)

ROWS  ?= 1000000
KILLS ?= 300

# The whole has uvloop, which is in the benchmarks' environment.
BULK_IN = $(VENV)
BULK_READY = $(VENV)/.dev-installed
ifeq ($(ROWS),1000000)
BULK_IN = $(BENCH)
BULK_READY = $(BENCH)/.installed
endif
bulk-figures: $(BULK_READY) ## Bulk jobs: rows a second, memory, kills, and the forecast; ROWS=10000 KILLS=3 for a sample; writes bench/bulk.json
	@$(BULK_IN)/bin/python -m bench.bulk --rows $(ROWS) --http $(ROWS) --forecast $(ROWS) --kills $(KILLS) $$([ $(ROWS) -ge 1000000 ] && echo --write)

large: $(BENCH)/.installed ## The memory of a 500 MB upload and of 1,000,000 rows of results; writes bench/large.json
	@$(BENCH)/bin/python -m bench.large --write

format: $(VENV)/.dev-installed ## Format the code and fix what the linter can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

E2E_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# All but mcp, which needs a newer starlette than the simulator does.
OLDEST_EXTRAS = --extra fleet --extra httpx --extra keyring --extra media --extra otel --extra simulator --extra simulator-identity
# What is large stays in environments of its own, so that `make test` stays small: pyarrow in that of tests/e2e/bulk.
DEV_EXTRAS    = $(OLDEST_EXTRAS) --extra cli --extra mcp

lock: | $(BIN)/python ## Write the locks anew (needs the network)
	@test -x $(BIN)/uv || $(PIP) install uv # not from the lock: that may be what is being mended
	$(UV_COMPILE) --extra simulator --group build -o requirements/demo.txt
	$(UV_COMPILE) $(DEV_EXTRAS) --group dev -c requirements/demo.txt -o requirements/dev.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --resolution lowest-direct --no-emit-index-url \
		--no-emit-find-links --no-header --no-annotate $(OLDEST_EXTRAS) -o $(VENV)/oldest-pins.txt
	$(UV_COMPILE) $(OLDEST_EXTRAS) --group dev -c $(VENV)/oldest-pins.txt -o requirements/oldest.txt
	$(UV_COMPILE) requirements/moving.in $(DEV_EXTRAS) -o requirements/moving.txt
	$(UV_COMPILE) requirements/platforms.in --extra aws --extra azure --extra google --extra simulator --group build -c requirements/dev.txt -o requirements/platforms.txt
	$(UV_COMPILE) --all-extras -c requirements/dev.txt -o requirements/runtime.txt
	$(E2E_COMPILE) requirements/release.in -o requirements/release.txt
	$(E2E_COMPILE) --no-deps requirements/moving-older.in -o requirements/moving-older.txt
	$(UV_COMPILE) requirements/docs.in --extra simulator --group build -c requirements/dev.txt -o requirements/docs.txt
	$(UV_COMPILE) requirements/prices.in -o requirements/prices.txt
	$(UV_COMPILE) bench/requirements.in --extra httpx --extra simulator --group build -c requirements/dev.txt -o bench/requirements.txt
	$(E2E_COMPILE) bench/llm/requirements.in -o bench/llm/requirements.txt
	$(subst 3.11,3.12,$(E2E_COMPILE)) bench/fleet_peers/requirements.in -c tests/e2e/litellm_proxy/requirements.txt -o bench/fleet_peers/requirements.txt
	for name in $(E2E_PYTHON); do $(E2E_COMPILE) tests/e2e/$$name/requirements.in -o tests/e2e/$$name/requirements.txt || exit 1; done

clean: ## Remove .venv and every cache
	rm -rf $(VENV) $(OLDEST) $(NEWEST) $(MOVING) $(PRICES) $(PLATFORMS) $(DOCS) $(addprefix .venv-,$(PYTHONS)) $(addprefix .venv-e2e-,$(E2E_PYTHON)) $(BENCH) $(LLM) $(PEERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
