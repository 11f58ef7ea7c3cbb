#include "pki_internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

sluice_pki_trust *sluice_pki_trust_new(void) {
    sluice_pki_trust *trust = calloc(1, sizeof *trust);
    if (trust == NULL) return NULL;
    trust->authorities = sk_X509_new_null();
    trust->crls = sk_X509_CRL_new_null();
    if (trust->authorities == NULL || trust->crls == NULL) {
        sluice_pki_trust_free(trust);
        return NULL;
    }
    return trust;
}

void sluice_pki_trust_free(sluice_pki_trust *trust) {
    if (trust == NULL) return;
    sk_X509_pop_free(trust->authorities, X509_free);
    sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
    free(trust);
}

bool sluice_pki_trust_add_authority(sluice_pki_trust *trust, const sluice_pki_certificate *authority) {
    ERR_clear_error();
    return X509_add_cert(trust->authorities, pki_x509(authority), X509_ADD_FLAG_UP_REF) == 1;
}

int sluice_pki_trust_add_crls(sluice_pki_trust *trust, const uint8_t *pem, size_t count) {
    ERR_clear_error();
    BIO *bio = pki_bio(pem, count);
    if (bio == NULL) return -1;
    int added = 0;
    X509_CRL *crl;
    while (added >= 0 && (crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        added = sk_X509_CRL_push(trust->crls, crl) > 0 ? added + 1 : -1;
    }
    if (added >= 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) ERR_clear_error();
    else added = -1;
    BIO_free(bio);
    return added;
}

X509_STORE *pki_store(const sluice_pki_trust *trust, int64_t time) {
    X509_STORE *store = pki_store_without_lists(trust, time);
    bool done = store != NULL;
    if (done && sk_X509_CRL_num(trust->crls) > 0) {
        done = X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1;
    }
    for (int i = 0; done && i < sk_X509_CRL_num(trust->crls); i++) done = X509_STORE_add_crl(store, sk_X509_CRL_value(trust->crls, i)) == 1;
    if (!done) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

X509_STORE *pki_store_without_lists(const sluice_pki_trust *trust, int64_t time) {
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *parameters = X509_VERIFY_PARAM_new();
    bool done = store != NULL && parameters != NULL;
    if (done) {
        X509_VERIFY_PARAM_set_time(parameters, (time_t)time);
        // 112 bits: no SHA-1 and no RSA below 2048 anywhere in the chain.
        X509_VERIFY_PARAM_set_auth_level(parameters, 2);
        done = X509_STORE_set1_param(store, parameters) == 1;
    }
    for (int i = 0; done && i < sk_X509_num(trust->authorities); i++) done = X509_STORE_add_cert(store, sk_X509_value(trust->authorities, i)) == 1;
    X509_VERIFY_PARAM_free(parameters);
    if (!done) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

static sluice_pki_verdict verdict_of(int error) {
    switch (error) {
    case X509_V_OK: return SLUICE_PKI_VALID;
    case X509_V_ERR_CERT_HAS_EXPIRED: return SLUICE_PKI_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID: return SLUICE_PKI_NOT_YET_VALID;
    case X509_V_ERR_CERT_REVOKED: return SLUICE_PKI_REVOKED;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION: return SLUICE_PKI_REVOCATION_UNKNOWN;
    case X509_V_ERR_INVALID_PURPOSE: return SLUICE_PKI_WRONG_PURPOSE;
    case X509_V_ERR_OUT_OF_MEM: return SLUICE_PKI_INTERNAL;
    default: return SLUICE_PKI_UNTRUSTED;
    }
}

sluice_pki_verdict pki_check_chain(
    X509_STORE *store, X509 *certificate, STACK_OF(X509) *untrusted, sluice_pki_purpose purpose, STACK_OF(X509) **chain
) {
    static const int purposes[] = {X509_PURPOSE_SMIME_SIGN, X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT, X509_PURPOSE_TIMESTAMP_SIGN};
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context == NULL || X509_STORE_CTX_init(context, store, certificate, untrusted) != 1 || X509_STORE_CTX_set_purpose(context, purposes[purpose]) != 1) {
        X509_STORE_CTX_free(context);
        return SLUICE_PKI_INTERNAL;
    }
    sluice_pki_verdict verdict = SLUICE_PKI_VALID;
    if (X509_verify_cert(context) != 1) {
        int error = X509_STORE_CTX_get_error(context);
        X509 *concerned = X509_STORE_CTX_get_current_cert(context);
        char name[256] = "";
        if (concerned != NULL) X509_NAME_oneline(X509_get_subject_name(concerned), name, sizeof name);
        ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "%s%s%s", X509_verify_cert_error_string(error), name[0] ? ": " : "", name);
        verdict = verdict_of(error);
        if (verdict == SLUICE_PKI_VALID) verdict = SLUICE_PKI_UNTRUSTED;
    } else if (chain != NULL) {
        *chain = X509_STORE_CTX_get1_chain(context);
        if (*chain == NULL) verdict = SLUICE_PKI_INTERNAL;
    }
    X509_STORE_CTX_free(context);
    return verdict;
}

sluice_pki_verdict sluice_pki_trust_check(
    const sluice_pki_trust *trust, const sluice_pki_certificate *certificate, const sluice_pki_certificate *const *intermediates,
    size_t intermediates_count, sluice_pki_purpose purpose, int64_t time
) {
    ERR_clear_error();
    X509_STORE *store = pki_store(trust, time);
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    bool ready = store != NULL && untrusted != NULL;
    for (size_t i = 0; ready && i < intermediates_count; i++) ready = X509_add_cert(untrusted, pki_x509(intermediates[i]), X509_ADD_FLAG_UP_REF) == 1;
    sluice_pki_verdict verdict = ready ? pki_check_chain(store, pki_x509(certificate), untrusted, purpose, NULL) : SLUICE_PKI_INTERNAL;
    sk_X509_pop_free(untrusted, X509_free);
    X509_STORE_free(store);
    return verdict;
}
