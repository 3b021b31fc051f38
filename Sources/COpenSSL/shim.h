#ifndef HUB_OPENSSL_SHIM_H
#define HUB_OPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros in the library's headers; Swift needs functions.
static inline long hub_bio_mem_data(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

#endif
