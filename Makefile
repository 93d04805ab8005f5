# `make help` lists what there is to make. Plain POSIX make; safe with -j.
.POSIX:

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
PIP = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip
TRAIN = mnist
PYTEST = -q
SOAK =

.PHONY: help digits test lint bench soak hooks clean

help:
	@echo 'make digits   train the default model for about a minute; leaves a grid of digits'
	@echo 'make test     formatting, lint, types and all tests'
	@echo 'make lint     the same without the tests'
	@echo 'make bench    images per second beside plain PyTorch loops, in one run'
	@echo 'make soak     hours of kills, damage and fuzzing; stop it at any time, it goes on there'
	@echo 'make hooks    run the lint before each git commit'
	@echo 'make clean    remove .venv, builds and caches; runs/ stays'
	@echo
	@echo 'PYTHON=python3.12 chooses the Python (3.11 or newer) that .venv is made from.'

digits: $(VENV)/installed
	@run=$$($(BIN)/ganvas train $(TRAIN)) || { code=$$?; echo "$$run"; exit $$code; }; \
	run=$$(printf '%s\n' "$$run" | tail -n 1); \
	echo "run:    $$run"; \
	echo "digits: $$run/samples.png   (open it: every row is one digit)"

test: lint $(VENV)/browser
	$(BIN)/python -m pytest $(PYTEST)

lint: $(VENV)/installed-dev
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m ruff check
	$(BIN)/python -m mypy

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench.step
	$(BIN)/python -m bench.recipe_steps
	$(BIN)/python -m bench.commands --eval
	$(BIN)/python -m bench.data_import
	$(BIN)/python -m bench.checkpoint
	$(BIN)/python -m bench.doctor
	$(BIN)/python -m bench.watch
	$(BIN)/python -m bench.distributed

soak: $(VENV)/installed-dev
	$(BIN)/python -m tests.soak $(SOAK)

hooks: $(VENV)/installed-dev
	$(BIN)/python -m pre_commit install

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: packages are installed again only when what they come from changes. The second
# waits for the first, so that two goals of one `make -j` never install at the same time.
$(VENV)/installed: $(VENV)/constraints.txt pyproject.toml
	@echo 'installing into $(VENV); the first time takes a minute or two'
	$(PIP) install --quiet --constraint $(VENV)/constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) install --quiet --constraint $(VENV)/constraints.txt --editable '.[dev]'
	@touch $@

# The tests of pages drive a Chromium of the system's. Where there is none, Debian's package is
# installed if that may be done without asking; else those tests are skipped (in CI they fail).
$(VENV)/browser: $(VENV)/installed-dev
	@for name in "$$GANVAS_CHROMIUM" chromium chromium-browser google-chrome; do \
	command -v "$$name" > $@.part && break; done; \
	if test ! -s $@.part && test "$$(id -u)" = 0 && command -v apt-get > /dev/null; then \
	echo 'installing the package chromium, for the tests of pages'; \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null \
	&& command -v chromium > $@.part; fi; \
	if test -s $@.part; then mv $@.part $@; else rm -f $@.part; \
	echo 'no Chromium: the tests of pages will be skipped; to run them, install chromium' \
	'(on Debian and Ubuntu: apt-get install chromium) or name one in GANVAS_CHROMIUM'; fi

# A reused torch keeps the version it has.
$(VENV)/constraints.txt: $(VENV)/created constraints.txt
	@if test -s $(VENV)/reused-torch; then grep -v '^torch==' constraints.txt > $@.part; \
	else cp constraints.txt $@.part; fi
	@mv $@.part $@

# A torch (2.10 or newer) that $(PYTHON) can import is reused: its folder goes on the
# environment's path, after the environment's own. A path file and not --system-site-packages,
# which would miss a torch in the user's folder or in an activated virtual environment. Tools are
# run by `python -m`: one that lies beside the reused torch has no script in $(BIN).
$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "ganvas needs Python 3.11 or newer, and $(PYTHON) is not;" \
	"name another one, as in: make digits PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys; \
	sys.exit(os.path.realpath(sys.prefix) == os.path.realpath("$(VENV)"))' || { \
	echo "$(VENV) is the environment that $(PYTHON) is of, and would be emptied; deactivate it," \
	"or choose another folder, as in: make digits VENV=.venv-ganvas" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@if $(PYTHON) -c 'import pathlib, sys, torch; \
	new = tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 10); \
	sys.exit(1) if not new else print(pathlib.Path(torch.__file__).parents[1])' \
	> $(VENV)/reused-torch 2>/dev/null; \
	then \
	cp $(VENV)/reused-torch "$$($(BIN)/python -c \
	'import sysconfig; print(sysconfig.get_path("purelib"))')/reused-torch.pth"; \
	echo "reusing the torch in $$(cat $(VENV)/reused-torch)"; \
	else : > $(VENV)/reused-torch; fi
	@touch $@
