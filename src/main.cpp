#include "cli/cli.h"

int main(int argc, char** argv) { return klbench::cli_main(argc, argv); }
