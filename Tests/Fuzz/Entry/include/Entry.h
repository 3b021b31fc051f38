// What libFuzzer calls and is called by (llvm.org/docs/LibFuzzer.html).
#include <stddef.h>
#include <stdint.h>

// Made by the target.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

// Runs the target as the command line says.
int lgsp_fuzz_main(int count, char **arguments);
