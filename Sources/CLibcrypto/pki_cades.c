#include "pki_internal.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>

static bool set_signing_time(CMS_SignerInfo *signer, int64_t signing_time) {
    // UTCTime until 2049, GeneralizedTime after (RFC 5652, 11.3): ASN1_TIME_set chooses.
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)signing_time);
    bool done = time != NULL && CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1) == 1;
    ASN1_TIME_free(time);
    return done;
}

bool sluice_pki_cades_sign(
    const sluice_pki_certificate *certificate, const sluice_pki_key *key, const sluice_pki_certificate *const *intermediates,
    size_t intermediates_count, const uint8_t *content, size_t content_count, int64_t signing_time, sluice_pki_buffer *signature
) {
    ERR_clear_error();
    const unsigned flags = CMS_BINARY | CMS_DETACHED | CMS_PARTIAL;
    BIO *bio = pki_bio(content, content_count);
    CMS_ContentInfo *cms = bio != NULL ? CMS_sign(NULL, NULL, NULL, NULL, flags) : NULL;
    CMS_SignerInfo *signer = cms != NULL
        ? CMS_add1_signer(cms, pki_x509(certificate), pki_key(key), EVP_sha256(), flags | CMS_CADES | CMS_NOSMIMECAP) : NULL;
    bool done = signer != NULL && set_signing_time(signer, signing_time);
    for (size_t i = 0; done && i < intermediates_count; i++) done = CMS_add1_cert(cms, pki_x509(intermediates[i])) == 1;
    done = done && CMS_final(cms, bio, NULL, flags) == 1;
    unsigned char *bytes = NULL;
    int count = done ? i2d_CMS_ContentInfo(cms, &bytes) : 0;
    done = count > 0 && pki_buffer_copy(bytes, (size_t)count, signature);
    OPENSSL_free(bytes);
    CMS_ContentInfo_free(cms);
    BIO_free(bio);
    return done;
}

// A certificate that is not part of the chain is covered by nothing: it could be exchanged unnoticed.
static bool all_in_chain(STACK_OF(X509) *certificates, STACK_OF(X509) *chain) {
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        bool found = false;
        for (int j = 0; !found && j < sk_X509_num(chain); j++) found = X509_cmp(sk_X509_value(certificates, i), sk_X509_value(chain, j)) == 0;
        if (!found) {
            char name[256] = "";
            X509_NAME_oneline(X509_get_subject_name(sk_X509_value(certificates, i)), name, sizeof name);
            pki_explain(name);
            return false;
        }
    }
    return true;
}

static sluice_pki_verdict verify(CMS_ContentInfo *cms, X509_STORE *store, BIO *content, X509 **signer) {
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
    if (infos == NULL || sk_CMS_SignerInfo_num(infos) != 1) return SLUICE_PKI_MALFORMED;
    STACK_OF(X509) *certificates = CMS_get1_certs(cms), *chain = NULL;
    CMS_SignerInfo *info = sk_CMS_SignerInfo_value(infos, 0);
    for (int i = 0; *signer == NULL && i < sk_X509_num(certificates); i++) {
        X509 *candidate = sk_X509_value(certificates, i);
        if (CMS_SignerInfo_cert_cmp(info, candidate) == 0) *signer = candidate;
    }
    sluice_pki_verdict verdict = SLUICE_PKI_NO_SIGNER;
    if (*signer != NULL) {
        X509_up_ref(*signer);
        verdict = pki_check_chain(store, *signer, certificates, SLUICE_PKI_PURPOSE_SEALING, &chain);
    }
    if (verdict == SLUICE_PKI_VALID && !all_in_chain(certificates, chain)) verdict = SLUICE_PKI_STRANGE_CERTIFICATE;
    // CMS_CADES makes libcrypto compare the ESS signing-certificate attribute with the chain (RFC 5035).
    if (verdict == SLUICE_PKI_VALID && CMS_verify(cms, NULL, store, content, NULL, CMS_BINARY | CMS_DETACHED | CMS_CADES) != 1) {
        verdict = SLUICE_PKI_SIGNATURE_INVALID;
    }
    sk_X509_pop_free(chain, X509_free);
    sk_X509_pop_free(certificates, X509_free);
    return verdict;
}

sluice_pki_verdict sluice_pki_cades_verify(
    const sluice_pki_trust *trust, const uint8_t *signature, size_t signature_count, const uint8_t *content, size_t content_count,
    int64_t time, sluice_pki_certificate **signer
) {
    ERR_clear_error();
    *signer = NULL;
    if (signature_count > LONG_MAX) return SLUICE_PKI_MALFORMED;
    const unsigned char *cursor = signature;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &cursor, (long)signature_count);
    if (cms == NULL || cursor != signature + signature_count) {
        CMS_ContentInfo_free(cms);
        return SLUICE_PKI_MALFORMED;
    }
    X509_STORE *store = pki_store(trust, time);
    BIO *bio = pki_bio(content, content_count);
    X509 *found = NULL;
    sluice_pki_verdict verdict = store != NULL && bio != NULL ? verify(cms, store, bio, &found) : SLUICE_PKI_INTERNAL;
    if (verdict == SLUICE_PKI_VALID) *signer = (sluice_pki_certificate *)found;
    else X509_free(found);
    BIO_free(bio);
    X509_STORE_free(store);
    CMS_ContentInfo_free(cms);
    return verdict;
}
