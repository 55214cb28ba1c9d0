# make help     list what there is to make
# make run      build roost and start it in the foreground, with its page at 127.0.0.1:8127
# make build    build the release binary, .build/release/roost
# make install  put roost, its completions and its manual page under PREFIX; uninstall removes them
# make deb      make a Debian package of it, in .build/deb
# make test     everything: style, unit tests under sanitizers, real clients against the release binary, a round of fuzzing
# make unit     the unit tests alone, without a sanitizer: what to run while working
# make fuzz     fuzz what reads bytes from outside, each target for FUZZ_SECONDS, or with FUZZ_RUNS inputs; FUZZ_JOBS at a time
# make soak     attack an agent that real clients use, for SOAK_SECONDS (ten minutes)
# make flapping  send to an intake that comes and goes, for SOAK_SECONDS (ten minutes)
# make simulate  an hour of 10,000 services and what sampling keeps of it, of which make unit takes ten minutes
# make bench    measure roost and its peers
# make profile  count what the agent does under load, so that the release build is made for it; rewrites packaging/roost.profdata
# make capture  send real clients at a capture server and rewrite fixtures/captured
# make clean    remove all that was built
#
# Each installs with apt-get or Homebrew what is missing, and needs neither root nor network when nothing is.

SWIFT ?= swift
ACCEPTANCE = .build/acceptance
RUNS ?= 3

# What `roost version` names besides the version; empty outside of a repository. A package's recipe may set it.
ROOST_COMMIT ?= $(if $(wildcard .git),$(shell git describe --always --exclude '*' --abbrev=12 --dirty=-modified 2>/dev/null))

# Where install puts things, and what stands before that path while a package is made.
PREFIX ?= /usr/local
DESTDIR ?=
BINARY ?= .build/release/roost
INSTALLED = bin/roost share/man/man1/roost.1 share/bash-completion/completions/roost \
  share/zsh/site-functions/_roost share/fish/vendor_completions.d/roost.fish
FUZZ_SECONDS ?= 60
FUZZ_JOBS ?= 1

# A module at once, which takes two thirds of the time where nothing is built yet, and lines but no variables for a debugger.
SANITIZER_FLAGS = -Xswiftc -disable-batch-mode -Xswiftc -whole-module-optimization -Xswiftc -num-threads -Xswiftc 2 \
  -Xswiftc -gline-tables-only
# gold, the default on Linux, warns about each of AddressSanitizer's own symbols.
ifneq ($(shell uname -s),Darwin)
SANITIZER_FLAGS += -Xswiftc -use-ld=lld
endif

# The Swift runtime goes into the binary where it is not part of the system.
ifneq ($(shell uname -s),Darwin)
RELEASE_FLAGS = --static-swift-stdlib
endif

# The release build knows how often what is run: from counts that `make profile` has taken. What has changed since is built
# without them, and so is all of it where the compiler does not know them: its tool for them does not read them, or is missing.
PROFILE = packaging/roost.profdata
LLVM_PROFDATA ?= $(firstword $(wildcard $(dir $(realpath $(shell command -v $(SWIFT))))llvm-profdata) $(shell xcrun --find llvm-profdata 2>/dev/null))
ifneq ($(and $(LLVM_PROFDATA),$(wildcard $(PROFILE))),)
ifneq ($(shell $(LLVM_PROFDATA) show $(PROFILE) 2>/dev/null),)
ifneq ($(shell $(SWIFT)c -frontend -help-hidden 2>/dev/null | grep -e -ir-profile-use),)
RELEASE_FLAGS += -Xswiftc -Xfrontend -Xswiftc -ir-profile-use=$(CURDIR)/$(PROFILE)
endif
endif
endif

.PHONY: all help run build install uninstall deb test lint unit sanitize address thread acceptance clients fuzz fuzz-round soak flapping simulate bench profile capture dependencies test-dependencies clean

all: build

# The lines at the top of this file.
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

dependencies:
	@scripts/dependencies.sh build

test-dependencies:
	@scripts/dependencies.sh build test

build: dependencies
	ROOST_COMMIT='$(ROOST_COMMIT)' $(SWIFT) build -c release --product roost $(RELEASE_FLAGS)

