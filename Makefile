# make            what there is
# make demo       install what is missing, build, train the quickstart study, draw its figures
# make test       install what is missing, build, run all tests
.DEFAULT_GOAL := help
KLBENCH := build/klbench

.PHONY: help setup configure program build demo test test-faults test-cluster test-platforms sanitize fuzz bench bench-scale peer metric_validation figures studies format clean

help: ## list the targets
	@grep -E '^[a-z_-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

setup: ## install the Debian packages that are missing (cmake/debian_packages.txt)
	@cmake/setup.sh

# WERROR=ON: warnings are errors, as in .ci/run. Another CMAKE_PREFIX_PATH or Torch_DIR than before: all is looked for anew.
configure: setup
	@named="$$CMAKE_PREFIX_PATH $$Torch_DIR" fresh=; \
	[ "$$named" = " " ] || [ "$$named" = "$$(cat build/prefix 2>/dev/null)" ] || fresh=--fresh; \
	[ -f build/build.ninja ] && [ -z "$(WERROR)$$fresh" ] && exit; \
	cmake --preset release $$fresh $(WERROR:%=-DKLBENCH_WERROR=%) >/dev/null && { [ -z "$$fresh" ] || echo "$$named" >build/prefix; }

program: configure ## build the program alone: build/klbench (and build/study.schema.json for editors)
	@cmake --build --preset release --target klbench_program klbench_docs

build: configure ## build all: build/klbench and the tests
	@cmake --build --preset release

demo: program ## train six remedies and a language model on WordNet glosses, draw figures, print a table, write a report
	$(KLBENCH) run experiments/quickstart/study.yaml --results results/demo
	$(KLBENCH) plot results/demo/quickstart.h5
	$(KLBENCH) show results/demo/quickstart.h5
	$(KLBENCH) report results/demo/quickstart.h5

test: build ## build and run all tests
	@ctest --test-dir build --output-on-failure -j3  # some wait more than they compute

test-faults: build ## inject every fault many times; writes build/faults.csv
	/usr/bin/python3 tests/faults/run.py --full --out build/faults.csv

test-cluster: build ## klbench on hosts and a Slurm that the test makes, under every fault of a cluster; writes build/cluster.csv (as root)
	/usr/bin/python3 tests/cluster/cluster_test.py --full --out build/cluster.csv

test-platforms: ## make test and make demo on Debian 13, in a chroot (as root, with debootstrap)
	@tests/platforms.sh

sanitize: setup ## unit tests under AddressSanitizer and UBSan
	@test -f build-sanitize/build.ninja || cmake --preset sanitize >/dev/null
	@cmake --build --preset sanitize
	@ctest --test-dir build-sanitize --output-on-failure -L unit

FUZZ_SECONDS ?= 60
fuzz: setup ## fuzz klbench's own parsers, FUZZ_SECONDS (60) each; needs clang and libclang-rt-14-dev
	@test -f build-fuzz/build.ninja || cmake --preset fuzz >/dev/null
	@cmake --build build-fuzz --target klbench_fuzz
	for name in $(notdir $(wildcard tests/fuzz/corpus/*)); do mkdir -p build-fuzz/corpus/$$name && \
	  build-fuzz/$${name}_fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=build-fuzz/$$name- \
	  build-fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; done

bench: setup ## speed against plain LibTorch and PyTorch; writes build/bench.csv
	@cmake --preset bench >/dev/null && cmake --build --preset bench --target klbench_bench klbench_program
	build/klbench_bench
	/usr/bin/python3 tests/bench/accumulate.py build/klbench

bench-scale: setup ## what commands cost on a study of 10,000 cells; writes build/scale.csv
	@cmake --preset bench >/dev/null && cmake --build --preset bench --target klbench_scale_cells klbench_program
	/usr/bin/python3 tests/bench/scale.py build --cells 10000 --plan-only 100000 --out build/scale.csv

peer: program ## train small models under six recipes here and in plain PyTorch and compare (tests/peer/)
	OMP_NUM_THREADS=1 /usr/bin/python3 tests/peer/train_peer.py $(KLBENCH)

metric_validation: setup ## hold the estimators against models of which the truth is known; writes its CSV and figure
	@test -f build/build.ninja || cmake --preset release >/dev/null
	@cmake --build build --target klbench_metric_validation
	build/klbench_metric_validation experiments/metric_validation/results.csv plots/gallery/metric_validation

# study:figure that READMEs show
GALLERY := quickstart:kl_by_epoch remedies:rate_distortion tau_sweep:kl_by_tau bn_eps:kl_by_epoch images:pictures \
  precision:by_precision optimiser_and_init:use_of_z gamma_sweep:kl_by_gamma bn_batch:kl_by_batch matched_rate:rate_distortion \
  mean_space:mean_space dg_vaes_methods:rate_distortion decoder_strength:text_use_of_z
figures: program ## draw every figure of README and experiments/ again from the results/*.h5 that lack no cell, without training
	@for file in results/*.h5; do $(KLBENCH) verify $$file || continue; $(KLBENCH) plot $$file || exit 1; done
	@for pair in $(GALLERY); do file=results/$${pair%:*}.h5; $(KLBENCH) verify $$file >/dev/null 2>&1 || continue; \
	  $(KLBENCH) plot $$file --figure $${pair#*:} --format png --plots plots/gallery || exit 1; done
	@cmake --build build --target klbench_metric_validation
	build/klbench_metric_validation draw experiments/metric_validation/results.csv plots/gallery/metric_validation
	@command -v chromium >/dev/null || { echo "no chromium: the picture of the report stays as it is"; exit 0; }; \
	  $(KLBENCH) report results/quickstart.h5 --out build/report.html && \
	  chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir=build/chromium \
	  --window-size=1160,1660 --screenshot=plots/gallery/quickstart/report.png file://$(CURDIR)/build/report.html#show=mean

studies: program ## train what results/*.h5 lack of the studies of experiments/ (a day on two cores)
	@for study in experiments/*/study.yaml; do $(KLBENCH) run $$study || exit 1; done

format: ## clang-format all sources
	clang-format -i $$(git ls-files '*.cpp' '*.h')

clean: ## remove the builds (results and plots stay)
	rm -rf build build-sanitize build-fuzz build-trixie
