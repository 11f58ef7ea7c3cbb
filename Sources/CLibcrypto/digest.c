#include "clibcrypto_digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
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

// HMAC-SHA-256 under some key: a copy takes another key without looking up either algorithm again.
static EVP_MAC_CTX *hmac_sha256;
static pthread_once_t hmac_once = PTHREAD_ONCE_INIT;

static void prepare_hmac(void) {
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    if (context == NULL || EVP_MAC_init(context, (const unsigned char *)"", 0, parameters) != 1) {
        EVP_MAC_CTX_free(context);
        return;
    }
    hmac_sha256 = context;
}

int clibcrypto_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *code) {
    pthread_once(&hmac_once, prepare_hmac);
    EVP_MAC_CTX *context = hmac_sha256 == NULL ? NULL : EVP_MAC_CTX_dup(hmac_sha256);
    size_t written = 0;
    // An empty key is legal, a null pointer to one would mean the key of before.
    int done = context != NULL && EVP_MAC_init(context, key_count ? key : (const unsigned char *)"", key_count, NULL) == 1
        && EVP_MAC_update(context, bytes, count) == 1 && EVP_MAC_final(context, code, &written, 32) == 1 && written == 32;
    EVP_MAC_CTX_free(context);
    return done;
}

int clibcrypto_random(uint8_t *bytes, size_t count) {
    if (count > INT32_MAX) return 0;
    return RAND_bytes(bytes, (int)count) == 1;
}

int clibcrypto_equal(const void *a, const void *b, size_t count) {
    return CRYPTO_memcmp(a, b, count) == 0;
}
