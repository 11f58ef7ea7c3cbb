#include "pki_issue.h"

#include "include/clibcrypto_pki_request.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

static inline X509_REQ *pki_req(const sluice_pki_csr *request) { return (X509_REQ *)request; }

static bool push_extension(STACK_OF(X509_EXTENSION) *extensions, X509V3_CTX *context, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, context, nid, value);
    bool done = extension != NULL && sk_X509_EXTENSION_push(extensions, extension) > 0;
    if (!done) X509_EXTENSION_free(extension);
    return done;
}

static bool push_names(STACK_OF(X509_EXTENSION) *extensions, const sluice_pki_csr_subject *subject) {
    if (subject->dns_names_count + subject->ip_addresses_count == 0) return true;
    GENERAL_NAMES *names = pki_general_names(subject->dns_names, subject->dns_names_count, subject->ip_addresses, subject->ip_addresses_count);
    bool done = names != NULL && X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, X509V3_ADD_APPEND) == 1;
    GENERAL_NAMES_free(names);
    return done;
}

bool sluice_pki_csr_make(const sluice_pki_csr_subject *subject, const sluice_pki_key *key, sluice_pki_buffer *pem) {
    ERR_clear_error();
    X509_REQ *request = X509_REQ_new();
    STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
    BIO *bio = BIO_new(BIO_s_mem());
    X509V3_CTX context;
    X509V3_set_ctx(&context, NULL, NULL, request, NULL, 0);
    const char *extended = pki_extended_key_usage(subject->profile);
    bool done = request != NULL && extensions != NULL && bio != NULL && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1;
    X509_NAME *name = done ? X509_REQ_get_subject_name(request) : NULL;
    done = done && pki_add_name_part(name, NID_organizationName, subject->organisation)
        && pki_add_name_part(name, NID_organizationIdentifier, subject->organisation_identifier)
        && pki_add_name_part(name, NID_commonName, subject->common_name)
        && push_extension(extensions, &context, NID_key_usage, pki_key_usage(subject->profile))
        && (extended == NULL || push_extension(extensions, &context, NID_ext_key_usage, extended)) && push_names(extensions, subject)
        && X509_REQ_add_extensions(request, extensions) == 1 && X509_REQ_set_pubkey(request, pki_key(key)) == 1
        && X509_REQ_sign(request, pki_key(key), EVP_sha256()) > 0 && PEM_write_bio_X509_REQ(bio, request) == 1 && pki_buffer_from_bio(bio, pem);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_REQ_free(request);
    BIO_free(bio);
    return done;
}

sluice_pki_csr *sluice_pki_csr_from_der(const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    if (count > LONG_MAX) return NULL;
    const unsigned char *cursor = bytes;
    X509_REQ *request = d2i_X509_REQ(NULL, &cursor, (long)count);
    if (request != NULL && cursor != bytes + count) {
        pki_explain("bytes after the request");
        X509_REQ_free(request);
        return NULL;
    }
    return (sluice_pki_csr *)request;
}

void sluice_pki_csr_free(sluice_pki_csr *request) {
    X509_REQ_free(pki_req(request));
}

bool sluice_pki_csr_signature_holds(const sluice_pki_csr *request) {
    ERR_clear_error();
    EVP_PKEY *key = X509_REQ_get0_pubkey(pki_req(request));
    if (key == NULL || X509_REQ_verify(pki_req(request), key) != 1) return false;
    if (pki_is_strong_signature(X509_REQ_get_signature_nid(pki_req(request)))) return true;
    pki_explain("signed with a digest other than SHA-2");
    return false;
}

sluice_pki_key *sluice_pki_csr_public_key(const sluice_pki_csr *request) {
    ERR_clear_error();
    return (sluice_pki_key *)X509_REQ_get_pubkey(pki_req(request));
}

int sluice_pki_csr_subject_part(const sluice_pki_csr *request, sluice_pki_name_part part, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_name_part(X509_REQ_get_subject_name(pki_req(request)), part, text);
}

bool sluice_pki_csr_subject_text(const sluice_pki_csr *request, sluice_pki_buffer *text) {
    ERR_clear_error();
    return pki_print_name(X509_REQ_get_subject_name(pki_req(request)), text);
}

// MARK: Uses

static bool has_bit(const ASN1_BIT_STRING *bits, int bit) { return ASN1_BIT_STRING_get_bit(bits, bit) == 1; }

static bool read_key_usage(const STACK_OF(X509_EXTENSION) *extensions, sluice_pki_uses *uses) {
    int found = 0;
    ASN1_BIT_STRING *bits = X509V3_get_d2i(extensions, NID_key_usage, &found, NULL);
    if (bits == NULL) return found == -1;
    uses->has_key_usage = true;
    uses->signs = has_bit(bits, 0);
    uses->commits_content = has_bit(bits, 1);
    for (int bit = 2; bit <= 8; bit++) uses->has_other_key_usage |= has_bit(bits, bit);
    ASN1_BIT_STRING_free(bits);
    return true;
}

