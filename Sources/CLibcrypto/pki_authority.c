#include "pki_issue.h"

#include "include/clibcrypto_pki_revocation.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>
#include <time.h>

static bool add_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, context, nid, value);
    bool done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

GENERAL_NAMES *pki_general_names(const char *const *dns_names, size_t dns_names_count, const char *const *ip_addresses, size_t ip_addresses_count) {
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    for (size_t i = 0; names != NULL && i < dns_names_count + ip_addresses_count; i++) {
        GENERAL_NAME *name = i < dns_names_count
            ? a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_DNS, dns_names[i], 0)
            : a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_IPADD, ip_addresses[i - dns_names_count], 0);
        if (name == NULL || sk_GENERAL_NAME_push(names, name) <= 0) {
            GENERAL_NAME_free(name);
            GENERAL_NAMES_free(names);
            return NULL;
        }
    }
    return names;
}

bool pki_add_name_part(X509_NAME *name, int nid, const char *text) {
    if (text[0] == 0) return true;
    return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1;
}

// 127 random bits: unique without a counter, and positive (RFC 5280, 4.1.2.2).
static bool set_random_serial(X509 *certificate) {
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool done = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return done;
}

// A sealing key commits to content and does nothing else: it cannot sign a TLS handshake or a log-in (ETSI EN 319 412-2, 4.3.2, type A).
const char *pki_key_usage(sluice_pki_profile profile) {
    switch (profile) {
    case SLUICE_PKI_PROFILE_AUTHORITY: return "critical,keyCertSign,cRLSign";
    case SLUICE_PKI_PROFILE_SEALING: return "critical,nonRepudiation";
    case SLUICE_PKI_PROFILE_TLS: return "critical,digitalSignature";
    }
    return "";
}

// emailProtection is what `openssl cms -verify` asks of a signer unless told otherwise; and having an extended key usage without TLS in
// it, the certificate cannot pass for a server.
const char *pki_extended_key_usage(sluice_pki_profile profile) {
    switch (profile) {
    case SLUICE_PKI_PROFILE_AUTHORITY: return NULL;
    case SLUICE_PKI_PROFILE_SEALING: return "emailProtection";
    case SLUICE_PKI_PROFILE_TLS: return "serverAuth,clientAuth";
    }
    return NULL;
}

bool pki_finish_certificate(
    X509 *certificate, sluice_pki_profile profile, EVP_PKEY *subject_key, int64_t not_before, int64_t not_after, GENERAL_NAMES *names, X509 *issuer,
    EVP_PKEY *issuer_key
) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    const char *extended = pki_extended_key_usage(profile);
    bool is_authority = profile == SLUICE_PKI_PROFILE_AUTHORITY;
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_random_serial(certificate)
        && X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1
        && ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)not_before) != NULL
        && ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)not_after) != NULL
        && X509_set_pubkey(certificate, subject_key) == 1
        && add_extension(certificate, &context, NID_basic_constraints, is_authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE")
        && add_extension(certificate, &context, NID_key_usage, pki_key_usage(profile))
        && (extended == NULL || add_extension(certificate, &context, NID_ext_key_usage, extended))
        && add_extension(certificate, &context, NID_subject_key_identifier, "hash")
        && add_extension(certificate, &context, NID_authority_key_identifier, "keyid:always")
        && (names == NULL || sk_GENERAL_NAME_num(names) == 0
            || X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1)
        && X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

sluice_pki_certificate *sluice_pki_issue(
    const sluice_pki_request *request, const sluice_pki_key *subject_key, const sluice_pki_certificate *issuer, const sluice_pki_key *issuer_key
) {
    ERR_clear_error();
    X509 *certificate = X509_new();
    GENERAL_NAMES *names = pki_general_names(request->dns_names, request->dns_names_count, request->ip_addresses, request->ip_addresses_count);
    bool done = certificate != NULL && names != NULL
        && pki_add_name_part(X509_get_subject_name(certificate), NID_organizationName, request->organisation)
        && pki_add_name_part(X509_get_subject_name(certificate), NID_commonName, request->common_name)
        && pki_finish_certificate(
            certificate, request->profile, pki_key(subject_key), request->not_before, request->not_after, names,
            issuer != NULL ? pki_x509(issuer) : certificate, pki_key(issuer_key));
    GENERAL_NAMES_free(names);
    if (!done) {
        X509_free(certificate);
        return NULL;
    }
    return (sluice_pki_certificate *)certificate;
}

// MARK: Revocation lists

static bool add_revoked(X509_CRL *crl, const ASN1_INTEGER *serial, int64_t time, int32_t reason) {
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *date = ASN1_TIME_set(NULL, (time_t)time);
    ASN1_ENUMERATED *code = NULL;
    bool done = entry != NULL && date != NULL && X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)serial) == 1
        && X509_REVOKED_set_revocationDate(entry, date) == 1;
    // "unspecified" is said by saying nothing (RFC 5280, 5.3.1).
    if (done && reason > 0) {
        code = ASN1_ENUMERATED_new();
        done = code != NULL && ASN1_ENUMERATED_set_int64(code, reason) == 1 && X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, code, 0, 0) == 1;
    }
    done = done && X509_CRL_add0_revoked(crl, entry) == 1;
    if (!done) X509_REVOKED_free(entry);
    ASN1_ENUMERATED_free(code);
    ASN1_TIME_free(date);
    return done;
}

