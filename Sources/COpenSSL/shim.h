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
#include <openssl/pkcs12.h>
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

// Trust and timestamps: certificate chains, CRLs, OCSP (RFC 6960), RFC 3161.

#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

static inline STACK_OF(X509) *hub_certificates_new(void) { return sk_X509_new_null(); }

// The stack takes a reference of its own.
static inline int hub_certificates_push(STACK_OF(X509) *stack, X509 *certificate) {
    return X509_add_cert(stack, certificate, X509_ADD_FLAG_UP_REF);
}

static inline int hub_certificates_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }

static inline X509 *hub_certificates_at(const STACK_OF(X509) *stack, int index) {
    return sk_X509_value(stack, index);
}

static inline void hub_certificates_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

static inline STACK_OF(X509_CRL) *hub_crls_new(void) { return sk_X509_CRL_new_null(); }

static inline int hub_crls_push(STACK_OF(X509_CRL) *stack, X509_CRL *crl) {
    if (X509_CRL_up_ref(crl) != 1) return 0;
    if (sk_X509_CRL_push(stack, crl) > 0) return 1;
    X509_CRL_free(crl);
    return 0;
}

static inline void hub_crls_free(STACK_OF(X509_CRL) *stack) { sk_X509_CRL_pop_free(stack, X509_CRL_free); }

static inline int hub_objects_count(const STACK_OF(ASN1_OBJECT) *stack) { return sk_ASN1_OBJECT_num(stack); }

static inline const ASN1_OBJECT *hub_objects_at(const STACK_OF(ASN1_OBJECT) *stack, int index) {
    return sk_ASN1_OBJECT_value(stack, index);
}

static inline void hub_objects_free(STACK_OF(ASN1_OBJECT) *stack) {
    sk_ASN1_OBJECT_pop_free(stack, ASN1_OBJECT_free);
}

static inline const EVP_MD *hub_digest_by_object(const ASN1_OBJECT *object) { return EVP_get_digestbyobj(object); }

// Frees a stack that holds no references.
static inline void hub_certificates_forget(STACK_OF(X509) *stack) { sk_X509_free(stack); }

static inline PKCS7_SIGNED *hub_pkcs7_signed(PKCS7 *token) {
    return token != NULL && PKCS7_type_is_signed(token) ? token->d.sign : NULL;
}

// The bytes of the TSTInfo in a token, or NULL for anything else that is signed.
static inline const ASN1_OCTET_STRING *hub_token_content(PKCS7 *token) {
    PKCS7_SIGNED *body = hub_pkcs7_signed(token);
    if (body == NULL || body->contents == NULL) return NULL;
    if (OBJ_obj2nid(body->contents->type) != NID_id_smime_ct_TSTInfo) return NULL;
    ASN1_TYPE *content = body->contents->d.other;
    if (content == NULL || content->type != V_ASN1_OCTET_STRING) return NULL;
    return content->value.octet_string;
}

static inline const STACK_OF(X509) *hub_token_certificates(PKCS7 *token) {
    PKCS7_SIGNED *body = hub_pkcs7_signed(token);
    return body == NULL ? NULL : body->cert;
}

// The only signer, or NULL.
static inline PKCS7_SIGNER_INFO *hub_token_signer(PKCS7 *token) {
    PKCS7_SIGNED *body = hub_pkcs7_signed(token);
    if (body == NULL || sk_PKCS7_SIGNER_INFO_num(body->signer_info) != 1) return NULL;
    return sk_PKCS7_SIGNER_INFO_value(body->signer_info, 0);
}

// The only digest algorithm that the token announces, or NULL.
static inline X509_ALGOR *hub_token_digest(PKCS7 *token) {
    PKCS7_SIGNED *body = hub_pkcs7_signed(token);
    return body == NULL || sk_X509_ALGOR_num(body->md_algs) != 1 ? NULL : sk_X509_ALGOR_value(body->md_algs, 0);
}

// What the signer says that the content is.
static inline int hub_signer_content_type(PKCS7_SIGNER_INFO *signer) {
    ASN1_TYPE *type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);
    return type == NULL || type->type != V_ASN1_OBJECT ? NID_undef : OBJ_obj2nid(type->value.object);
}

static inline int hub_timestamp_signature_flags(void) { return TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_SIGNER; }

// Keys in tokens: the provider or the engine pkcs11.

#include <string.h>

#include <openssl/engine.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

static inline void hub_engines_load(void) { ENGINE_load_dynamic(); }

static inline int hub_ui_stays_closed(UI *ui) { return ui == NULL; }

// Without it the engine would ask for a PIN at the terminal when a token does not take the one it has.
static inline UI_METHOD *hub_ui_that_asks_nobody(void) {
    static UI_METHOD *method;
    if (method == NULL) {
        method = UI_create_method("nobody");
        if (method != NULL) UI_method_set_opener(method, hub_ui_stays_closed);
    }
    return method;
}

static inline int hub_give_pin(char *buffer, int size, int is_writing, void *pin) {
    size_t count = strlen((const char *)pin);
    if (is_writing || size < 0 || count > (size_t)size) return -1;
    memcpy(buffer, pin, count);
    return (int)count;
}

// The PIN is what is handed over as the data of the user interface.
static inline UI_METHOD *hub_ui_that_gives_the_pin(void) { return UI_UTIL_wrap_read_pem_callback(hub_give_pin, 0); }

#endif