# Counts what a release build does under load, for the builds to come (Linux).
profile: test-dependencies
	$(SWIFT) build -c release --product roost --scratch-path .build/profile --static-swift-stdlib \
	  -Xswiftc -Xfrontend -Xswiftc -ir-profile-generate -Xswiftc -use-ld=lld \
	  -Xlinker $(wildcard $(dir $(realpath $(shell command -v $(SWIFT))))../lib/clang/*/lib/linux/libclang_rt.profile-$(shell uname -m).a) \
	  -Xlinker -u__llvm_profile_runtime -Xlinker --export-dynamic-symbol=__llvm_profile_write_file
	$(MAKE) -C Benchmarks all
	python3 Benchmarks/gen_payloads.py --profile flask --spans 100 --name flask-100 --versions v04,v05,v07,v10,otlp \
	  --out .build/bench/payloads
	LLVM_PROFDATA=$(LLVM_PROFDATA) python3 Benchmarks/profile.py .build/profile/release/roost .build/bench/payloads $(PROFILE)

# Built first where it is not yet, so that `make build && sudo make install` needs no Swift for root.
$(BINARY):
	$(MAKE) build

install: $(BINARY)
	install -d $(addprefix '$(DESTDIR)$(PREFIX)'/,$(dir $(INSTALLED)))
	install -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/roost'
	$(BINARY) man >'$(DESTDIR)$(PREFIX)/share/man/man1/roost.1'
	$(BINARY) completion bash >'$(DESTDIR)$(PREFIX)/share/bash-completion/completions/roost'
	$(BINARY) completion zsh >'$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_roost'
	$(BINARY) completion fish >'$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/roost.fish'
	cd '$(DESTDIR)$(PREFIX)' && chmod 644 $(filter-out bin/%,$(INSTALLED))

uninstall:
	rm -f $(addprefix '$(DESTDIR)$(PREFIX)'/,$(INSTALLED))

deb: $(BINARY)
	packaging/deb/build.sh $(BINARY) .build/deb

run: build
	exec .build/release/roost serve --web

# The unit tests run under AddressSanitizer, all of them, and need no other run.
test: lint sanitize acceptance fuzz-round

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

unit: test-dependencies
	$(SWIFT) test

sanitize: address thread

# Builds of their own, so that the ordinary one stays warm. A test asks for more memory than there is, which both would
# take for a fault.
address: test-dependencies
	ASAN_OPTIONS=allocator_may_return_null=1 LSAN_OPTIONS="suppressions='$(CURDIR)/Tests/leak-suppressions.txt':print_suppressions=0" \
	  $(SWIFT) test --sanitize=address --scratch-path .build/address $(SANITIZER_FLAGS)

# In these targets' tests nothing runs beside anything else, so there is no race to find, and no use to build them.
ONE_THREAD = Addresses Compression Configuration Decoding Diagnosis JSON MessagePack Obfuscation Processing Roost Sampling Scrubbing \
  Style Terminal Text Traces

thread: test-dependencies
	ROOST_TESTS_LEFT_OUT='$(ONE_THREAD)' TSAN_OPTIONS=allocator_may_return_null=1 \
	  $(SWIFT) test --sanitize=thread --scratch-path .build/thread $(SANITIZER_FLAGS)

# The clients are installed meanwhile, since a release build does not use two processors all the time.
acceptance: test-dependencies
	$(MAKE) --no-print-directory -j 2 build clients
	$(ACCEPTANCE)/venv/bin/python -m pytest -q -rs -n 2 --dist loadgroup Tests/Acceptance

clients: $(ACCEPTANCE)/venv/complete
	$(ACCEPTANCE)/venv/bin/python Tests/Acceptance/environments.py

$(ACCEPTANCE)/venv/complete: Tests/Acceptance/requirements.txt
	python3 -m venv --clear $(ACCEPTANCE)/venv
	$(ACCEPTANCE)/venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

fuzz: test-dependencies
	$(MAKE) -C Fuzz -j $(FUZZ_JOBS) run FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RUNS=$(FUZZ_RUNS)

# All seeds, and some seconds beyond them. Apple's toolchain has no libFuzzer.
fuzz-round: test-dependencies
ifneq ($(shell uname -s),Darwin)
	$(MAKE) -C Fuzz --no-print-directory -j 2 run FUZZ_SECONDS=3
endif

soak: test-dependencies build $(ACCEPTANCE)/venv/complete
	$(ACCEPTANCE)/venv/bin/python Tests/Acceptance/soak.py

flapping: test-dependencies build $(ACCEPTANCE)/venv/complete
	$(MAKE) -C Benchmarks all
	$(ACCEPTANCE)/venv/bin/python Tests/Acceptance/soak_flapping.py

simulate: test-dependencies
	ROOST_SIMULATED_MINUTES=60 $(SWIFT) test --filter 'Simulated traffic'

bench: test-dependencies build
	$(MAKE) -C Benchmarks all peers
	python3 Benchmarks/gen_payloads.py --profile flask --spans 100 --name flask-100 --versions v04,v05,v07,v10,otlp \
	  --out .build/bench/payloads
	python3 Benchmarks/bench.py --payloads .build/bench/payloads --closed-profiles flask-100 --runs $(RUNS) \
	  --scenarios startup,verify,closed8,closed64,rate5000,rate50000 --save-json .build/bench/results.json \
	  Benchmarks/agents/*.json
	python3 Benchmarks/store.py --payloads .build/bench/payloads --save-json .build/bench/store.json
	python3 Benchmarks/judge.py .build/bench/results.json .build/bench/store.json

capture: test-dependencies $(ACCEPTANCE)/venv/complete
	cd Tests/Acceptance && ../../$(ACCEPTANCE)/venv/bin/python capture.py

clean:
	rm -rf .build
	$(MAKE) -C Benchmarks clean
