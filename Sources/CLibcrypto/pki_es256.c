#include "pki_internal.h"

#include <openssl/err.h>

// The presented chain must be the beginning of the one that was verified, in its order: a certificate that is not part of it is refused
// rather than ignored.
static bool begins_chain(STACK_OF(X509) *chain, const sluice_pki_certificate *certificate, const sluice_pki_certificate *const *following, size_t count) {
    if (count >= (size_t)sk_X509_num(chain) || X509_cmp(sk_X509_value(chain, 0), pki_x509(certificate)) != 0) return false;
    for (size_t i = 0; i < count; i++) {
        if (X509_cmp(sk_X509_value(chain, (int)i + 1), pki_x509(following[i])) == 0) continue;
        char name[256] = "";
        X509_NAME_oneline(X509_get_subject_name(pki_x509(following[i])), name, sizeof name);
        pki_explain(name);
        return false;
    }
    return true;
}

sluice_pki_verdict sluice_pki_trust_check_presented_chain(
    const sluice_pki_trust *trust, const sluice_pki_certificate *certificate, const sluice_pki_certificate *const *following, size_t following_count,
    int64_t time
) {
    ERR_clear_error();
    X509_STORE *store = pki_store(trust, time);
    STACK_OF(X509) *untrusted = sk_X509_new_null(), *chain = NULL;
    bool ready = store != NULL && untrusted != NULL;
    for (size_t i = 0; ready && i < following_count; i++) ready = X509_add_cert(untrusted, pki_x509(following[i]), X509_ADD_FLAG_UP_REF) == 1;
    sluice_pki_verdict verdict = ready ? pki_check_chain(store, pki_x509(certificate), untrusted, SLUICE_PKI_PURPOSE_SEALING, &chain) : SLUICE_PKI_INTERNAL;
    if (verdict == SLUICE_PKI_VALID && !begins_chain(chain, certificate, following, following_count)) verdict = SLUICE_PKI_STRANGE_CERTIFICATE;
    sk_X509_pop_free(chain, X509_free);
    sk_X509_pop_free(untrusted, X509_free);
    X509_STORE_free(store);
    return verdict;
}
