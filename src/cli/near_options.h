#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace klbench {

/// What is wrong with an argument that `subcommand` does not know, and the right form of it there: a near option, the
/// word that this program has for it (--json: --format json), --set for an option of studies (--epochs, epochs=3).
std::string unknown_argument(const CLI::App& subcommand, const std::string& argument);

}  // namespace klbench
