# Sluice. The two commands to know: `make demo` and `make test`. Each does its own set-up on Debian 12 with Swift installed.

SWIFT        ?= swift
DEBIAN_BUILD := libxml2-dev libssl-dev libsqlite3-dev zlib1g-dev pkg-config openssl unzip
DEBIAN_TEST  := $(DEBIAN_BUILD) libxml2-utils sqlite3 curl python3-venv chromium chromium-driver softhsm2 libengine-pkcs11-openssl golang-go golang-golang-x-mod-dev
ORACLES      := $(CURDIR)/.build-oracles
WITH_ORACLES  = SLUICE_TOOLS=$(ORACLES)/bin SLUICE_ORACLE_PYTHON=$(ORACLES)/bin/python3 SLUICE_CORPUS=$(CORPUS)
CORPUS       ?= $(abspath $(CURDIR)/../shared/corpus)

.PHONY: all release debug demo test quick bench conformance fuzz lint format setup setup-test oracles clean

all: release

# The release binary: .build/release/sluice, with Swift's libraries in it, so that it runs where Swift is not installed. It names none of its
# functions to other libraries and is linked by lld: 6 to 8 MiB less resident (Docs/Performance.md).
# Compiled across modules: rooms and plugins specialise what they take from SluiceKit.
release: setup
	$(SWIFT) build -c release --static-swift-stdlib -Xswiftc -cross-module-optimization -Xswiftc -use-ld=lld -Xlinker --no-export-dynamic --product sluice

debug: setup
	$(SWIFT) build --product sluice

# Three nodes on loopback, from a ministry to the statistical office to the UN, with every proof checked by openssl.
demo: debug
	.build/debug/sluice demo $(DEMO)

# Everything: unit tests, plugins, corridor, real processes, stock tools and real client libraries. Tests that talk over the network have a process
# of their own, where no long computation keeps an answer waiting; so have those that start whole nodes, and those that measure the memory of their
# children: Linux carries over to a child the peak of its parent.
NETWORK_TESTS := SluiceHTTPTests|TransportHTTPTests
test: setup-test oracles
	$(SWIFT) build --build-tests
	$(WITH_ORACLES) $(SWIFT) test --skip-build --skip 'EndToEndTests|$(NETWORK_TESTS)'
	$(WITH_ORACLES) $(SWIFT) test --skip-build --filter '$(NETWORK_TESTS)'
	$(WITH_ORACLES) $(SWIFT) test --skip-build --filter EndToEndTests --skip HostileInputTests
	$(WITH_ORACLES) $(SWIFT) test --skip-build --filter HostileInputTests

# Without the tests that start whole nodes, and without corpus and tools, which are then skipped.
quick: setup
	$(SWIFT) test --skip EndToEndTests

# Measurements; Docs/Performance.md says what they were.
bench: release setup-test oracles
	$(ORACLES)/bin/python3 Tests/Bench/bench.py .build/release/sluice $(CORPUS)
	$(ORACLES)/bin/python3 Tests/Bench/load.py .build/release/sluice 60
	$(ORACLES)/bin/python3 Tests/Bench/large.py .build/release/sluice 1024

# Every file of the corpus, read by us and by two other libraries: writes Docs/Conformance.md.
conformance: release setup-test oracles
	$(ORACLES)/bin/python3 Tests/Conformance/conformance.py .build/release/sluice $(CORPUS) Docs/Conformance.md

# One reader under coverage-guided fuzzing: make fuzz TARGET=sdmx-ml-2.1 SECONDS=1800 SEEDS="FOLDER…"
TARGET  ?= sdmx-ml-2.1
SECONDS ?= 1800
fuzz: setup
	Tests/Fuzz/fuzz.sh $(TARGET) $(SECONDS) $(SEEDS)

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Plugins Tests

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Plugins Tests

# Installs what is missing of Debian's packages; does nothing where all is there.
setup:
	@Tests/Oracles/debian.sh $(DEBIAN_BUILD)

setup-test:
	@Tests/Oracles/debian.sh $(DEBIAN_TEST)

# Tools written by others that check our output, in an environment of their own.
oracles: setup-test
	@Tests/Oracles/python.sh $(ORACLES) Tests/Oracles/requirements.txt
	@Tests/Oracles/sumdb.sh $(ORACLES)/bin

clean:
	rm -rf .build .build-oracles .build-fuzz
