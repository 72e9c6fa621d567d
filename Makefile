# guestlist. `make` lists what can be made.

SHELL := /bin/bash
# testdata is outside of "./...", and one package with tests lives there.
PKGS  := ./... ./testdata/profiles
# How long one fuzz target runs: a short fixed count by default (see test), a time with make fuzz.
FUZZTIME ?= 60s
# The platforms that guestlist is built for; none needs a C compiler.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
# Without the pages on which gRPC shows its calls: they bring templates along, and with these every method of the vendors' clients.
export GOFLAGS := $(GOFLAGS) -tags=grpcnotrace
# The most that the program may weigh, in MiB. It is 32; 39 with what the tag leaves out.
MOST_MIB := 36
# What a release calls itself; without it, the commit that it was built from.
VERSION   ?= $(shell git describe --tags --exact-match 2>/dev/null)
LDFLAGS   := -s -w $(if $(VERSION),-X guestlist/cmd/internal/cli.linkedVersion=$(VERSION))

.DEFAULT_GOAL := help
.PHONY: help build run test race fuzz golden lint vuln bench cross package image clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./guestlist for this machine
	CGO_ENABLED=0 go build -trimpath -o guestlist ./cmd/guestlist
	@[ -z "$$(find guestlist -size +$(MOST_MIB)M)" ] || { echo 'build: ./guestlist is over $(MOST_MIB) MiB: what did it bring along?' >&2; exit 1; }

run: ## read the browsers of this machine's user
	go run ./cmd/guestlist scan

test: ## run every test (real browsers included where installed), then every fuzz target for a short fixed count
	go test -shuffle=on $(PKGS)
	@$(MAKE) --no-print-directory fuzz FUZZTIME=1000x

race: ## run the tests with the race detector (needs a C compiler), but for those that wait for real browsers
	CGO_ENABLED=1 go test -race -shuffle=on -timeout 20m $$(go list $(PKGS) | grep -v '/realbrowser$$')

fuzz: ## fuzz every parser of foreign bytes, FUZZTIME each
	@set -e; for package in $$(go list $(PKGS)); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
	  done; \
	done

golden: ## write the golden files anew from what the tests see; review the difference
	go test ./allowlist ./cmd/internal/cli ./cmd/internal/house ./cmd/internal/schedule ./providers/chromium ./scanner/notify ./scanner/report ./scanner/risk ./scanner/snapshot -update

lint: ## formatting, vet, staticcheck, tidy modules
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'lint: these files are not formatted: gofmt -w .'; exit 1; }
	go vet $(PKGS)
	go tool staticcheck $(PKGS)
	go mod tidy -diff
	go mod verify

vuln: ## known vulnerabilities of what is called, where Go's database can be reached
	@found=0; report=$$(go tool govulncheck ./... 2>&1) || found=$$?; echo "$$report"; \
	if [ $$found -ne 0 ] && grep -q 'fetching vulnerabilities' <<<"$$report"; then \
	  echo 'vuln: SKIPPED: the database at vuln.go.dev cannot be reached from here' >&2; \
	else \
	  exit $$found; \
	fi

bench: ## measure; every speed is a ratio to a floor of the same run
	go test -run '^$$' -bench . -benchtime 1x -count 3 $(PKGS)

cross: ## build for every platform, without a C compiler; VERSION=v1.2.3 names the release
	@set -e; for platform in $(PLATFORMS); do \
	  os=$${platform%/*}; arch=$${platform#*/}; ext=; [ $$os = windows ] && ext=.exe; \
	  echo "dist/guestlist-$$os-$$arch$$ext"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -o dist/guestlist-$$os-$$arch$$ext ./cmd/guestlist; \
	done
	cd dist && $$(command -v sha256sum || echo shasum -a 256) guestlist-*-* >SHA256SUMS

package: ## build what a release consists of into dist/, from what is committed: archives, packages, manifests; publishes nothing
	.ci/package --release

image: cross ## build the container image into dist/image, without a daemon
	rm -rf dist/image
	go run ./cmd/internal/packaging notices dist/THIRD_PARTY_NOTICES
	go run ./cmd/internal/packaging image -release '$(or $(VERSION),devel)' -date '$(shell TZ=UTC0 git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)' \
	  -documents LICENSE,dist/THIRD_PARTY_NOTICES dist/image dist/guestlist-linux-amd64 dist/guestlist-linux-arm64

clean: ## remove what was built
	rm -rf dist .release guestlist coverage.out
