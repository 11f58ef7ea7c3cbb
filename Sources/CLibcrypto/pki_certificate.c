#include "pki_internal.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

sluice_pki_certificate *sluice_pki_certificate_from_der(const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    if (count > LONG_MAX) return NULL;
    const unsigned char *cursor = bytes;
    X509 *certificate = d2i_X509(NULL, &cursor, (long)count);
    if (certificate != NULL && cursor != bytes + count) {
        pki_explain("bytes after the certificate");
        X509_free(certificate);
        return NULL;
    }
    return (sluice_pki_certificate *)certificate;
}

sluice_pki_certificate *sluice_pki_certificate_from_pem(const uint8_t *bytes, size_t count, size_t *consumed) {
    ERR_clear_error();
    *consumed = 0;
    BIO *bio = pki_bio(bytes, count);
    if (bio == NULL) return NULL;
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    size_t left = BIO_ctrl_pending(bio);
    BIO_free(bio);
    if (certificate == NULL && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
        ERR_clear_error();
        return NULL;
    }
    *consumed = count - left;
    return (sluice_pki_certificate *)certificate;
}

void sluice_pki_certificate_free(sluice_pki_certificate *certificate) {
    X509_free(pki_x509(certificate));
}

bool sluice_pki_certificate_to_der(const sluice_pki_certificate *certificate, sluice_pki_buffer *der) {
    ERR_clear_error();
    unsigned char *bytes = NULL;
    int count = i2d_X509(pki_x509(certificate), &bytes);
    bool done = count > 0 && pki_buffer_copy(bytes, (size_t)count, der);
    OPENSSL_free(bytes);
    return done;
}

bool sluice_pki_certificate_to_pem(const sluice_pki_certificate *certificate, sluice_pki_buffer *pem) {
    ERR_clear_error();
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = bio != NULL && PEM_write_bio_X509(bio, pki_x509(certificate)) == 1 && pki_buffer_from_bio(bio, pem);
    BIO_free(bio);
    return done;
}

int sluice_pki_certificate_subject_part(const sluice_pki_certificate *certificate, sluice_pki_name_part part, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_name_part(X509_get_subject_name(pki_x509(certificate)), part, text);
}

bool sluice_pki_certificate_subject(const sluice_pki_certificate *certificate, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_print_name(X509_get_subject_name(pki_x509(certificate)), text);
}

bool sluice_pki_certificate_issuer(const sluice_pki_certificate *certificate, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_print_name(X509_get_issuer_name(pki_x509(certificate)), text);
}

bool sluice_pki_certificate_serial(const sluice_pki_certificate *certificate, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_print_hex(X509_get0_serialNumber(pki_x509(certificate)), text);
}

bool sluice_pki_certificate_validity(const sluice_pki_certificate *certificate, int64_t *not_before, int64_t *not_after) {
    ERR_clear_error();
    return pki_seconds_of(X509_get0_notBefore(pki_x509(certificate)), not_before)
        && pki_seconds_of(X509_get0_notAfter(pki_x509(certificate)), not_after);
}

bool sluice_pki_certificate_is_authority(const sluice_pki_certificate *certificate) {
    return X509_check_ca(pki_x509(certificate)) == 1;
}

bool sluice_pki_certificate_commits_content(const sluice_pki_certificate *certificate) {
    // X509_get_key_usage answers "everything" where the extension is absent.
    uint32_t usage = X509_get_key_usage(pki_x509(certificate));
    return usage != UINT32_MAX && (usage & KU_NON_REPUDIATION) != 0;
}

bool sluice_pki_certificate_matches(const sluice_pki_certificate *certificate, const sluice_pki_key *key) {
    ERR_clear_error();
    return X509_check_private_key(pki_x509(certificate), pki_key(key)) == 1;
}

sluice_pki_key *sluice_pki_certificate_public_key(const sluice_pki_certificate *certificate) {
    ERR_clear_error();
    return (sluice_pki_key *)X509_get_pubkey(pki_x509(certificate));
}
