# The commands of Atrium. `make run` opens the office, `make test` and `make check` judge the code.
#   ARGS    options for the office, the demo or the benchmark of the sound:  make run ARGS="--port 9000"
#   SUITES  some suites only:                    make test SUITES=pytest   make check SUITES="lint types"
#   PYTHON, NODE   which interpreters to use:    make run PYTHON=/usr/bin/python3.12

SHELL := /bin/sh
ARGS ?=
SUITES ?=
export PYTHON NODE

.PHONY: help setup run demo test check bench web docs lock clean

help:
	@sed -n 's/^#\(.*\)/\1/p' Makefile
	@echo ' Commands: run demo setup web docs test check bench lock clean'

setup web docs lock clean:
	@sh scripts/setup.sh $@

run demo bench:
	@sh scripts/setup.sh $@ $(ARGS)

test check:
	@sh scripts/setup.sh $@ $(SUITES)
