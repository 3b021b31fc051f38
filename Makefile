# What is done with this checkout, by people and by .ci/run. Each target sets up what it needs.

SWIFT ?= swift
LGSP_RELEASE = .build/release/lgsp
CYCLES ?= 200

.PHONY: help setup build test examples demo torture bench fuzz lint clean

help:
	@echo 'make setup   install the Debian packages that the build needs (scripts/setup.sh says which and why)'
	@echo 'make build   debug build of everything'
	@echo 'make test    the whole test suite'
	@echo 'make examples   the example of a transport, built and tested (docs/sdk.md)'
	@echo 'make demo    release build, then the quick-start suite through two hubs on this machine'
	@echo 'make torture   faults against a running hub: CYCLES=200 SEED=…, or MINUTES=60 (docs/reliability.md)'
	@echo 'make bench   the benchmarks, in release mode'
	@echo 'make fuzz    the fuzz targets, MINUTES=5 each (docs/fuzzing.md)'
	@echo 'make lint    swift format, with .swift-format'
	@echo 'make clean   remove what was built'

setup:
	@scripts/setup.sh

build: setup
	$(SWIFT) build

# One test after the other: many start programs of their own, and two cores are soon too few for all at once.
test: setup
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

# In the same folder as the rest: what both need is compiled once.
examples: setup
	cd Examples/SpoolTransport && $(SWIFT) build --build-tests --scratch-path ../../.build
	cd Examples/SpoolTransport && $(SWIFT) test --skip-build --scratch-path ../../.build

demo: setup
	$(SWIFT) build -c release --product lgsp
	$(LGSP_RELEASE) demo --once

# The checker shows first that it can fail.
torture: setup
	$(SWIFT) build -c release --product lgsp
	Tests/Torture/torture.py --lgsp $(LGSP_RELEASE) --self-test
	Tests/Torture/torture.py --lgsp $(LGSP_RELEASE) $(if $(MINUTES),--minutes $(MINUTES),--cycles $(CYCLES)) $(if $(SEED),--seed $(SEED))

bench: setup
	$(SWIFT) build -c release --product lgsp
	Benchmarks/run
	Benchmarks/large
	SWIFT='$(SWIFT)' Benchmarks/envelopes
	SWIFT='$(SWIFT)' Benchmarks/mapping
	SWIFT='$(SWIFT)' Benchmarks/peers

fuzz: setup
	SWIFT='$(SWIFT)' scripts/fuzz.sh $(or $(MINUTES),5)

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Envelopes/Program Benchmarks/Mapping/Program Benchmarks/Schemas/Program Examples

clean:
	$(SWIFT) package clean
