#include "training/tensor_file.h"

#include <fmt/ranges.h>

#include "catch.h"
#include "core/error.h"
#include "core/process.h"
#include "temporary_folder.h"
#include "training/checkpoint.h"

using namespace klbench;

namespace {

TensorFile sample() {
  TensorFile file;
  file.tensors["a/weight"] = torch::arange(6, torch::kFloat32).view({2, 3});
  file.tensors["b"] = torch::tensor({1.5, -2.5}, torch::kFloat64);
  file.tensors["bytes"] = torch::tensor({7, 255}, torch::kUInt8);
  file.tensors["count"] = torch::tensor(std::int64_t{42}, torch::kInt64);
  file.tensors["empty"] = torch::empty({0}, torch::kFloat32);
  file.texts["note"] = "line\n\"quoted\"";
  return file;
}

std::string bytes_of(const TensorFile& file) { return fmt::format("{}", fmt::join(EncodedTensors(file).pieces(), "")); }

}  // namespace

TEST_CASE("tensors and texts come back exactly") {
  const auto read = parse_tensors(bytes_of(sample()), "x");
  REQUIRE(read.tensors.size() == 5);
  for (const auto& [name, tensor] : sample().tensors) {
    INFO(name);
    CHECK(read.tensor(name).scalar_type() == tensor.scalar_type());
    CHECK(torch::equal(read.tensor(name), tensor));
  }
  CHECK(read.text("note") == "line\n\"quoted\"");
  CHECK_THROWS_WITH(read.tensor("absent"), ContainsSubstring("absent"));
}

TEST_CASE("the file is what the safetensors format says, read by hand in python") {
  const TemporaryFolder folder;
  const auto result = run_process(
      {"/usr/bin/python3", "-c",
       "import json,struct,sys\n"
       "d=open(sys.argv[1],'rb').read(); n=struct.unpack('<Q',d[:8])[0]; h=json.loads(d[8:8+n]); b=d[8+n:]\n"
       "a=h['a/weight']; s,e=a['data_offsets']\n"
       "print(a['dtype'], a['shape'], struct.unpack('<6f', b[s:e]), h['__metadata__']['note'].split()[0])",
       folder.write("sample.safetensors", bytes_of(sample()))});
  CHECK(result.err.empty());
  CHECK(result.out == "F32 [2, 3] (0.0, 1.0, 2.0, 3.0, 4.0, 5.0) line\n");
}

TEST_CASE("a damaged tensor file is refused, never read wrongly past its end") {
  const std::string good = bytes_of(sample());
  for (std::size_t size = 0; size < good.size(); ++size) {
    INFO(size);
    CHECK_THROWS_AS(parse_tensors(std::string_view(good).substr(0, size), "x"), UsageError);
  }
  const auto with_header = [](const std::string& header) {
    const std::uint64_t size = header.size();
    return std::string(reinterpret_cast<const char*>(&size), 8) + header + std::string(16, 'x');
  };
  for (const char* header : {"[]", "{\"a\":1}", "{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                             "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                             "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
                             "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
                             "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904],\"data_offsets\":[0,0]}}",
                             "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[40,44]}}"}) {
    INFO(header);
    CHECK_THROWS_AS(parse_tensors(with_header(header), "x"), UsageError);
  }
}

TEST_CASE("a flipped bit in the weights is found") {
  std::string bytes = bytes_of(sample());
  CHECK(parse_tensors(bytes, "x").texts == sample().texts);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  CHECK_THAT(usage_error([&] { parse_tensors(bytes, "x.model"); }),
             ContainsSubstring("x.model: not a readable weights file: damaged"));
}

TEST_CASE("a checkpoint is taken only whole, undamaged and by its own cell") {
  const TemporaryFolder folder;
  save_checkpoint(folder.path() / "cell1.checkpoint", "cell1", sample());
  const std::string bytes = read_file(folder.path() / "cell1.checkpoint");
  REQUIRE(parse_checkpoint(bytes, "cell1"));
  CHECK_FALSE(parse_checkpoint(bytes, "cell2"));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    INFO(i);
    CHECK_FALSE(parse_checkpoint(damaged, "cell1"));
    CHECK_FALSE(parse_checkpoint(bytes.substr(0, i), "cell1"));
  }
}