static bool read_extended_usage(const STACK_OF(X509_EXTENSION) *extensions, sluice_pki_uses *uses) {
    int found = 0;
    EXTENDED_KEY_USAGE *usages = X509V3_get_d2i(extensions, NID_ext_key_usage, &found, NULL);
    if (usages == NULL) return found == -1;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
        switch (OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i))) {
        case NID_server_auth: uses->serves_tls = true; break;
        case NID_client_auth: uses->calls_tls = true; break;
        case NID_email_protect: uses->protects_mail = true; break;
        default: uses->has_other_extended_usage = true;
        }
    }
    EXTENDED_KEY_USAGE_free(usages);
    return true;
}

static bool read_constraints(const STACK_OF(X509_EXTENSION) *extensions, sluice_pki_uses *uses) {
    int found = 0;
    BASIC_CONSTRAINTS *constraints = X509V3_get_d2i(extensions, NID_basic_constraints, &found, NULL);
    if (constraints == NULL) return found == -1;
    uses->is_authority = constraints->ca != 0;
    BASIC_CONSTRAINTS_free(constraints);
    return true;
}

bool sluice_pki_csr_uses(const sluice_pki_csr *request, sluice_pki_uses *uses) {
    ERR_clear_error();
    memset(uses, 0, sizeof *uses);
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(pki_req(request));
    if (extensions == NULL) return true;
    bool done = read_key_usage(extensions, uses) && read_extended_usage(extensions, uses) && read_constraints(extensions, uses);
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
        switch (OBJ_obj2nid(X509_EXTENSION_get_object(sk_X509_EXTENSION_value(extensions, i)))) {
        case NID_key_usage:
        case NID_ext_key_usage:
        case NID_subject_alt_name:
        case NID_basic_constraints:
        case NID_subject_key_identifier: break;
        default: uses->has_other_extensions = true;
        }
    }
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return done;
}

void sluice_pki_certificate_uses(const sluice_pki_certificate *certificate, sluice_pki_uses *uses) {
    memset(uses, 0, sizeof *uses);
    uint32_t usage = X509_get_key_usage(pki_x509(certificate));
    // Both answer "everything" where the extension is absent.
    uint32_t extended = X509_get_extended_key_usage(pki_x509(certificate));
    if (usage != UINT32_MAX) {
        uses->has_key_usage = true;
        uses->signs = (usage & KU_DIGITAL_SIGNATURE) != 0;
        uses->commits_content = (usage & KU_NON_REPUDIATION) != 0;
        uses->has_other_key_usage = (usage & ~(uint32_t)(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
    }
    uses->allows_any_use = (extended & XKU_ANYEKU) != 0;
    if (extended != UINT32_MAX) {
        uses->serves_tls = (extended & XKU_SSL_SERVER) != 0;
        uses->calls_tls = (extended & XKU_SSL_CLIENT) != 0;
    }
    uses->is_authority = X509_check_ca(pki_x509(certificate)) != 0;
}

// MARK: Hosts

static GENERAL_NAMES *names_of(const sluice_pki_csr *request, bool *readable) {
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(pki_req(request));
    int found = -1;
    GENERAL_NAMES *names = extensions != NULL ? X509V3_get_d2i(extensions, NID_subject_alt_name, &found, NULL) : NULL;
    *readable = names != NULL || found == -1;
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return names;
}

static bool print_address(const ASN1_OCTET_STRING *address, sluice_pki_buffer *text) {
    const unsigned char *bytes = ASN1_STRING_get0_data(address);
    char line[64];
    if (ASN1_STRING_length(address) == 4) {
        BIO_snprintf(line, sizeof line, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    } else if (ASN1_STRING_length(address) == 16) {
        size_t used = 0;
        for (int i = 0; i < 16; i += 2) used += (size_t)BIO_snprintf(line + used, sizeof line - used, "%s%x", i > 0 ? ":" : "", bytes[i] << 8 | bytes[i + 1]);
    } else {
        return false;
    }
    return pki_buffer_copy(line, strlen(line), text);
}

sluice_pki_host_kind sluice_pki_csr_host(const sluice_pki_csr *request, size_t index, sluice_pki_buffer *text) {
    ERR_clear_error();
    bool readable = false;
    GENERAL_NAMES *names = names_of(request, &readable);
    sluice_pki_host_kind kind = readable ? SLUICE_PKI_HOST_NONE : SLUICE_PKI_HOST_UNREADABLE;
    if (names != NULL && index < (size_t)sk_GENERAL_NAME_num(names)) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, (int)index);
        bool done = true;
        kind = SLUICE_PKI_HOST_OTHER;
        if (name->type == GEN_DNS) {
            kind = SLUICE_PKI_HOST_NAME;
            done = pki_buffer_copy(ASN1_STRING_get0_data(name->d.dNSName), (size_t)ASN1_STRING_length(name->d.dNSName), text);
        } else if (name->type == GEN_IPADD) {
            kind = SLUICE_PKI_HOST_ADDRESS;
            done = print_address(name->d.iPAddress, text);
        }
        if (!done) kind = SLUICE_PKI_HOST_UNREADABLE;
    }
    GENERAL_NAMES_free(names);
    return kind;
}

// MARK: Issuing

static bool copy_subject(const X509_REQ *request, X509_NAME *subject) {
    const X509_NAME *name = X509_REQ_get_subject_name(request);
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        switch (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry))) {
        case NID_commonName:
        case NID_organizationName:
        case NID_organizationIdentifier:
            if (X509_NAME_add_entry(subject, entry, -1, 0) != 1) return false;
        }
    }
    return true;
}

