#include "pki_internal.h"

#include "include/clibcrypto_pki_chain.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

static const EVP_MD *digest_of(sluice_pki_algorithm algorithm) {
    switch (algorithm) {
    case SLUICE_PKI_ECDSA_SHA256:
    case SLUICE_PKI_RSA_SHA256: return EVP_sha256();
    case SLUICE_PKI_ECDSA_SHA384:
    case SLUICE_PKI_RSA_SHA384: return EVP_sha384();
    case SLUICE_PKI_ECDSA_SHA512:
    case SLUICE_PKI_RSA_SHA512: return EVP_sha512();
    }
    return NULL;
}

static bool is_rsa(sluice_pki_algorithm algorithm) {
    return algorithm == SLUICE_PKI_RSA_SHA256 || algorithm == SLUICE_PKI_RSA_SHA384 || algorithm == SLUICE_PKI_RSA_SHA512;
}

static bool is_named_curve(const EVP_PKEY *key) {
    static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1", "P-256", "P-384", "P-521"};
    char group[32];
    size_t length = 0;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1) return false;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (strcmp(group, curves[i]) == 0) return true;
    }
    return false;
}

bool sluice_pki_certificate_allows(const sluice_pki_certificate *certificate, sluice_pki_algorithm algorithm) {
    ERR_clear_error();
    EVP_PKEY *key = X509_get0_pubkey(pki_x509(certificate));
    if (key == NULL) return false;
    int kind = EVP_PKEY_get_base_id(key);
    return is_rsa(algorithm) ? kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048 : kind == EVP_PKEY_EC && is_named_curve(key);
}

bool sluice_pki_certificate_verify(
    const sluice_pki_certificate *certificate, sluice_pki_algorithm algorithm, const uint8_t *message, size_t message_count,
    const uint8_t *signature, size_t signature_count
) {
    if (!sluice_pki_certificate_allows(certificate, algorithm)) return false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    // RSA without further words is PKCS#1 1.5 here.
    bool valid = context != NULL
        && EVP_DigestVerifyInit(context, NULL, digest_of(algorithm), NULL, X509_get0_pubkey(pki_x509(certificate))) == 1
        && EVP_DigestVerify(context, signature, signature_count, message, message_count) == 1;
    EVP_MD_CTX_free(context);
    return valid;
}

size_t sluice_pki_digest(unsigned bits, const uint8_t *bytes, size_t count, uint8_t *digest) {
    unsigned length = 0;
    const EVP_MD *kind = bits == 384 ? EVP_sha384() : bits == 512 ? EVP_sha512() : bits == 160 ? EVP_sha1() : NULL;
    if (kind == NULL || EVP_Digest(count > 0 ? (const void *)bytes : "", count, digest, &length, kind, NULL) != 1) return 0;
    return length;
}
