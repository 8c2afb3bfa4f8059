/* A library that says it was compiled against something else. */
struct abi {
  int api_version;
  const char* torch_version;
  const char* cxx_abi;
};

const struct abi* klbench_plugin_abi(void) {
  static const struct abi abi = {999, "0.0.1", "another compiler"};
  return &abi;
}
