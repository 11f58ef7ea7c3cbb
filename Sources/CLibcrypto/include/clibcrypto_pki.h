// Keys, certificates and trust over libcrypto 3. Only our own types here: libcrypto's headers stay in the .c files.
//
// Functions that can fail return NULL or false and leave libcrypto's own words behind; sluice_pki_take_error fetches them on the
// same thread. Objects do not change after they are made, except a trust while authorities are being added to it.
#ifndef SLUICE_CLIBCRYPTO_PKI_H
#define SLUICE_CLIBCRYPTO_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sluice_pki_key sluice_pki_key;
typedef struct sluice_pki_certificate sluice_pki_certificate;
typedef struct sluice_pki_trust sluice_pki_trust;

// Bytes that libcrypto made; the caller frees them.
typedef struct {
    uint8_t *_Nullable bytes;
    size_t count;
} sluice_pki_buffer;

void sluice_pki_buffer_free(sluice_pki_buffer *_Nonnull buffer);
// As above, and wipes them first: for private keys.
void sluice_pki_buffer_wipe(sluice_pki_buffer *_Nonnull buffer);

// Writes the words of the errors since the last call, oldest first, NUL-terminated, and forgets them.
void sluice_pki_take_error(char *_Nonnull text, size_t capacity);

// MARK: Keys

sluice_pki_key *_Nullable sluice_pki_key_generate_p256(void);
// Never asks for a passphrase: an encrypted key is an error.
sluice_pki_key *_Nullable sluice_pki_key_from_pem(const uint8_t *_Nonnull bytes, size_t count);
sluice_pki_key *_Nullable sluice_pki_public_key_from_der(const uint8_t *_Nonnull bytes, size_t count);
bool sluice_pki_key_to_pem(const sluice_pki_key *_Nonnull key, sluice_pki_buffer *_Nonnull pem);
bool sluice_pki_public_key_to_der(const sluice_pki_key *_Nonnull key, sluice_pki_buffer *_Nonnull der);
// True for keys on the named curve P-256, false for anything else, explicit parameters included.
bool sluice_pki_key_is_p256(const sluice_pki_key *_Nonnull key);
bool sluice_pki_key_sign(
    const sluice_pki_key *_Nonnull key, const uint8_t *_Nullable message, size_t message_count, sluice_pki_buffer *_Nonnull signature);
bool sluice_pki_key_verify(
    const sluice_pki_key *_Nonnull key, const uint8_t *_Nullable message, size_t message_count,
    const uint8_t *_Nullable signature, size_t signature_count);
void sluice_pki_key_free(sluice_pki_key *_Nullable key);

// MARK: Certificates

sluice_pki_certificate *_Nullable sluice_pki_certificate_from_der(const uint8_t *_Nonnull bytes, size_t count);
// The first certificate in the text; `consumed` says where to go on. NULL with `consumed` 0: there is no further one.
sluice_pki_certificate *_Nullable sluice_pki_certificate_from_pem(
    const uint8_t *_Nonnull bytes, size_t count, size_t *_Nonnull consumed);
void sluice_pki_certificate_free(sluice_pki_certificate *_Nullable certificate);
bool sluice_pki_certificate_to_der(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull der);
bool sluice_pki_certificate_to_pem(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull pem);

typedef enum {
    SLUICE_PKI_COMMON_NAME,
    SLUICE_PKI_ORGANISATION,
    SLUICE_PKI_ORGANISATION_IDENTIFIER,
} sluice_pki_name_part;

// How many such parts the subject has; the first one goes to `text` as UTF-8. Negative when it cannot be read.
int sluice_pki_certificate_subject_part(
    const sluice_pki_certificate *_Nonnull certificate, sluice_pki_name_part part, sluice_pki_buffer *_Nonnull text);
