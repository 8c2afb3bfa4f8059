#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace klbench {

/// Images in the bytes of an IDX file (magic 0x00000803: unsigned bytes [N, H, W]; as MNIST's), one channel. Throws
/// UsageError naming the file for another magic, a file that is cut or has more than it says, and no image.
Images parse_idx_images(const std::string& bytes, const std::string& file);
/// The same of a file, gzip or not.
Images read_idx_images(const std::string& file);

/// Labels in the bytes of an IDX file (magic 0x00000801: unsigned bytes [N]); throws UsageError likewise, and where
/// they are not as many as `images`, those of `of_file`.
std::vector<std::int32_t> parse_idx_labels(const std::string& bytes, const std::string& file, std::int64_t images,
                                           const std::string& of_file);
/// The same of a file, gzip or not.
std::vector<std::int32_t> read_idx_labels(const std::string& file, std::int64_t images, const std::string& of_file);

/// How the pixels of a data set become black and white; the option "binarise".
OptionSpec binarise_option();

/// Makes the splits of a corpus from what its files hold, and binarises them:
///   dynamic    train keeps its grey values as probabilities, from which every batch draws anew (Images::drawn_anew)
///   static     every pixel is drawn once
///   threshold  white from 128 on
/// valid and test are drawn once under `dynamic`, too. Drawing is a function of split, example and pixel alone.
void binarise(ImageCorpus& corpus, const std::string& how);

/// Images [begin, end) of `all`, with their labels.
Images images_between(const Images& all, std::int64_t begin, std::int64_t end);

}  // namespace klbench
