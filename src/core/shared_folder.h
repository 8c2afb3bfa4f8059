#pragma once

#include <filesystem>
#include <string>

namespace klbench {

// Of folders that other machines see, too: what is known here of a file's attributes, and that a file is not there, may
// be as old as a cache allows (NFS: a minute). Opening asks anew.

/// Has what other machines created or removed in a folder seen here.
void look_again(const std::filesystem::path& folder);

/// Tells one version of a file from the next, as every publication renames a new one into place; the same on every
/// machine. Empty: it is not there, as far as is known (look_again).
std::string version_of(const std::filesystem::path& path);

}  // namespace klbench
