#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace klbench {

/// What is wrong with results.
struct Problem {
  std::filesystem::path file;      ///< or the folder
  std::vector<std::string> cells;  ///< ids; empty where the file as a whole is meant
  std::string text;                ///< a line that names them, too
};

/// What is wrong with a study's or cell's file; empty when nothing is: seal, schema, every chunk's checksum,
/// readability of every cell, completeness. A file made to mislead may crash HDF5: call this for files of unknown
/// origin in a child process.
std::vector<Problem> verify_study_file(const std::filesystem::path& path);

/// What is wrong with the published cells of a folder: each file against its manifest, its seal and its schema.
std::vector<Problem> verify_cell_folder(const std::filesystem::path& folder);

/// That of `all` cells, which should be at `place`, some are not; nothing where `missing` is empty.
std::vector<Problem> missing_cells(const std::filesystem::path& place, const std::vector<std::string>& missing,
                                   std::size_t all);

}  // namespace klbench