static bool add_crl_extensions(X509_CRL *crl, X509 *issuer, int64_t number) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
    X509_EXTENSION *keyid = X509V3_EXT_nconf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    bool done = keyid != NULL && X509_CRL_add_ext(crl, keyid, -1) == 1 && serial != NULL && ASN1_INTEGER_set_int64(serial, number) == 1
        && X509_CRL_add1_ext_i2d(crl, NID_crl_number, serial, 0, 0) == 1;
    ASN1_INTEGER_free(serial);
    X509_EXTENSION_free(keyid);
    return done;
}

static X509_CRL *new_crl(X509 *issuer, int64_t this_update, int64_t next_update) {
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)this_update), *until = ASN1_TIME_set(NULL, (time_t)next_update);
    bool done = crl != NULL && from != NULL && until != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1
        && X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1
        && X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, until) == 1;
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    if (!done) {
        X509_CRL_free(crl);
        return NULL;
    }
    return crl;
}

static bool finish_crl(X509_CRL *crl, X509 *issuer, EVP_PKEY *key, int64_t number, sluice_pki_buffer *pem) {
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = bio != NULL && X509_CRL_sort(crl) == 1 && add_crl_extensions(crl, issuer, number) && X509_CRL_sign(crl, key, EVP_sha256()) > 0
        && PEM_write_bio_X509_CRL(bio, crl) == 1 && pki_buffer_from_bio(bio, pem);
    BIO_free(bio);
    return done;
}

bool sluice_pki_issue_crl(
    const sluice_pki_certificate *issuer, const sluice_pki_key *issuer_key, const sluice_pki_certificate *const *revoked, size_t revoked_count,
    int64_t number, int64_t this_update, int64_t next_update, sluice_pki_buffer *pem
) {
    ERR_clear_error();
    X509_CRL *crl = new_crl(pki_x509(issuer), this_update, next_update);
    bool done = crl != NULL;
    for (size_t i = 0; done && i < revoked_count; i++) done = add_revoked(crl, X509_get0_serialNumber(pki_x509(revoked[i])), this_update, 0);
    done = done && finish_crl(crl, pki_x509(issuer), pki_key(issuer_key), number, pem);
    X509_CRL_free(crl);
    return done;
}

bool sluice_pki_crl_issue(
    const sluice_pki_certificate *issuer, const sluice_pki_key *issuer_key, const char *const *serials, const sluice_pki_revocation *revocations,
    size_t count, int64_t number, int64_t this_update, int64_t next_update, sluice_pki_buffer *pem
) {
    ERR_clear_error();
    X509_CRL *crl = new_crl(pki_x509(issuer), this_update, next_update);
    bool done = crl != NULL;
    for (size_t i = 0; done && i < count; i++) {
        BIGNUM *serial_number = NULL;
        ASN1_INTEGER *serial = NULL;
        done = BN_hex2bn(&serial_number, serials[i]) == (int)strlen(serials[i]) && (serial = BN_to_ASN1_INTEGER(serial_number, NULL)) != NULL
            && add_revoked(crl, serial, revocations[i].revoked_at, revocations[i].reason);
        BN_free(serial_number);
        ASN1_INTEGER_free(serial);
    }
    done = done && finish_crl(crl, pki_x509(issuer), pki_key(issuer_key), number, pem);
    X509_CRL_free(crl);
    return done;
}

// MARK: Shared

bool pki_is_strong_signature(int signature_nid) {
    int digest = NID_undef, key = NID_undef;
    if (signature_nid == NID_ED25519 || signature_nid == NID_ED448) return true;
    if (OBJ_find_sigid_algs(signature_nid, &digest, &key) != 1) return false;
    return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
}
