#include "storage/manifest.h"

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("a manifest remembers files and trusts them until they change") {
  const TemporaryFolder folder;
  folder.write("a.h5", "aaaa");
  {
    Manifest manifest(folder / "new" / "manifest.tsv");
    CHECK_FALSE(manifest.trusts("a", folder / "a.h5"));
    manifest.add("a", folder / "a.h5", "hash-a");
    CHECK(manifest.trusts("a", folder / "a.h5"));
  }
  const Manifest manifest(folder / "new" / "manifest.tsv");
  REQUIRE(manifest.entries().size() == 1);
  CHECK(manifest.entries().at("a").hash == "hash-a");
  CHECK(manifest.entries().at("a").size == 4);
  CHECK(manifest.trusts("a", folder / "a.h5"));
  CHECK_FALSE(manifest.trusts("b", folder / "a.h5"));
  std::filesystem::last_write_time(folder / "a.h5",
                                   std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK_FALSE(manifest.trusts("a", folder / "a.h5"));
  std::filesystem::remove(folder / "a.h5");
  CHECK_FALSE(manifest.trusts("a", folder / "a.h5"));
}

TEST_CASE("the last line of an id wins") {
  const TemporaryFolder folder;
  folder.write("a.h5", "a");
  Manifest manifest(folder / "m");
  manifest.add("a", folder / "a.h5", "old");
  manifest.add("a", folder / "a.h5", "new");
  CHECK(Manifest(folder / "m").entries().at("a").hash == "new");
}

TEST_CASE("a torn line costs only itself, and the next one stands") {
  const TemporaryFolder folder;
  folder.write("a.h5", "a");
  Manifest(folder / "m").add("a", folder / "a.h5", "ha");
  Manifest(folder / "m").add("b", folder / "a.h5", "hb");
  const std::string whole = read_file(folder / "m");
  const std::size_t first = whole.find('\n', 1) + 1;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    folder.write("m", whole.substr(0, size));
    const auto entries = Manifest(folder / "m").entries();
    REQUIRE(entries.size() == (size < first - 1 ? 0U : size < whole.size() - 1 ? 1U : 2U));
    Manifest(folder / "m").add("c", folder / "a.h5", "hc");
    REQUIRE(Manifest(folder / "m").entries().size() == entries.size() + 1);
  }
}

TEST_CASE("no flipped bit of a manifest gives a wrong entry") {
  const TemporaryFolder folder;
  folder.write("a.h5", "a");
  Manifest(folder / "m").add("a", folder / "a.h5", "ha");
  Manifest(folder / "m").add("b", folder / "a.h5", "hb");
  const std::string whole = read_file(folder / "m");
  const auto good = Manifest(folder / "m").entries();
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    folder.write("m", bytes);
    const Manifest damaged(folder / "m");
    for (const auto& [id, entry] : damaged.entries()) {
      REQUIRE(good.contains(id));
      REQUIRE(entry.hash == good.at(id).hash);
      REQUIRE(entry.size == good.at(id).size);
      REQUIRE(entry.mtime_ns == good.at(id).mtime_ns);
    }
  }
}

TEST_CASE("a manifest that cannot be written says so") {
  const TemporaryFolder folder;
  folder.write("file", "x");
  CHECK_THROWS_WITH(Manifest(folder / "file" / "m").add("a", folder / "file", "h"), ContainsSubstring("file"));
  CHECK_THROWS_AS(Manifest(folder / "m").add("a", folder / "none", "h"), Error);
  CHECK_THROWS_AS(Manifest(folder / "m").add("a\tb", folder / "file", "h"), Error);
  std::filesystem::create_directory(folder / "taken");
  CHECK_THROWS_WITH(Manifest(folder / "taken"), ContainsSubstring("taken"));
}
