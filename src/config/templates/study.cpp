#include "config/templates/templates.h"

namespace klbench {

const char* const kStudyTemplate = R"(# What is asked? The first lines are the question that a report begins with.
study: @key@
include: [configs/data/synthetic.yaml, configs/model/lstm_tiny.yaml, configs/trainer/adam.yaml]   # klbench's own
set: {data.train_size: 1000, data.valid_size: 200, data.test_size: 200, trainer.epochs: 4, eval.nll_samples: 20}
sweep:
  regularizer:                              # klbench list regularizers
    - vae
    - {name: bn_vae, gamma: [0.4, 0.8], eps: 1.0e-8}     # lists expand; with the default eps Adam empties the floor
  seed: {range: [0, 3]}                     # repeats, which figures and tables aggregate
baseline: vae                               # what tables compare the other rows with
figures:                                    # klbench list figures
  - {name: kl, kind: curve, metric: kl, floor: true}
  - {name: results, kind: table, metric: [nll, kl, mi, au]}
)";

}  // namespace klbench
