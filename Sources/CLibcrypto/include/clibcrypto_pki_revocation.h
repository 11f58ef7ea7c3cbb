// Revocation lists (RFC 5280, 5) and answers of responders (OCSP, RFC 6960). No network here: the caller carries the bytes.
#ifndef SLUICE_CLIBCRYPTO_PKI_REVOCATION_H
#define SLUICE_CLIBCRYPTO_PKI_REVOCATION_H

#include "clibcrypto_pki.h"

typedef struct sluice_pki_crl sluice_pki_crl;

sluice_pki_crl *_Nullable sluice_pki_crl_from_der(const uint8_t *_Nonnull bytes, size_t count);
void sluice_pki_crl_free(sluice_pki_crl *_Nullable list);
bool sluice_pki_crl_issuer(const sluice_pki_crl *_Nonnull list, sluice_pki_buffer *_Nonnull text);
// Upper-case hexadecimal; false where the list has none.
bool sluice_pki_crl_number(const sluice_pki_crl *_Nonnull list, sluice_pki_buffer *_Nonnull text);
// `next_update` stays INT64_MIN where the list does not say it.
bool sluice_pki_crl_times(const sluice_pki_crl *_Nonnull list, int64_t *_Nonnull this_update, int64_t *_Nonnull next_update);
size_t sluice_pki_crl_count(const sluice_pki_crl *_Nonnull list);
// Speaks of all end certificates of its issuer: no delta, not indirect, not by reasons, not for one distribution point, no critical
// extension that is not understood.
bool sluice_pki_crl_is_whole(const sluice_pki_crl *_Nonnull list);
// Speaks of this certificate, being whole: a list of end certificates only says nothing of an authority.
bool sluice_pki_crl_covers(const sluice_pki_crl *_Nonnull list, const sluice_pki_certificate *_Nonnull certificate);
// Names the certificate as its issuer, and is signed with its key and a digest of the SHA-2 family.
bool sluice_pki_crl_is_signed_by(const sluice_pki_crl *_Nonnull list, const sluice_pki_certificate *_Nonnull issuer);

typedef struct {
    int64_t revoked_at;
    // CRLReason (RFC 5280, 5.3.1), or -1 where it is not said.
    int32_t reason;
} sluice_pki_revocation;

// 1: revoked, 0: not in the list, negative: the entry cannot be read.
int sluice_pki_crl_find(
    const sluice_pki_crl *_Nonnull list, const sluice_pki_certificate *_Nonnull certificate, sluice_pki_revocation *_Nonnull found);
bool sluice_pki_crl_entry(
    const sluice_pki_crl *_Nonnull list, size_t index, sluice_pki_buffer *_Nonnull serial, sluice_pki_revocation *_Nonnull entry);

// A list of an authority for trials. `serials` are hexadecimal.
bool sluice_pki_crl_issue(
    const sluice_pki_certificate *_Nonnull issuer, const sluice_pki_key *_Nonnull issuer_key,
    const char *_Nonnull const *_Nullable serials, const sluice_pki_revocation *_Nullable revocations, size_t count, int64_t number,
    int64_t this_update, int64_t next_update, sluice_pki_buffer *_Nonnull pem);

// MARK: OCSP

// `sha1` uses SHA-1 in the CertID, an identifier and no signature, for responders that know nothing else (RFC 5019).
bool sluice_pki_ocsp_request(
    const sluice_pki_certificate *_Nonnull certificate, const sluice_pki_certificate *_Nonnull issuer, bool sha1,
    const uint8_t *_Nullable nonce, size_t nonce_count, sluice_pki_buffer *_Nonnull der);

typedef enum {
    SLUICE_PKI_OCSP_READ,
    SLUICE_PKI_OCSP_MALFORMED,
    // The responder answers that it does not answer; `status` says which of the ways.
    SLUICE_PKI_OCSP_REFUSED,
    SLUICE_PKI_OCSP_NONCE_DIFFERS,
    SLUICE_PKI_OCSP_OTHER_CERTIFICATE,
    SLUICE_PKI_OCSP_WEAK_ALGORITHM,
    SLUICE_PKI_OCSP_UNTRUSTED,
    SLUICE_PKI_OCSP_INTERNAL,
} sluice_pki_ocsp_verdict;

typedef enum { SLUICE_PKI_OCSP_GOOD, SLUICE_PKI_OCSP_REVOKED, SLUICE_PKI_OCSP_UNKNOWN } sluice_pki_ocsp_status;

typedef struct {
    sluice_pki_ocsp_status status;
    sluice_pki_revocation revocation;
    int64_t this_update;
    // INT64_MIN where the responder does not say it.
    int64_t next_update;
    int64_t produced_at;
    bool echoed_nonce;
    // The responder's own word when it refused (RFC 6960, 4.2.1).
    int32_t refusal;
} sluice_pki_ocsp_answer;

// Signed by the issuer itself, or by a certificate that the issuer made for OCSP signing and that is valid at `time`.
sluice_pki_ocsp_verdict sluice_pki_ocsp_read(
    const uint8_t *_Nonnull bytes, size_t count, const sluice_pki_certificate *_Nonnull certificate,
    const sluice_pki_certificate *_Nonnull issuer, const uint8_t *_Nullable nonce, size_t nonce_count, int64_t time,
    sluice_pki_ocsp_answer *_Nonnull answer);

#endif
