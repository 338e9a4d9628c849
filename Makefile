# THAU Desktop: `make run` and `make test` set up everything they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup run test lint bench screenshots translations bundle analysis installers smoke starter starter-more starter-image starter-image-more starter-image-model clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "THAU needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 run")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

run: setup
	$(BIN)/python main.py

test: lint
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check thau_desktop ui tests main.py
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m tests.benchmarks

screenshots: setup
	$(BIN)/python -m tests.screenshots

# dist/thau: the application with its Python and its libraries; then what people download; then what they do with it.
PACKAGE := $(VENV)/.package

$(PACKAGE): $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,package]'
	touch $@

bundle: $(PACKAGE)
	$(BIN)/pyinstaller packaging/thau.spec --noconfirm --distpath dist --workpath build/pyinstaller --log-level WARN

analysis: $(PACKAGE)
	$(BIN)/python packaging/analysis.py

installers: $(PACKAGE)
	$(BIN)/python packaging/installers.py

smoke: setup
	$(BIN)/python packaging/smoke.py

starter-more: setup
	nice $(BIN)/python packaging/starter/language/train.py --work build/starter-more --start resources/starter/thau-nano-v1 --lr 2e-3 --output build/starter-more/model

translations: setup
	$(BIN)/python packaging/translations.py

starter: setup
	nice $(BIN)/python packaging/starter/language/train.py --work build/starter --output build/starter/model

# Each stage goes on from its own checkpoint, so a run that was stopped is started again with the same words.
PICTURES := packaging/starter/pictures
IMAGE_WORK := build/starter-image
IMAGE_MINUTES ?= 480

starter-image: setup
	nice $(BIN)/python $(PICTURES)/vae.py --minutes 90 --work $(IMAGE_WORK)
	nice $(BIN)/python $(PICTURES)/encode.py --count 150000 --work $(IMAGE_WORK)
	nice $(BIN)/python $(PICTURES)/train.py --minutes $(IMAGE_MINUTES) --work $(IMAGE_WORK)
	nice $(BIN)/python $(PICTURES)/classifier.py --minutes 60 --work $(IMAGE_WORK)
	$(MAKE) starter-image-model

starter-image-more: setup
	nice $(BIN)/python $(PICTURES)/encode.py --count 150000 --start resources/starter/thau-image-v1 --work $(IMAGE_WORK)
	nice $(BIN)/python $(PICTURES)/train.py --minutes $(IMAGE_MINUTES) --start resources/starter/thau-image-v1 --work $(IMAGE_WORK)
	nice $(BIN)/python $(PICTURES)/classifier.py --minutes 60 --work $(IMAGE_WORK)
	$(MAKE) starter-image-model

starter-image-model: setup
	$(BIN)/python $(PICTURES)/export.py --work $(IMAGE_WORK) --output $(IMAGE_WORK)/model
	-$(BIN)/python -m tests.benchmarks.starter_pictures --model $(IMAGE_WORK)/model --work $(IMAGE_WORK)
	$(BIN)/python $(PICTURES)/export.py --work $(IMAGE_WORK) --output $(IMAGE_WORK)/model

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
