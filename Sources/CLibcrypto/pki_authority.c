#include "pki_internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

static bool add_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, context, nid, value);
    bool done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

// Names are added one by one, not through libcrypto's "DNS:a,IP:b" language, so that no host name can smuggle in another.
static bool add_alternative_names(X509 *certificate, const sluice_pki_request *request) {
    if (request->dns_names_count + request->ip_addresses_count == 0) return true;
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool done = names != NULL;
    for (size_t i = 0; done && i < request->dns_names_count + request->ip_addresses_count; i++) {
        bool is_dns = i < request->dns_names_count;
        GENERAL_NAME *name = is_dns
            ? a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_DNS, request->dns_names[i], 0)
            : a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_IPADD, request->ip_addresses[i - request->dns_names_count], 0);
        if (name == NULL || sk_GENERAL_NAME_push(names, name) <= 0) {
            GENERAL_NAME_free(name);
            done = false;
        }
    }
    done = done && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return done;
}

static bool add_name_part(X509_NAME *name, int nid, const char *text) {
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

static bool add_profile(X509 *certificate, X509V3_CTX *context, sluice_pki_profile profile) {
    switch (profile) {
    case SLUICE_PKI_PROFILE_AUTHORITY:
        return add_extension(certificate, context, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
            && add_extension(certificate, context, NID_key_usage, "critical,keyCertSign,cRLSign");
    case SLUICE_PKI_PROFILE_SEALING:
        // emailProtection is what `openssl cms -verify` asks of a signer unless told otherwise; and having an extended key
        // usage without TLS in it, the certificate cannot pass for a server.
        return add_extension(certificate, context, NID_basic_constraints, "critical,CA:FALSE")
            && add_extension(certificate, context, NID_key_usage, "critical,digitalSignature,nonRepudiation")
            && add_extension(certificate, context, NID_ext_key_usage, "emailProtection");
    case SLUICE_PKI_PROFILE_TLS:
        return add_extension(certificate, context, NID_basic_constraints, "critical,CA:FALSE")
            && add_extension(certificate, context, NID_key_usage, "critical,digitalSignature")
            && add_extension(certificate, context, NID_ext_key_usage, "serverAuth,clientAuth");
    }
    return false;
}

sluice_pki_certificate *sluice_pki_issue(
    const sluice_pki_request *request, const sluice_pki_key *subject_key, const sluice_pki_certificate *issuer, const sluice_pki_key *issuer_key
) {
    ERR_clear_error();
    X509 *certificate = X509_new();
    X509 *signer = issuer != NULL ? pki_x509(issuer) : certificate;
    if (certificate == NULL) return NULL;
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, certificate, NULL, NULL, 0);
    bool done = X509_set_version(certificate, X509_VERSION_3) == 1 && set_random_serial(certificate)
        && add_name_part(subject, NID_organizationName, request->organisation)
        && add_name_part(subject, NID_commonName, request->common_name)
        && X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1
        && ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)request->not_before) != NULL
        && ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)request->not_after) != NULL
        && X509_set_pubkey(certificate, pki_key(subject_key)) == 1
        && add_profile(certificate, &context, request->profile)
        && add_extension(certificate, &context, NID_subject_key_identifier, "hash")
        && add_extension(certificate, &context, NID_authority_key_identifier, "keyid:always")
        && add_alternative_names(certificate, request)
        && X509_sign(certificate, pki_key(issuer_key), EVP_sha256()) > 0;
    if (!done) {
        X509_free(certificate);
        return NULL;
    }
    return (sluice_pki_certificate *)certificate;
}

static bool add_revoked(X509_CRL *crl, X509 *certificate, const ASN1_TIME *time) {
    X509_REVOKED *entry = X509_REVOKED_new();
    bool done = entry != NULL && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate)) == 1
        && X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)time) == 1 && X509_CRL_add0_revoked(crl, entry) == 1;
    if (!done) X509_REVOKED_free(entry);
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

bool sluice_pki_issue_crl(
    const sluice_pki_certificate *issuer, const sluice_pki_key *issuer_key, const sluice_pki_certificate *const *revoked, size_t revoked_count,
    int64_t number, int64_t this_update, int64_t next_update, sluice_pki_buffer *pem
) {
    ERR_clear_error();
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)this_update), *until = ASN1_TIME_set(NULL, (time_t)next_update);
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = crl != NULL && from != NULL && until != NULL && bio != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1
        && X509_CRL_set_issuer_name(crl, X509_get_subject_name(pki_x509(issuer))) == 1
        && X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, until) == 1;
    for (size_t i = 0; done && i < revoked_count; i++) done = add_revoked(crl, pki_x509(revoked[i]), from);
    done = done && X509_CRL_sort(crl) == 1 && add_crl_extensions(crl, pki_x509(issuer), number)
        && X509_CRL_sign(crl, pki_key(issuer_key), EVP_sha256()) > 0 && PEM_write_bio_X509_CRL(bio, crl) == 1 && pki_buffer_from_bio(bio, pem);
    BIO_free(bio);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    X509_CRL_free(crl);
    return done;
}