bool sluice_pki_certificate_subject(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull text);
bool sluice_pki_certificate_issuer(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull text);
bool sluice_pki_certificate_serial(const sluice_pki_certificate *_Nonnull certificate, sluice_pki_buffer *_Nonnull text);
bool sluice_pki_certificate_validity(
    const sluice_pki_certificate *_Nonnull certificate, int64_t *_Nonnull not_before, int64_t *_Nonnull not_after);
bool sluice_pki_certificate_is_authority(const sluice_pki_certificate *_Nonnull certificate);
// Key usage says content commitment (non-repudiation); false where the extension is absent.
bool sluice_pki_certificate_commits_content(const sluice_pki_certificate *_Nonnull certificate);
bool sluice_pki_certificate_matches(const sluice_pki_certificate *_Nonnull certificate, const sluice_pki_key *_Nonnull key);
sluice_pki_key *_Nullable sluice_pki_certificate_public_key(const sluice_pki_certificate *_Nonnull certificate);

// MARK: A certificate authority for trials

typedef enum {
    SLUICE_PKI_PROFILE_AUTHORITY,
    SLUICE_PKI_PROFILE_SEALING,
    SLUICE_PKI_PROFILE_TLS,
} sluice_pki_profile;

typedef struct {
    sluice_pki_profile profile;
    const char *_Nonnull common_name;
    const char *_Nonnull organisation;
    int64_t not_before;
    int64_t not_after;
    const char *_Nonnull const *_Nullable dns_names;
    size_t dns_names_count;
    const char *_Nonnull const *_Nullable ip_addresses;
    size_t ip_addresses_count;
} sluice_pki_request;

// `issuer` NULL: self-signed, `issuer_key` being the subject's own.
sluice_pki_certificate *_Nullable sluice_pki_issue(
    const sluice_pki_request *_Nonnull request, const sluice_pki_key *_Nonnull subject_key,
    const sluice_pki_certificate *_Nullable issuer, const sluice_pki_key *_Nonnull issuer_key);
bool sluice_pki_issue_crl(
    const sluice_pki_certificate *_Nonnull issuer, const sluice_pki_key *_Nonnull issuer_key,
    const sluice_pki_certificate *_Nonnull const *_Nullable revoked, size_t revoked_count, int64_t number,
    int64_t this_update, int64_t next_update, sluice_pki_buffer *_Nonnull pem);

// MARK: Trust

sluice_pki_trust *_Nullable sluice_pki_trust_new(void);
void sluice_pki_trust_free(sluice_pki_trust *_Nullable trust);
bool sluice_pki_trust_add_authority(sluice_pki_trust *_Nonnull trust, const sluice_pki_certificate *_Nonnull authority);
// Adds every list in the text and says how many there were; negative when one cannot be read.
int sluice_pki_trust_add_crls(sluice_pki_trust *_Nonnull trust, const uint8_t *_Nonnull pem, size_t count);

typedef enum {
    SLUICE_PKI_VALID,
    SLUICE_PKI_UNTRUSTED,
    SLUICE_PKI_EXPIRED,
    SLUICE_PKI_NOT_YET_VALID,
    SLUICE_PKI_REVOKED,
    SLUICE_PKI_REVOCATION_UNKNOWN,
    SLUICE_PKI_WRONG_PURPOSE,
    SLUICE_PKI_STRANGE_CERTIFICATE,
    SLUICE_PKI_INTERNAL,
} sluice_pki_verdict;

typedef enum {
    SLUICE_PKI_PURPOSE_SEALING,
    SLUICE_PKI_PURPOSE_TLS_SERVER,
    SLUICE_PKI_PURPOSE_TLS_CLIENT,
    SLUICE_PKI_PURPOSE_TIME_STAMPING,
} sluice_pki_purpose;

// One certificate up to a trusted authority at a time.
sluice_pki_verdict sluice_pki_trust_check(
    const sluice_pki_trust *_Nonnull trust, const sluice_pki_certificate *_Nonnull certificate,
    const sluice_pki_certificate *_Nonnull const *_Nullable intermediates, size_t intermediates_count,
    sluice_pki_purpose purpose, int64_t time);

#endif
