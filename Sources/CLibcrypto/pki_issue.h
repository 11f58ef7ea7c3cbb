// What issuing and requesting certificates share. Not part of the module.
#ifndef SLUICE_PKI_ISSUE_H
#define SLUICE_PKI_ISSUE_H

#include "pki_internal.h"

#include <openssl/x509v3.h>

// Names are added one by one, not through libcrypto's "DNS:a,IP:b" language, so that no host name can smuggle in another.
GENERAL_NAMES *pki_general_names(
    const char *const *dns_names, size_t dns_names_count, const char *const *ip_addresses, size_t ip_addresses_count);
bool pki_add_name_part(X509_NAME *name, int nid, const char *text);
const char *pki_key_usage(sluice_pki_profile profile);
const char *pki_extended_key_usage(sluice_pki_profile profile);
// Version, serial number, times, key, extensions of the profile and the signature; the subject is there already.
bool pki_finish_certificate(
    X509 *certificate, sluice_pki_profile profile, EVP_PKEY *subject_key, int64_t not_before, int64_t not_after, GENERAL_NAMES *names,
    X509 *issuer, EVP_PKEY *issuer_key);
// The signature's digest is one of SHA-256, SHA-384, SHA-512; an Ed25519 or Ed448 signature has none of its own and passes.
bool pki_is_strong_signature(int signature_nid);

#endif
