#include "pki_internal.h"

#include "include/clibcrypto_pki_chain.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

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

static void narrow(sluice_pki_chain *chain, const ASN1_TIME *time, int64_t now) {
    int64_t seconds;
    if (!pki_seconds_of(time, &seconds)) return;
    // libcrypto counts the second itself on one side or the other: so it belongs to neither.
    if (seconds <= now && seconds > chain->after) chain->after = seconds;
    if (seconds >= now && seconds < chain->before) chain->before = seconds;
}

static void find_window(const sluice_pki_trust *trust, X509 *certificate, STACK_OF(X509) *others, int64_t now, sluice_pki_chain *chain) {
    chain->after = INT64_MIN;
    chain->before = INT64_MAX;
    narrow(chain, X509_get0_notBefore(certificate), now);
    narrow(chain, X509_get0_notAfter(certificate), now);
    STACK_OF(X509) *stacks[] = {others, trust->authorities};
    for (size_t s = 0; s < 2; s++) {
        for (int i = 0; i < sk_X509_num(stacks[s]); i++) {
            narrow(chain, X509_get0_notBefore(sk_X509_value(stacks[s], i)), now);
            narrow(chain, X509_get0_notAfter(sk_X509_value(stacks[s], i)), now);
        }
    }
}

// RFC 3161, 2.3: the certificate is for time stamps and nothing else, and says so critically.
static bool is_time_stamper(X509 *certificate) {
    int place = X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1);
    return place >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, place)) && X509_get_extended_key_usage(certificate) == XKU_TIMESTAMP;
}

sluice_pki_verdict sluice_pki_trust_chain(
    const sluice_pki_trust *trust, const sluice_pki_certificate *certificate, const sluice_pki_certificate *const *others, size_t others_count,
    sluice_pki_purpose purpose, int64_t time, sluice_pki_chain *chain
) {
    ERR_clear_error();
    memset(chain, 0, sizeof *chain);
    X509_STORE *store = pki_store_without_lists(trust, time);
    STACK_OF(X509) *untrusted = sk_X509_new_null(), *found = NULL;
    bool ready = store != NULL && untrusted != NULL;
    for (size_t i = 0; ready && i < others_count; i++) ready = X509_add_cert(untrusted, pki_x509(others[i]), X509_ADD_FLAG_UP_REF) == 1;
    sluice_pki_verdict verdict = ready ? pki_check_chain(store, pki_x509(certificate), untrusted, purpose, &found) : SLUICE_PKI_INTERNAL;
    if (verdict == SLUICE_PKI_VALID && purpose == SLUICE_PKI_PURPOSE_TIME_STAMPING && !is_time_stamper(pki_x509(certificate))) {
        verdict = SLUICE_PKI_WRONG_PURPOSE;
    }
    if (verdict == SLUICE_PKI_VALID && sk_X509_num(found) > SLUICE_PKI_CHAIN_MAX) verdict = SLUICE_PKI_UNTRUSTED;
    if (verdict == SLUICE_PKI_VALID && !all_in_chain(untrusted, found)) verdict = SLUICE_PKI_STRANGE_CERTIFICATE;
    if (verdict == SLUICE_PKI_VALID) {
        find_window(trust, pki_x509(certificate), untrusted, time, chain);
        while (sk_X509_num(found) > 0) chain->certificates[chain->count++] = (sluice_pki_certificate *)sk_X509_shift(found);
    }
    sk_X509_pop_free(found, X509_free);
    sk_X509_pop_free(untrusted, X509_free);
    X509_STORE_free(store);
    return verdict;
}
