# Everything that is done here, by a person or by the CI. `make help` lists it.

pure := .build/release/pure
sources := Package.swift Sources Tests

.PHONY: help demo test lint format fixtures bench verify release
.PHONY: fetch-demo install-openblas environments unit interoperability compiler kernels faults fuzz

.NOTPARALLEL:

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: fetch-demo install-openblas release ## Attack a real BERT, defend it, show the table and the report
	$(pure) sweep experiments/plans/demo.json --out out/demo

test: environments fetch-demo install-openblas unit kernels interoperability ## Set up what the tests need, then run them all

lint: ## Check the format of the Swift sources and the syntax of the scripts
	swift format lint --strict --parallel --recursive $(sources)
	scripts/check-scripts

format: ## Rewrite the Swift sources in the project's format
	swift format --in-place --parallel --recursive $(sources)

fixtures: environments ## Make the committed PyTorch fixtures again
	.venv/bin/python Tests/Fixtures/generate.py

bench: install-openblas release environments fetch-demo ## Compare the speed of training steps with PyTorch's
	Benchmarks/compare/run

verify: install-openblas release ## Check every operation against its oracles
	$(pure) verify

release: ## Build the command, optimised
	swift build -c release --product pure

fetch-demo: ## Fetch the demonstration's model and reviews into .cache
	scripts/fetch-demo

install-openblas: ## Install OpenBLAS if it is missing and this user may
	scripts/install-openblas

environments: ## Make the Python environments of the interoperability checks
	scripts/set-up-python

compiler: ## Make the Python environment with NVIDIA's compiler
	scripts/set-up-nvrtc

kernels: compiler ## Compile the CUDA kernels for every architecture; compare registers and entry points
	scripts/check-kernels
	scripts/check-entry-points

unit: install-openblas compiler ## Run the Swift tests
	swift test

faults: ## Let every single call on files fail once, in whole commands; an hour
	PURE_FAULT_RUNS=all swift test --filter 'A call that fails'

fuzz: ## Look for inputs that break a reader, PURE_FUZZ_SECONDS each (600)
	scripts/fuzz

interoperability: environments fetch-demo install-openblas release ## Check directories and tokenizers against the PyPI packages
	scripts/check-interoperability
