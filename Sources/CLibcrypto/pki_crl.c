#include "pki_issue.h"

#include "include/clibcrypto_pki_revocation.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

static inline X509_CRL *pki_crl(const sluice_pki_crl *list) { return (X509_CRL *)list; }

sluice_pki_crl *sluice_pki_crl_from_der(const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    if (count > LONG_MAX) return NULL;
    const unsigned char *cursor = bytes;
    X509_CRL *crl = d2i_X509_CRL(NULL, &cursor, (long)count);
    if (crl != NULL && cursor != bytes + count) {
        pki_explain("bytes after the list");
        X509_CRL_free(crl);
        return NULL;
    }
    return (sluice_pki_crl *)crl;
}

void sluice_pki_crl_free(sluice_pki_crl *list) {
    X509_CRL_free(pki_crl(list));
}

bool sluice_pki_crl_issuer(const sluice_pki_crl *list, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_print_name(X509_CRL_get_issuer(pki_crl(list)), text);
}

bool sluice_pki_crl_number(const sluice_pki_crl *list, sluice_pki_buffer *text) {
    ERR_clear_error();
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(pki_crl(list), NID_crl_number, NULL, NULL);
    bool done = number != NULL && pki_print_hex(number, text);
    ASN1_INTEGER_free(number);
    return done;
}

bool sluice_pki_crl_times(const sluice_pki_crl *list, int64_t *this_update, int64_t *next_update) {
    ERR_clear_error();
    *next_update = INT64_MIN;
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(pki_crl(list));
    return pki_seconds_of(X509_CRL_get0_lastUpdate(pki_crl(list)), this_update) && (next == NULL || pki_seconds_of(next, next_update));
}

size_t sluice_pki_crl_count(const sluice_pki_crl *list) {
    int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(pki_crl(list)));
    return count > 0 ? (size_t)count : 0;
}

bool sluice_pki_crl_is_whole(const sluice_pki_crl *list) {
    ERR_clear_error();
    X509_CRL *crl = pki_crl(list);
    for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
        X509_EXTENSION *extension = X509_CRL_get_ext(crl, i);
        int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        if (nid == NID_delta_crl) return false;
        if (nid != NID_issuing_distribution_point && X509_EXTENSION_get_critical(extension)) return false;
    }
    int found = 0;
    ISSUING_DIST_POINT *point = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &found, NULL);
    if (point == NULL) return found == -1;
    // Under a name of its own it is one of several lists, each of some of the certificates (RFC 5280, 5.2.5).
    bool whole = point->distpoint == NULL && point->onlyCA <= 0 && point->onlyattr <= 0 && point->indirectCRL <= 0 && point->onlysomereasons == NULL;
    ISSUING_DIST_POINT_free(point);
    return whole;
}

bool sluice_pki_crl_covers(const sluice_pki_crl *list, const sluice_pki_certificate *certificate) {
    ERR_clear_error();
    ISSUING_DIST_POINT *point = X509_CRL_get_ext_d2i(pki_crl(list), NID_issuing_distribution_point, NULL, NULL);
    bool covers = point == NULL || point->onlyuser <= 0 || X509_check_ca(pki_x509(certificate)) == 0;
    ISSUING_DIST_POINT_free(point);
    return covers;
}

bool sluice_pki_crl_is_signed_by(const sluice_pki_crl *list, const sluice_pki_certificate *issuer) {
    ERR_clear_error();
    X509 *certificate = pki_x509(issuer);
    if (X509_NAME_cmp(X509_CRL_get_issuer(pki_crl(list)), X509_get_subject_name(certificate)) != 0) return false;
    uint32_t usage = X509_get_key_usage(certificate);
    if (usage != UINT32_MAX && (usage & KU_CRL_SIGN) == 0) return false;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    return key != NULL && pki_is_strong_signature(X509_CRL_get_signature_nid(pki_crl(list))) && X509_CRL_verify(pki_crl(list), key) == 1;
}

static bool read_entry(const X509_REVOKED *entry, sluice_pki_revocation *revocation) {
    int found = 0;
    revocation->reason = -1;
    if (!pki_seconds_of(X509_REVOKED_get0_revocationDate(entry), &revocation->revoked_at)) return false;
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &found, NULL);
    if (reason != NULL) {
        int64_t code = 0;
        if (ASN1_ENUMERATED_get_int64(&code, reason) == 1 && code >= 0 && code <= 10) revocation->reason = (int32_t)code;
    }
    ASN1_ENUMERATED_free(reason);
    return true;
}

int sluice_pki_crl_find(const sluice_pki_crl *list, const sluice_pki_certificate *certificate, sluice_pki_revocation *found) {
    ERR_clear_error();
    X509_REVOKED *entry = NULL;
    if (X509_CRL_get0_by_serial(pki_crl(list), &entry, X509_get_serialNumber(pki_x509(certificate))) == 0) return 0;
    return entry != NULL && read_entry(entry, found) ? 1 : -1;
}

bool sluice_pki_crl_entry(const sluice_pki_crl *list, size_t index, sluice_pki_buffer *serial, sluice_pki_revocation *entry) {
    ERR_clear_error();
    if (index >= sluice_pki_crl_count(list)) return false;
    const X509_REVOKED *revoked = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(pki_crl(list)), (int)index);
    return read_entry(revoked, entry) && pki_print_hex(X509_REVOKED_get0_serialNumber(revoked), serial);
}
