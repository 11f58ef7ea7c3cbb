#include "clibcrypto_digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>

struct clibcrypto_sha256 {
    EVP_MD_CTX *context;
};

// Fetched once: looking an algorithm up by name costs more than hashing a tree node.
static EVP_MD *sha256_method;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void fetch_sha256(void) {
    sha256_method = EVP_MD_fetch(NULL, "SHA256", NULL);
}

clibcrypto_sha256 *clibcrypto_sha256_new(void) {
    pthread_once(&sha256_once, fetch_sha256);
    if (sha256_method == NULL) return NULL;
    clibcrypto_sha256 *hasher = malloc(sizeof *hasher);
    if (hasher == NULL) return NULL;
    hasher->context = EVP_MD_CTX_new();
    if (hasher->context == NULL || EVP_DigestInit_ex(hasher->context, sha256_method, NULL) != 1) {
        clibcrypto_sha256_free(hasher);
        return NULL;
    }
    return hasher;
}

void clibcrypto_sha256_free(clibcrypto_sha256 *hasher) {
    if (hasher == NULL) return;
    EVP_MD_CTX_free(hasher->context);
    free(hasher);
}

int clibcrypto_sha256_update(clibcrypto_sha256 *hasher, const void *bytes, size_t count) {
    return EVP_DigestUpdate(hasher->context, bytes, count) == 1;
}

int clibcrypto_sha256_finish(clibcrypto_sha256 *hasher, uint8_t *digest) {
    return EVP_DigestFinal_ex(hasher->context, digest, NULL) == 1
        && EVP_DigestInit_ex(hasher->context, NULL, NULL) == 1;
}

int clibcrypto_sha256_prefixed(clibcrypto_sha256 *hasher, uint8_t prefix, const void *bytes, size_t count, uint8_t *digest) {
    return EVP_DigestUpdate(hasher->context, &prefix, 1) == 1
        && EVP_DigestUpdate(hasher->context, bytes, count) == 1
        && clibcrypto_sha256_finish(hasher, digest);
}

int clibcrypto_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *code) {
    size_t written = 0;
    // An empty key is legal, a null pointer to one is not.
    return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key_count ? key : "", key_count, bytes, count, code, 32, &written) != NULL
        && written == 32;
}

int clibcrypto_random(uint8_t *bytes, size_t count) {
    if (count > INT32_MAX) return 0;
    return RAND_bytes(bytes, (int)count) == 1;
}

int clibcrypto_equal(const void *a, const void *b, size_t count) {
    return CRYPTO_memcmp(a, b, count) == 0;
}
