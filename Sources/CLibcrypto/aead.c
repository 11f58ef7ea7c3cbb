#include "clibcrypto_aead.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

enum { TAG = 16, NONCE = 12 };

// Fetched once: looking an algorithm up by name costs more than sealing a small body.
static EVP_CIPHER *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void) {
    method = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

int clibcrypto_aead_seal(
    const uint8_t *key, const uint8_t *nonce, const void *authenticated, size_t authenticated_count, const void *plain, size_t count, uint8_t *sealed
) {
    pthread_once(&once, fetch);
    if (method == NULL || count > INT_MAX || authenticated_count > INT_MAX) return 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    int done = context != NULL && EVP_EncryptInit_ex2(context, method, key, nonce, NULL) == 1
        && EVP_EncryptUpdate(context, NULL, &written, authenticated, (int)authenticated_count) == 1
        && (count == 0 || EVP_EncryptUpdate(context, sealed, &written, plain, (int)count) == 1)
        && EVP_EncryptFinal_ex(context, sealed + count, &written) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, sealed + count) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

int clibcrypto_aead_open(
    const uint8_t *key, const uint8_t *nonce, const void *authenticated, size_t authenticated_count, const uint8_t *sealed, size_t count, void *plain
) {
    pthread_once(&once, fetch);
    if (method == NULL || count > INT_MAX || authenticated_count > INT_MAX) return 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    uint8_t rest[TAG];
    int done = context != NULL && EVP_DecryptInit_ex2(context, method, key, nonce, NULL) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, (void *)(sealed + count)) == 1
        && EVP_DecryptUpdate(context, NULL, &written, authenticated, (int)authenticated_count) == 1
        && (count == 0 || EVP_DecryptUpdate(context, plain, &written, sealed, (int)count) == 1)
        && EVP_DecryptFinal_ex(context, rest, &written) == 1;
    if (!done) OPENSSL_cleanse(plain, count);
    EVP_CIPHER_CTX_free(context);
    return done;
}
