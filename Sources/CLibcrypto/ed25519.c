#include "clibcrypto_ed25519.h"

#include <openssl/evp.h>

// The opaque key is libcrypto's own: an EVP_PKEY is reference counted and never changes once made, so one key may sign on several threads.
static EVP_PKEY *pkey(const clibcrypto_ed25519 *key) {
    return (EVP_PKEY *)key;
}

clibcrypto_ed25519 *clibcrypto_ed25519_generate(void) {
    return (clibcrypto_ed25519 *)EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

clibcrypto_ed25519 *clibcrypto_ed25519_from_seed(const uint8_t *seed) {
    return (clibcrypto_ed25519 *)EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
}

void clibcrypto_ed25519_free(clibcrypto_ed25519 *key) {
    EVP_PKEY_free(pkey(key));
}

int clibcrypto_ed25519_seed(const clibcrypto_ed25519 *key, uint8_t *seed) {
    size_t count = 32;
    return EVP_PKEY_get_raw_private_key(pkey(key), seed, &count) == 1 && count == 32;
}

int clibcrypto_ed25519_public(const clibcrypto_ed25519 *key, uint8_t *public_key) {
    size_t count = 32;
    return EVP_PKEY_get_raw_public_key(pkey(key), public_key, &count) == 1 && count == 32;
}

int clibcrypto_ed25519_sign(const clibcrypto_ed25519 *key, const void *message, size_t count, uint8_t *signature) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t written = 64;
    int done = context != NULL
        && EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, pkey(key), NULL) == 1
        && EVP_DigestSign(context, signature, &written, message, count) == 1
        && written == 64;
    EVP_MD_CTX_free(context);
    return done;
}

int clibcrypto_ed25519_verify(const uint8_t *public_key, const void *message, size_t count, const uint8_t *signature) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int valid = key != NULL && context != NULL
        && EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1
        && EVP_DigestVerify(context, signature, 64, message, count) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return valid;
}
