# Run "make help" for the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One build mode for build, vet, lint, staging and its tests: CGO_ENABLED (as
# -trimpath would be) is part of the build cache's key, and every further mode
# compiles the Graph SDK's models once more (a minute and 4.3 GiB). Two actions
# at a time keep the whole under 8 GiB. What go env -w says stays in force.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -p=2)

SOAK_CHECKS ?= 10000

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## compile everything
	go build ./...

.PHONY: stage
stage: ## lay out dist/, the folder the Functions host runs, for Azure
	go run ./infra/stage

.PHONY: test
test: ## install what is missing, then run every check there is
	.ci/prepare
	.ci/check

.PHONY: lint
lint: ## run only the linter
	.ci/prepare linter
	.ci/bin/golangci-lint run ./...

.PHONY: bench
bench: ## run the benchmarks
	go test -run='^$$' -bench=. -benchmem -timeout=30m ./handler/...
	if [ -d handler/local/bench ]; then go run ./handler/local/bench; fi

.PHONY: soak
soak: ## run the random tests for long; SOAK_CHECKS=10000 cases each
	.ci/soak $(SOAK_CHECKS)

.PHONY: azurite
azurite: ## run a local table service on port 10002 until interrupted
	.ci/prepare azurite
	node .ci/azurite/node_modules/azurite/dist/src/table/main.js --tableHost 127.0.0.1 --tablePort 10002 \
	  --inMemoryPersistence --silent --disableTelemetry

.PHONY: release
release: ## make release/: the zip that Azure takes, its bill of materials, checksums; VERSION=v1.2.0
	.ci/prepare release
	mkdir -p release
	.ci/bin/cyclonedx-gomod app -json -licenses -main handler -output release/storeteams-$(VERSION).cdx.json
	go run ./infra/release -version "$(VERSION)" -o release

.PHONY: clean
clean: ## remove everything that was built or installed here, and nothing else
	rm -rf dist release .stage-* .ci/bin .ci/azurite/node_modules .ci/bicep/node_modules .ci/mermaid/node_modules
