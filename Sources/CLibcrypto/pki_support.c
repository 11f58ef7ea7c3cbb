#include "pki_internal.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void sluice_pki_buffer_free(sluice_pki_buffer *buffer) {
    free(buffer->bytes);
    buffer->bytes = NULL;
    buffer->count = 0;
}

void sluice_pki_buffer_wipe(sluice_pki_buffer *buffer) {
    if (buffer->bytes != NULL) OPENSSL_cleanse(buffer->bytes, buffer->count);
    sluice_pki_buffer_free(buffer);
}

void sluice_pki_take_error(char *text, size_t capacity) {
    size_t used = 0;
    text[0] = 0;
    unsigned long code;
    const char *data;
    int flags;
    while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        const char *reason = ERR_reason_error_string(code);
        bool has_data = (flags & ERR_TXT_STRING) && data != NULL && data[0] != 0;
        const char *parts[] = {used > 0 ? "; " : "", reason ? reason : "unknown error", has_data ? ": " : "", has_data ? data : ""};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            size_t length = strlen(parts[i]);
            if (length >= capacity - used) length = capacity - used - 1;
            memcpy(text + used, parts[i], length);
            used += length;
        }
        text[used] = 0;
    }
}

void pki_explain(const char *words) {
    ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "%s", words);
}

bool pki_buffer_copy(const void *bytes, size_t count, sluice_pki_buffer *buffer) {
    buffer->bytes = malloc(count > 0 ? count : 1);
    buffer->count = 0;
    if (buffer->bytes == NULL) return false;
    if (count > 0) memcpy(buffer->bytes, bytes, count);
    buffer->count = count;
    return true;
}

bool pki_buffer_from_bio(BIO *bio, sluice_pki_buffer *buffer) {
    char *data = NULL;
    long count = BIO_get_mem_data(bio, &data);
    return count >= 0 && pki_buffer_copy(data, (size_t)count, buffer);
}

BIO *pki_bio(const uint8_t *bytes, size_t count) {
    if (count > INT_MAX) {
        pki_explain("more than 2 GiB");
        return NULL;
    }
    return BIO_new_mem_buf(count > 0 ? (const void *)bytes : "", (int)count);
}

static int nid_of(sluice_pki_name_part part) {
    switch (part) {
    case SLUICE_PKI_COMMON_NAME: return NID_commonName;
    case SLUICE_PKI_ORGANISATION: return NID_organizationName;
    case SLUICE_PKI_ORGANISATION_IDENTIFIER: return NID_organizationIdentifier;
    }
    return NID_undef;
}

int pki_name_part(X509_NAME *name, sluice_pki_name_part part, sluice_pki_buffer *text) {
    int found = 0, first = -1;
    for (int at = X509_NAME_get_index_by_NID(name, nid_of(part), -1); at >= 0; at = X509_NAME_get_index_by_NID(name, nid_of(part), at)) {
        if (found++ == 0) first = at;
    }
    if (found == 0) return 0;
    unsigned char *bytes = NULL;
    int count = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, first)));
    bool done = count >= 0 && pki_buffer_copy(bytes, (size_t)count, text);
    OPENSSL_free(bytes);
    return done ? found : -1;
}

bool pki_print_name(const X509_NAME *name, sluice_pki_buffer *text) {
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned long form = (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    bool done = bio != NULL && X509_NAME_print_ex(bio, name, 0, form) >= 0 && pki_buffer_from_bio(bio, text);
    BIO_free(bio);
    return done;
}

bool pki_print_hex(const ASN1_INTEGER *integer, sluice_pki_buffer *text) {
    BIGNUM *number = integer != NULL ? ASN1_INTEGER_to_BN(integer, NULL) : NULL;
    char *digits = number != NULL ? BN_bn2hex(number) : NULL;
    bool done = digits != NULL && pki_buffer_copy(digits, strlen(digits), text);
    OPENSSL_free(digits);
    BN_free(number);
    return done;
}

bool pki_seconds_of(const ASN1_TIME *time, int64_t *seconds) {
    struct tm parts;
    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1) return false;
    *seconds = (int64_t)timegm(&parts);
    return true;
}
