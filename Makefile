# Everything that people and CI do with this repository. `make help` lists the targets.

# The one place where the version is written by hand: the provider, the SDKs, the examples and the release take it from here.
VERSION := 0.2.0

# A `pulumi` on PATH is used if it is at least this version: the oldest one that the tests were tried with.
# Otherwise the CLI is built from the version in tools/go.mod.
PULUMI_OLDEST ?= 3.274.1

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

ROOT    := $(CURDIR)
BIN     := $(ROOT)/bin
MODULE  := github.com/pulumiverse/pulumi-alicloud-kms
PLUGIN  := pulumi-resource-alicloud-kms
LDFLAGS := -s -w -X $(MODULE)/provider.Version=$(VERSION) -X main.version=$(VERSION)

# One set of flags for all builds and for the linter, so that they share the build cache.
export CGO_ENABLED := 0
BUILD_FLAGS := -trimpath -buildvcs=false

pulumi_version = v$(or $(shell sed -n 's|^\t$(1) v\([^ ]*\).*|\1|p' tools/go.mod),$(error tools/go.mod does not require $(1)))
PULUMI_VERSION = $(call pulumi_version,github.com/pulumi/pulumi/pkg/v3)
YAML_VERSION   = $(call pulumi_version,github.com/pulumi/pulumi-yaml)
JAVA_VERSION   = $(call pulumi_version,github.com/pulumi/pulumi-java)

# The CLI that tests and demo use, and a PATH on which Pulumi finds the YAML host and the plugin.
PULUMI      = $(or $(shell tools/pulumi-on-path.sh $(PULUMI_OLDEST)),$(BIN)/pulumi)
WITH_PULUMI = PULUMI="$(PULUMI)" PATH="$(BIN):$$PATH"

##@ Build

.PHONY: build
build: ## Build the plugin and the emulator into bin/
	go build $(BUILD_FLAGS) -ldflags "$(LDFLAGS)" -o $(BIN)/ ./cmd/$(PLUGIN) ./cmd/alicloud-kms-emulator

.PHONY: cli
cli: $(BIN)/pulumi-language-yaml ## Build the Pulumi CLI, unless a recent one is on PATH, and the YAML language host
	@if [ "$(PULUMI)" = "$(BIN)/pulumi" ]; then $(MAKE) --no-print-directory $(BIN)/pulumi; else echo "using $(PULUMI)"; fi

$(BIN)/pulumi: tools/go.mod tools/go.sum
	go build -C tools $(BUILD_FLAGS) -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(PULUMI_VERSION)" \
		-o $@ github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
	touch $@

$(BIN)/pulumi-language-yaml $(BIN)/pulumi-converter-yaml: tools/go.mod tools/go.sum
	go build -C tools $(BUILD_FLAGS) -ldflags "-s -w -X github.com/pulumi/pulumi-yaml/pkg/version.Version=$(YAML_VERSION)" \
		-o $@ github.com/pulumi/pulumi-yaml/cmd/$(@F)
	touch $@

$(BIN)/pulumi-language-java: tools/go.mod tools/go.sum
	go build -C tools $(BUILD_FLAGS) -ldflags "-s -w -X github.com/pulumi/pulumi-java/pkg/version.Version=$(JAVA_VERSION)" \
		-o $@ github.com/pulumi/pulumi-java/pkg/cmd/pulumi-language-java
	touch $@

##@ Generate

.PHONY: generate
generate: schema sdks docs ## Generate schema.json, the SDKs and the reference docs

.PHONY: show-examples
show-examples: ## Show programs in the docs of the resource and on the front page
	go run -C tools ./examplegen -root $(ROOT)

.PHONY: schema
schema: show-examples ## Write schema.json, as the provider serves it, without its version
	go run -C tools ./schemagen -root $(ROOT)

.PHONY: sdks
sdks: schema ## Generate sdk/ from schema.json, and give the examples the version
	go run -C tools ./sdkgen -root $(ROOT) -version $(VERSION)

.PHONY: docs
docs: schema ## Generate the reference and the page of promises in docs/
	go run -C tools ./docsgen -root $(ROOT)

