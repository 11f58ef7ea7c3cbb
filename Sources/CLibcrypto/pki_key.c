#include "pki_internal.h"

#include "include/clibcrypto_pki_keys.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <string.h>

sluice_pki_key *sluice_pki_key_generate_p256(void) {
    ERR_clear_error();
    return (sluice_pki_key *)EVP_EC_gen("P-256");
}

// Without this libcrypto would ask for the passphrase on the terminal, and a service would hang there.
static int refuse_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    pki_explain("the key is encrypted, and no passphrase was given");
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

// MARK: Keys at rest

// scrypt with N 16384, r 8, p 5: 16 MiB and five passes, as hard to guess as N 2^17 with p 1, and within the 32 MiB that libcrypto's own
// reading of PKCS#8 allows, so that `openssl pkey` opens the file.
static const uint64_t scrypt_cost = 16384, scrypt_block_size = 8, scrypt_parallel = 5;

bool sluice_pki_key_to_encrypted_pem(const sluice_pki_key *key, const uint8_t *passphrase, size_t passphrase_count, sluice_pki_buffer *pem) {
    ERR_clear_error();
    unsigned char salt[16];
    if (passphrase_count == 0 || passphrase_count > INT_MAX || RAND_bytes(salt, sizeof salt) != 1) return false;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pki_key(key));
    X509_ALGOR *algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof salt, NULL, scrypt_cost, scrypt_block_size, scrypt_parallel);
    X509_SIG *encrypted = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (info != NULL && algorithm != NULL) {
        encrypted = PKCS8_set0_pbe((const char *)passphrase, (int)passphrase_count, info, algorithm);
        if (encrypted != NULL) algorithm = NULL;
    }
    bool done = encrypted != NULL && bio != NULL && PEM_write_bio_PKCS8(bio, encrypted) == 1 && pki_buffer_from_bio(bio, pem);
    BIO_free(bio);
    X509_SIG_free(encrypted);
    X509_ALGOR_free(algorithm);
    PKCS8_PRIV_KEY_INFO_free(info);
    return done;
}

sluice_pki_key *sluice_pki_key_from_encrypted_der(
    const uint8_t *bytes, size_t count, const uint8_t *passphrase, size_t passphrase_count, bool *decrypted
) {
    ERR_clear_error();
    *decrypted = false;
    if (count > LONG_MAX || passphrase_count > INT_MAX) return NULL;
    const unsigned char *cursor = bytes;
    X509_SIG *encrypted = d2i_X509_SIG(NULL, &cursor, (long)count);
    PKCS8_PRIV_KEY_INFO *info = encrypted != NULL ? PKCS8_decrypt(encrypted, (const char *)passphrase, (int)passphrase_count) : NULL;
    *decrypted = info != NULL;
    EVP_PKEY *key = info != NULL ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    X509_SIG_free(encrypted);
    return (sluice_pki_key *)key;
}

bool sluice_pki_key_to_pkcs8(const sluice_pki_key *key, sluice_pki_buffer *der) {
    ERR_clear_error();
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pki_key(key));
    unsigned char *bytes = NULL;
    int count = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &bytes) : -1;
    bool done = count > 0 && pki_buffer_copy(bytes, (size_t)count, der);
    OPENSSL_clear_free(bytes, count > 0 ? (size_t)count : 0);
    PKCS8_PRIV_KEY_INFO_free(info);
    return done;
}

bool sluice_pki_scrypt(
    const uint8_t *passphrase, size_t passphrase_count, const uint8_t *salt, size_t salt_count, uint64_t cost, uint64_t block_size,
    uint64_t parallel, uint64_t memory_bytes_max, uint8_t *derived, size_t derived_count
) {
    ERR_clear_error();
    return EVP_PBE_scrypt(
        (const char *)passphrase, passphrase_count, salt, salt_count, cost, block_size, parallel, memory_bytes_max, derived, derived_count) == 1;
}

void sluice_pki_wipe(void *bytes, size_t count) {
    if (bytes != NULL) OPENSSL_cleanse(bytes, count);
}
