// What the .c files of the PKI shim share. Not part of the module.
#ifndef SLUICE_PKI_INTERNAL_H
#define SLUICE_PKI_INTERNAL_H

#include "include/clibcrypto_pki.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

// The opaque types are libcrypto's own objects under our names.
static inline EVP_PKEY *pki_key(const sluice_pki_key *key) { return (EVP_PKEY *)key; }
static inline X509 *pki_x509(const sluice_pki_certificate *certificate) { return (X509 *)certificate; }

struct sluice_pki_trust {
    STACK_OF(X509) *authorities;
    STACK_OF(X509_CRL) *crls;
};

// Copies what a memory BIO collected.
bool pki_buffer_from_bio(BIO *bio, sluice_pki_buffer *buffer);
bool pki_buffer_copy(const void *bytes, size_t count, sluice_pki_buffer *buffer);
// How often a name has such a part, and the first of them; -1 when it cannot be written as UTF-8.
int pki_name_part(X509_NAME *name, sluice_pki_name_part part, sluice_pki_buffer *text);
// RFC 2253, but with UTF-8 left readable; control characters stay escaped.
bool pki_print_name(const X509_NAME *name, sluice_pki_buffer *text);
// Upper-case hexadecimal.
bool pki_print_hex(const ASN1_INTEGER *integer, sluice_pki_buffer *text);
bool pki_seconds_of(const ASN1_TIME *time, int64_t *seconds);
// A read-only BIO over the bytes; NULL when they are too many for libcrypto's int.
BIO *pki_bio(const uint8_t *bytes, size_t count);
// Leaves our own words in libcrypto's queue, so that one place reports all.
void pki_explain(const char *words);

// A fresh store for one check: its time is set per check, and a store must not change while another thread uses it.
X509_STORE *pki_store(const sluice_pki_trust *trust, int64_t time);
X509_STORE *pki_store_without_lists(const sluice_pki_trust *trust, int64_t time);
sluice_pki_verdict pki_check_chain(
    X509_STORE *store, X509 *certificate, STACK_OF(X509) *untrusted, sluice_pki_purpose purpose, STACK_OF(X509) **chain);

#endif