sluice_pki_certificate *sluice_pki_issue_for_csr(
    const sluice_pki_csr *request, sluice_pki_profile profile, int64_t not_before, int64_t not_after, const sluice_pki_certificate *issuer,
    const sluice_pki_key *issuer_key
) {
    ERR_clear_error();
    bool readable = false;
    GENERAL_NAMES *names = names_of(request, &readable);
    EVP_PKEY *key = X509_REQ_get0_pubkey(pki_req(request));
    X509 *certificate = X509_new();
    bool done = certificate != NULL && readable && key != NULL && copy_subject(pki_req(request), X509_get_subject_name(certificate))
        && pki_finish_certificate(certificate, profile, key, not_before, not_after, names, pki_x509(issuer), pki_key(issuer_key));
    GENERAL_NAMES_free(names);
    if (!done) {
        X509_free(certificate);
        return NULL;
    }
    return (sluice_pki_certificate *)certificate;
}

// MARK: Where to ask for revocation

static bool add_line(BIO *bio, const char *text, size_t count) {
    bool is_http = (count > 7 && strncmp(text, "http://", 7) == 0) || (count > 8 && strncmp(text, "https://", 8) == 0);
    if (!is_http || memchr(text, '\n', count) != NULL || memchr(text, 0, count) != NULL || count > 2048) return true;
    return BIO_write(bio, text, (int)count) == (int)count && BIO_write(bio, "\n", 1) == 1;
}

bool sluice_pki_certificate_ocsp_addresses(const sluice_pki_certificate *certificate, sluice_pki_buffer *lines) {
    ERR_clear_error();
    BIO *bio = BIO_new(BIO_s_mem());
    STACK_OF(OPENSSL_STRING) *addresses = X509_get1_ocsp(pki_x509(certificate));
    bool done = bio != NULL;
    for (int i = 0; done && i < sk_OPENSSL_STRING_num(addresses); i++) {
        const char *address = sk_OPENSSL_STRING_value(addresses, i);
        done = add_line(bio, address, strlen(address));
    }
    X509_email_free(addresses);
    done = done && pki_buffer_from_bio(bio, lines);
    BIO_free(bio);
    return done;
}

bool sluice_pki_certificate_crl_addresses(const sluice_pki_certificate *certificate, sluice_pki_buffer *lines) {
    ERR_clear_error();
    BIO *bio = BIO_new(BIO_s_mem());
    CRL_DIST_POINTS *points = X509_get_ext_d2i(pki_x509(certificate), NID_crl_distribution_points, NULL, NULL);
    bool done = bio != NULL;
    for (int i = 0; done && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *point = sk_DIST_POINT_value(points, i);
        // A point for some reasons only, or of another issuer, does not tell all about the certificate.
        if (point->reasons != NULL || point->CRLissuer != NULL || point->distpoint == NULL || point->distpoint->type != 0) continue;
        const GENERAL_NAMES *names = point->distpoint->name.fullname;
        for (int j = 0; done && j < sk_GENERAL_NAME_num(names); j++) {
            const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, j);
            if (name->type != GEN_URI) continue;
            const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
            done = add_line(bio, (const char *)ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri));
        }
    }
    CRL_DIST_POINTS_free(points);
    done = done && pki_buffer_from_bio(bio, lines);
    BIO_free(bio);
    return done;
}

bool sluice_pki_certificate_is_signed_by(const sluice_pki_certificate *certificate, const sluice_pki_certificate *issuer) {
    ERR_clear_error();
    EVP_PKEY *key = X509_get0_pubkey(pki_x509(issuer));
    return key != NULL && X509_NAME_cmp(X509_get_issuer_name(pki_x509(certificate)), X509_get_subject_name(pki_x509(issuer))) == 0
        && X509_verify(pki_x509(certificate), key) == 1;
}
