# Each target only calls dev.py, so that a machine without make does the same by `python3 dev.py TARGET`.
# Arguments are passed on: make run ARGS="--http 127.0.0.1:8060"

PYTHON ?= python3

.PHONY: run test lint soak fuzz stubs bench

run test lint soak fuzz stubs bench:
	@$(PYTHON) dev.py $@ $(ARGS)
