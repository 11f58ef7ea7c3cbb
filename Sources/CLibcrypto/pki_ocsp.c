#include "pki_issue.h"

#include "include/clibcrypto_pki_revocation.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509_vfy.h>
#include <string.h>

// Longest nonce (RFC 9654, 2.1).
enum { nonce_bytes_max = 128, singles_max = 64 };

static bool add_nonce(OCSP_REQUEST *request, const uint8_t *nonce, size_t nonce_count) {
    if (nonce_count == 0) return true;
    // libcrypto takes it as not const, but only copies it.
    return nonce_count <= nonce_bytes_max && OCSP_request_add1_nonce(request, (unsigned char *)nonce, (int)nonce_count) == 1;
}

bool sluice_pki_ocsp_request(
    const sluice_pki_certificate *certificate, const sluice_pki_certificate *issuer, bool sha1, const uint8_t *nonce, size_t nonce_count,
    sluice_pki_buffer *der
) {
    ERR_clear_error();
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_CERTID *id = OCSP_cert_to_id(sha1 ? EVP_sha1() : EVP_sha256(), pki_x509(certificate), pki_x509(issuer));
    unsigned char *bytes = NULL;
    int count = 0;
    bool done = request != NULL && id != NULL;
    if (done && OCSP_request_add0_id(request, id) != NULL) id = NULL;
    done = done && id == NULL && add_nonce(request, nonce, nonce_count) && (count = i2d_OCSP_REQUEST(request, &bytes)) > 0
        && pki_buffer_copy(bytes, (size_t)count, der);
    OPENSSL_free(bytes);
    OCSP_CERTID_free(id);
    OCSP_REQUEST_free(request);
    return done;
}

// 1: the same, 0: the answer has none, -1: another one.
static int compare_nonce(OCSP_BASICRESP *basic, const uint8_t *nonce, size_t nonce_count) {
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    int result = -1;
    if (request != NULL && add_nonce(request, nonce, nonce_count)) {
        switch (OCSP_check_nonce(request, basic)) {
        case 1: result = nonce_count > 0 ? 1 : 0; break;
        case 2:
        case -1: result = 0; break;
        case 3: result = 0; break;
        default: result = -1;
        }
    }
    OCSP_REQUEST_free(request);
    return result;
}

// The one answer about this certificate; two would let the reader choose.
static OCSP_SINGLERESP *find_single(OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer) {
    OCSP_SINGLERESP *found = NULL;
    int count = OCSP_resp_count(basic);
    if (count > singles_max) return NULL;
    for (int i = 0; i < count; i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
        ASN1_OBJECT *algorithm = NULL;
        if (OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, (OCSP_CERTID *)id) != 1) continue;
        int nid = OBJ_obj2nid(algorithm);
        if (nid != NID_sha1 && nid != NID_sha256) continue;
        OCSP_CERTID *ours = OCSP_cert_to_id(nid == NID_sha1 ? EVP_sha1() : EVP_sha256(), certificate, issuer);
        bool same = ours != NULL && OCSP_id_cmp(ours, id) == 0;
        OCSP_CERTID_free(ours);
        if (!same) continue;
        if (found != NULL) return NULL;
        found = single;
    }
    return found;
}

// Only the issuer is trusted, so only itself or a certificate it made can have signed; libcrypto then asks for id-kp-OCSPSigning.
static bool is_signed(OCSP_BASICRESP *basic, X509 *issuer, int64_t time) {
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *parameters = X509_VERIFY_PARAM_new();
    STACK_OF(X509) *issuers = sk_X509_new_null();
    bool done = store != NULL && parameters != NULL && issuers != NULL && X509_add_cert(issuers, issuer, X509_ADD_FLAG_UP_REF) == 1
        && X509_STORE_add_cert(store, issuer) == 1;
    if (done) {
        X509_VERIFY_PARAM_set_time(parameters, (time_t)time);
        X509_VERIFY_PARAM_set_auth_level(parameters, 2);
        X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
        done = X509_STORE_set1_param(store, parameters) == 1 && OCSP_basic_verify(basic, issuers, store, OCSP_NOEXPLICIT) == 1;
    }
    sk_X509_pop_free(issuers, X509_free);
    X509_VERIFY_PARAM_free(parameters);
    X509_STORE_free(store);
    return done;
}

