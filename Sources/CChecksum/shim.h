#ifndef HUB_CHECKSUM_SHIM_H
#define HUB_CHECKSUM_SHIM_H

// The instruction that x86-64 has for CRC-32C since SSE 4.2, which Swift has no word for.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

static inline int hub_has_crc32c(void) { return __builtin_cpu_supports("sse4.2") != 0; }

static inline uint32_t hub_crc32c(const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
    uint64_t value = 0xFFFFFFFFu;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        __asm__("crc32q %1, %0" : "+r"(value) : "r"(word));
    }
    uint32_t rest = (uint32_t)value;
    for (; count > 0; count--, next++) __asm__("crc32b %1, %0" : "+r"(rest) : "r"(*next));
    return ~rest;
}

#else

static inline int hub_has_crc32c(void) { return 0; }

static inline uint32_t hub_crc32c(const void *bytes, size_t count) { (void)bytes; (void)count; return 0; }

#endif
#endif
