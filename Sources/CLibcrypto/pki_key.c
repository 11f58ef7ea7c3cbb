#include "pki_internal.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

sluice_pki_key *sluice_pki_key_generate_p256(void) {
    ERR_clear_error();
    return (sluice_pki_key *)EVP_EC_gen("P-256");
}

// Without this libcrypto would ask for the passphrase on the terminal, and a service would hang there.
static int refuse_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    pki_explain("the key is encrypted with a passphrase; store it unencrypted with file mode 0600");
    return -1;
}

sluice_pki_key *sluice_pki_key_from_pem(const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    BIO *bio = pki_bio(bytes, count);
    if (bio == NULL) return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
    BIO_free(bio);
    return (sluice_pki_key *)key;
}

sluice_pki_key *sluice_pki_public_key_from_der(const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    if (count > LONG_MAX) return NULL;
    const unsigned char *cursor = bytes;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &cursor, (long)count);
    if (key != NULL && cursor != bytes + count) {
        pki_explain("bytes after the public key");
        EVP_PKEY_free(key);
        return NULL;
    }
    return (sluice_pki_key *)key;
}

bool sluice_pki_key_to_pem(const sluice_pki_key *key, sluice_pki_buffer *pem) {
    ERR_clear_error();
    // Secure-memory BIO: its buffer is wiped when freed.
    BIO *bio = BIO_new(BIO_s_secmem());
    bool done = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, pki_key(key), NULL, NULL, 0, NULL, NULL) == 1 && pki_buffer_from_bio(bio, pem);
    BIO_free(bio);
    return done;
}

bool sluice_pki_public_key_to_der(const sluice_pki_key *key, sluice_pki_buffer *der) {
    ERR_clear_error();
    unsigned char *bytes = NULL;
    int count = i2d_PUBKEY(pki_key(key), &bytes);
    bool done = count > 0 && pki_buffer_copy(bytes, (size_t)count, der);
    OPENSSL_free(bytes);
    return done;
}

bool sluice_pki_key_is_p256(const sluice_pki_key *key) {
    char group[32];
    size_t length = 0;
    int explicit_parameters = 0;
    if (EVP_PKEY_get_base_id(pki_key(key)) != EVP_PKEY_EC) return false;
    if (EVP_PKEY_get_group_name(pki_key(key), group, sizeof group, &length) != 1) return false;
    if (EVP_PKEY_get_int_param(pki_key(key), OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters) == 1 && explicit_parameters != 0) {
        return false;
    }
    return strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0;
}

bool sluice_pki_key_sign(const sluice_pki_key *key, const uint8_t *message, size_t message_count, sluice_pki_buffer *signature) {
    ERR_clear_error();
    unsigned char bytes[256];
    size_t count = sizeof bytes;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pki_key(key)) == 1
        && EVP_DigestSign(context, bytes, &count, message, message_count) == 1 && pki_buffer_copy(bytes, count, signature);
    EVP_MD_CTX_free(context);
    return done;
}

bool sluice_pki_key_verify(
    const sluice_pki_key *key, const uint8_t *message, size_t message_count, const uint8_t *signature, size_t signature_count
) {
    ERR_clear_error();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool valid = context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pki_key(key)) == 1
        && EVP_DigestVerify(context, signature, signature_count, message, message_count) == 1;
    EVP_MD_CTX_free(context);
    return valid;
}

void sluice_pki_key_free(sluice_pki_key *key) {
    EVP_PKEY_free(pki_key(key));
}