.PHONY: state-samples
state-samples: build cli ## Record the sample stacks of this version, which every later version must read
	$(WITH_PULUMI) go test -C test ./states -run TestSamplesAreWhatThisVersionRecords -record

.PHONY: check-generated
check-generated: ## Fail if any generated file is not what the code generates
	go run -C tools ./examplegen -root $(ROOT) -check
	go run -C tools ./schemagen -root $(ROOT) -check
	go run -C tools ./sdkgen -root $(ROOT) -version $(VERSION) -check
	go run -C tools ./docsgen -root $(ROOT) -check

##@ Try and test

.PHONY: demo
demo: build cli ## Take two stacks through their whole life on the emulator
	$(WITH_PULUMI) go test -C test $(BUILD_FLAGS) -tags demo -count=1 -v ./demo

.PHONY: test
test: build cli ## Run the unit tests and the end-to-end tests
	CGO_ENABLED=1 go test -race -timeout 30m ./...
	$(WITH_PULUMI) CGO_ENABLED=1 go test -C test -race -timeout 30m ./...
	go test -C tools -count=1 -timeout 30m ./... # uncached: Go does not see that a file outside of the module has changed

# What the fault sweep runs: cases with one fault (0: all of the 9200 there are) and with several. Every kind of fault in every
# scenario is among them; a seed chooses the others.
CASES := 2600
PAIRS := 200
SEED  := 1

.PHONY: test-faults
test-faults: build cli ## Run the fault sweep: every API call lost, refused, slow or interrupted
	$(WITH_PULUMI) go test -C test/faults $(BUILD_FLAGS) -count=1 -timeout 60m -parallel 6 \
		-args -full -cases $(CASES) -pairs $(PAIRS) -seed $(SEED)

.PHONY: docs-faults
docs-faults: build cli ## Run the fault sweep and write its table into test/faults/MATRIX.md
	go test -C test/faults $(BUILD_FLAGS) -count=1 -timeout 120m -run TestSweep \
		-args -cases $(CASES) -pairs 0 -seed $(SEED) -write

.PHONY: test-clients
test-clients: build ## Run other clients of the cloud against the emulator
	$(WITH_PULUMI) test/clients/run.sh

.PHONY: test-sdks
test-sdks: build cli $(BIN)/pulumi-language-java $(BIN)/pulumi-converter-yaml ## Compile the SDKs and run the examples in every language
	$(WITH_PULUMI) test/sdks/run.sh

.PHONY: acceptance
acceptance: build cli ## Run the life of an instance on a real account, and record it. Costs money: it explains itself first
	$(WITH_PULUMI) go run -C test $(BUILD_FLAGS) ./acceptance -root $(ROOT) $(ACCEPT_FLAGS)

.PHONY: conformance
conformance: ## Replay RECORDING, a file of `make acceptance`, against the emulator, and print the differences
	go run -C test $(BUILD_FLAGS) ./conformance $(abspath $(RECORDING))

# What `make acceptance` does, on the emulator: its bad inputs, then both payment types, and the recordings against the emulator.
ON_EMULATOR := ALIBABA_CLOUD_ACCESS_KEY_ID=emulator-access-key ALIBABA_CLOUD_ACCESS_KEY_SECRET=emulator-secret-key

.PHONY: acceptance-emulator
acceptance-emulator: build cli ## Run the acceptance test against the emulator, and compare its recordings
	$(WITH_PULUMI) go test -C test $(BUILD_FLAGS) -tags acceptance -count=1 -timeout 10m ./acceptance/... ./conformance
	rm -rf $(BIN)/acceptance
	for subscription in 0 1; do \
		$(WITH_PULUMI) $(ON_EMULATOR) SUBSCRIPTION=$$subscription go run -C test $(BUILD_FLAGS) ./acceptance \
			-root $(ROOT) -folder $(BIN)/acceptance -emulator new -limit 5m; \
	done
	for recording in $(BIN)/acceptance/2*.yaml; do go run -C test $(BUILD_FLAGS) ./conformance $$recording; done

