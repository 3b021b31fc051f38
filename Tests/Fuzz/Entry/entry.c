#include "Entry.h"

// Part of libFuzzer.
extern int LLVMFuzzerRunDriver(int *, char ***, int (*)(const uint8_t *, size_t));

int lgsp_fuzz_main(int count, char **arguments) {
    return LLVMFuzzerRunDriver(&count, &arguments, LLVMFuzzerTestOneInput);
}
