// Certificate requests (PKCS#10, RFC 2986), and what a certificate is for. Errors as in clibcrypto_pki.h.
#ifndef SLUICE_CLIBCRYPTO_PKI_REQUEST_H
#define SLUICE_CLIBCRYPTO_PKI_REQUEST_H

#include "clibcrypto_pki.h"

typedef struct sluice_pki_csr sluice_pki_csr;

typedef struct {
    sluice_pki_profile profile;
    const char *_Nonnull common_name;
    const char *_Nonnull organisation;
    const char *_Nonnull organisation_identifier;
    const char *_Nonnull const *_Nullable dns_names;
    size_t dns_names_count;
    const char *_Nonnull const *_Nullable ip_addresses;
    size_t ip_addresses_count;
} sluice_pki_csr_subject;

bool sluice_pki_csr_make(const sluice_pki_csr_subject *_Nonnull subject, const sluice_pki_key *_Nonnull key, sluice_pki_buffer *_Nonnull pem);
sluice_pki_csr *_Nullable sluice_pki_csr_from_der(const uint8_t *_Nonnull bytes, size_t count);
void sluice_pki_csr_free(sluice_pki_csr *_Nullable request);
// The request is signed with the key it asks a certificate for.
bool sluice_pki_csr_signature_holds(const sluice_pki_csr *_Nonnull request);
sluice_pki_key *_Nullable sluice_pki_csr_public_key(const sluice_pki_csr *_Nonnull request);
// As sluice_pki_certificate_subject_part.
int sluice_pki_csr_subject_part(const sluice_pki_csr *_Nonnull request, sluice_pki_name_part part, sluice_pki_buffer *_Nonnull text);
bool sluice_pki_csr_subject_text(const sluice_pki_csr *_Nonnull request, sluice_pki_buffer *_Nonnull text);

// What a certificate is for, or a request asks it to be for.
typedef struct {
    bool has_key_usage;
    bool signs;
    bool commits_content;
    // Key usages beside those two.
    bool has_other_key_usage;
    bool serves_tls;
    bool calls_tls;
    // A certificate only: it has no extended key usage, or one that says so: any use that its key usage allows (RFC 5280, 4.2.1.12).
    bool allows_any_use;
    bool is_authority;
    // A request only.
    bool protects_mail;
    // Extended key usages beside TLS and mail.
    bool has_other_extended_usage;
    // Extensions beside key usage, extended key usage, subject alternative name, basic constraints and key identifier.
    bool has_other_extensions;
} sluice_pki_uses;

// The certificate is signed with the issuer's key and names it; validity and use are other questions.
bool sluice_pki_certificate_is_signed_by(const sluice_pki_certificate *_Nonnull certificate, const sluice_pki_certificate *_Nonnull issuer);

bool sluice_pki_csr_uses(const sluice_pki_csr *_Nonnull request, sluice_pki_uses *_Nonnull uses);
void sluice_pki_certificate_uses(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_uses *_Nonnull uses);

typedef enum {
    SLUICE_PKI_HOST_NONE,
    SLUICE_PKI_HOST_NAME,
    SLUICE_PKI_HOST_ADDRESS,
    // A mail address, a URI or another kind of name.
    SLUICE_PKI_HOST_OTHER,
    SLUICE_PKI_HOST_UNREADABLE,
} sluice_pki_host_kind;

// The subject alternative name at `index`; NONE after the last one.
sluice_pki_host_kind sluice_pki_csr_host(const sluice_pki_csr *_Nonnull request, size_t index, sluice_pki_buffer *_Nonnull text);

// Takes from the request the common name, the organisation, its identifier, the hosts and the key; the uses come from `profile`.
sluice_pki_certificate *_Nullable sluice_pki_issue_for_csr(
    const sluice_pki_csr *_Nonnull request, sluice_pki_profile profile, int64_t not_before, int64_t not_after,
    const sluice_pki_certificate *_Nonnull issuer, const sluice_pki_key *_Nonnull issuer_key);

// Addresses in the certificate where its revocation can be asked for, one per line; the http ones only.
bool sluice_pki_certificate_ocsp_addresses(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull lines);
bool sluice_pki_certificate_crl_addresses(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull lines);

#endif