.PHONY: bench
bench: build cli ## Measure size, start-up, memory, calls and time per operation, and of large inputs
	$(WITH_PULUMI) go run -C test ./bench
	go test $(BUILD_FLAGS) ./internal/kmsinstance -run '^$$' -bench LargeInputs -benchtime 3x

##@ Check and release

LINTERS := $(BIN)/golangci-lint $(BIN)/actionlint $(BIN)/misspell $(BIN)/go-licenses
# Folders that are not ours to check.
NOT_OURS := -name .git -o -name bin -o -name dist -o -name node_modules -o -name target -o -name .venv -o -path ./sdk

# Lists the files with text for people.
TEXTS := find . \( $(NOT_OURS) \) -prune -o \( -name '*.md' -o -name '*.yaml' -o -name '*.yml' -o -name '*.go' \) -print

.PHONY: lint
lint: $(LINTERS) ## Check code, modules, licenses, workflows, scripts, links, spelling and words
	$(BIN)/golangci-lint run --allow-parallel-runners
	for module in test tools; do (cd $$module && $(BIN)/golangci-lint run --allow-parallel-runners --config $(ROOT)/.golangci.yml); done
	$(BIN)/golangci-lint fmt --diff
	for module in test tools; do (cd $$module && $(BIN)/golangci-lint fmt --diff --config $(ROOT)/.golangci.yml); done
	for module in $(TIDY_MODULES); do go mod tidy -C $$module -diff; done
	tools/release/licenses.sh
	if [ -d .github/workflows ]; then $(BIN)/actionlint; fi
	for script in .ci/run $$(find . \( $(NOT_OURS) \) -prune -o -name '*.sh' -print); do bash -n "$$script"; done
	go run -C tools ./linkcheck -root $(ROOT)
	$(TEXTS) | xargs $(BIN)/misspell -error
	found=$$($(TEXTS) | xargs grep -niwE -f tools/lint/words.txt || true); \
		if [ -n "$$found" ]; then printf '%s\nsay it in plain words: tools/lint/words.txt\n' "$$found"; exit 1; fi

# Not tools/goreleaser: tests that no build of it needs import a module that has been withdrawn.
TIDY_MODULES := . test tools tools/lint tools/actionlint tools/release

.PHONY: tidy
tidy: ## Tidy the modules
	for module in $(TIDY_MODULES); do go mod tidy -C $$module; done

.PHONY: format
format: $(BIN)/golangci-lint ## Format the Go code
	$(BIN)/golangci-lint fmt
	for module in test tools; do (cd $$module && $(BIN)/golangci-lint fmt --config $(ROOT)/.golangci.yml); done

$(BIN)/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	go build -C tools/lint $(BUILD_FLAGS) -ldflags "-s -w" -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	touch $@

$(BIN)/misspell: tools/lint/go.mod tools/lint/go.sum
	go build -C tools/lint $(BUILD_FLAGS) -ldflags "-s -w" -o $@ github.com/golangci/misspell/cmd/misspell
	touch $@

$(BIN)/actionlint: tools/actionlint/go.mod tools/actionlint/go.sum
	go build -C tools/actionlint $(BUILD_FLAGS) -ldflags "-s -w" -o $@ github.com/rhysd/actionlint/cmd/actionlint
	touch $@

$(BIN)/go-licenses: tools/release/go.mod tools/release/go.sum
	go build -C tools/release $(BUILD_FLAGS) -ldflags "-s -w" -o $@ github.com/google/go-licenses/v2
	touch $@

.PHONY: release-dry-run
release-dry-run: $(BIN)/goreleaser cli ## Build the release twice, compare the two byte for byte, install it, and list its files
	$(WITH_PULUMI) VERSION=$(VERSION) tools/release/dry-run.sh

$(BIN)/goreleaser: tools/goreleaser/go.mod tools/goreleaser/go.sum
	go build -C tools/goreleaser $(BUILD_FLAGS) -ldflags "-s -w" -o $@ github.com/goreleaser/goreleaser/v2
	touch $@

.PHONY: version
version: ## Print the version
	@echo $(VERSION)

.PHONY: clean
clean: ## Remove what was built
	rm -rf $(BIN) dist

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
