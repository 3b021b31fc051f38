#ifndef HUB_OPENSSL_SHIM_H
#define HUB_OPENSSL_SHIM_H

// SHA256_Init and its kin are marked deprecated in favour of EVP, but only they need no memory and cannot fail,
// which is what lets a digest be a value instead of an error.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros and variadic calls of the library; Swift needs functions.

static inline EVP_PKEY *hub_generate_ec(const char *curve) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

static inline EVP_PKEY *hub_generate_rsa(size_t bits) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

static inline EVP_PKEY *hub_generate_ed25519(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static inline long hub_bio_mem_data(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// RFC 2253, but with UTF-8 as it is.
static inline unsigned long hub_name_flags(void) { return XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB; }

static inline void hub_clear_free(void *bytes, size_t count) { OPENSSL_clear_free(bytes, count); }

static inline void hub_free(void *bytes) { OPENSSL_free(bytes); }

#endif