static bool read_single(OCSP_SINGLERESP *single, sluice_pki_ocsp_answer *answer) {
    int reason = -1;
    ASN1_GENERALIZEDTIME *revoked = NULL, *this_update = NULL, *next_update = NULL;
    int status = OCSP_single_get0_status(single, &reason, &revoked, &this_update, &next_update);
    answer->revocation.reason = -1;
    answer->next_update = INT64_MIN;
    switch (status) {
    case V_OCSP_CERTSTATUS_GOOD: answer->status = SLUICE_PKI_OCSP_GOOD; break;
    case V_OCSP_CERTSTATUS_REVOKED:
        answer->status = SLUICE_PKI_OCSP_REVOKED;
        answer->revocation.reason = reason >= 0 && reason <= 10 ? reason : -1;
        if (!pki_seconds_of(revoked, &answer->revocation.revoked_at)) return false;
        break;
    case V_OCSP_CERTSTATUS_UNKNOWN: answer->status = SLUICE_PKI_OCSP_UNKNOWN; break;
    default: return false;
    }
    // A critical extension that is not understood may change what the answer means.
    for (int i = 0; i < OCSP_SINGLERESP_get_ext_count(single); i++) {
        if (X509_EXTENSION_get_critical(OCSP_SINGLERESP_get_ext(single, i))) return false;
    }
    return pki_seconds_of(this_update, &answer->this_update) && (next_update == NULL || pki_seconds_of(next_update, &answer->next_update));
}

static sluice_pki_ocsp_verdict read_basic(
    OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer, const uint8_t *nonce, size_t nonce_count, int64_t time, sluice_pki_ocsp_answer *answer
) {
    const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);
    const ASN1_OBJECT *object = NULL;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    if (!pki_is_strong_signature(OBJ_obj2nid(object))) return SLUICE_PKI_OCSP_WEAK_ALGORITHM;
    if (!is_signed(basic, issuer, time)) return SLUICE_PKI_OCSP_UNTRUSTED;
    int same = compare_nonce(basic, nonce, nonce_count);
    if (same < 0) return SLUICE_PKI_OCSP_NONCE_DIFFERS;
    answer->echoed_nonce = same == 1;
    OCSP_SINGLERESP *single = find_single(basic, certificate, issuer);
    if (single == NULL) return SLUICE_PKI_OCSP_OTHER_CERTIFICATE;
    if (!pki_seconds_of(OCSP_resp_get0_produced_at(basic), &answer->produced_at) || !read_single(single, answer)) return SLUICE_PKI_OCSP_MALFORMED;
    return SLUICE_PKI_OCSP_READ;
}

sluice_pki_ocsp_verdict sluice_pki_ocsp_read(
    const uint8_t *bytes, size_t count, const sluice_pki_certificate *certificate, const sluice_pki_certificate *issuer, const uint8_t *nonce,
    size_t nonce_count, int64_t time, sluice_pki_ocsp_answer *answer
) {
    ERR_clear_error();
    memset(answer, 0, sizeof *answer);
    if (count > LONG_MAX) return SLUICE_PKI_OCSP_MALFORMED;
    const unsigned char *cursor = bytes;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &cursor, (long)count);
    if (response == NULL) return SLUICE_PKI_OCSP_MALFORMED;
    sluice_pki_ocsp_verdict verdict = SLUICE_PKI_OCSP_MALFORMED;
    answer->refusal = OCSP_response_status(response);
    if (cursor != bytes + count) {
        pki_explain("bytes after the answer");
    } else if (answer->refusal != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        verdict = SLUICE_PKI_OCSP_REFUSED;
    } else {
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
        if (basic != NULL) verdict = read_basic(basic, pki_x509(certificate), pki_x509(issuer), nonce, nonce_count, time, answer);
        OCSP_BASICRESP_free(basic);
    }
    OCSP_RESPONSE_free(response);
    return verdict;
}
