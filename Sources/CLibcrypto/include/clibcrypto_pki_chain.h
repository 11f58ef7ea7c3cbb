// A signer's chain with what a verifier must know to judge it later again, and signatures of the kinds that time-stamping authorities make.
#ifndef SLUICE_CLIBCRYPTO_PKI_CHAIN_H
#define SLUICE_CLIBCRYPTO_PKI_CHAIN_H

#include "clibcrypto_pki.h"

// The longest chain that is handed over, authority included.
enum { SLUICE_PKI_CHAIN_MAX = 10 };

typedef struct {
    // The certificate first, the trusted authority last; the caller frees each.
    sluice_pki_certificate *_Nullable certificates[SLUICE_PKI_CHAIN_MAX];
    size_t count;
    // Between these two times, both exclusive, no certificate that could play a part begins or ends: the answer stays the same.
    int64_t after;
    int64_t before;
} sluice_pki_chain;

// A chain up to a trusted authority at a time. Says nothing of revocation. Each of `others` must be part of the chain.
sluice_pki_verdict sluice_pki_trust_chain(
    const sluice_pki_trust *_Nonnull trust, const sluice_pki_certificate *_Nonnull certificate,
    const sluice_pki_certificate *_Nonnull const *_Nullable others, size_t others_count, sluice_pki_purpose purpose, int64_t time,
    sluice_pki_chain *_Nonnull chain);

typedef enum {
    SLUICE_PKI_ECDSA_SHA256,
    SLUICE_PKI_ECDSA_SHA384,
    SLUICE_PKI_ECDSA_SHA512,
    SLUICE_PKI_RSA_SHA256,
    SLUICE_PKI_RSA_SHA384,
    SLUICE_PKI_RSA_SHA512,
} sluice_pki_algorithm;

// The key decides what it may be used with: curves P-256, P-384 and P-521 with ECDSA, RSA from 2048 bits with PKCS#1 1.5.
bool sluice_pki_certificate_allows(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_algorithm algorithm);
bool sluice_pki_certificate_verify(
    const sluice_pki_certificate *_Nonnull certificate, sluice_pki_algorithm algorithm, const uint8_t *_Nullable message,
    size_t message_count, const uint8_t *_Nullable signature, size_t signature_count);

// SHA-384, SHA-512 or SHA-1 of bytes, by the number of bits; `digest` has room for 64. Answers with its length, 0 for other numbers.
size_t sluice_pki_digest(unsigned bits, const uint8_t *_Nullable bytes, size_t count, uint8_t *_Nonnull digest);

// Whether these bytes are the one form of an OCSP answer. libcrypto writes an answer anew before it checks the signature over it, so
// another spelling of the same would pass unnoticed.
bool sluice_pki_ocsp_is_der(const uint8_t *_Nonnull bytes, size_t count);

#endif
