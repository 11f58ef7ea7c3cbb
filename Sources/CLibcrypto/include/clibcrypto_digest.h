#ifndef CLIBCRYPTO_DIGEST_H
#define CLIBCRYPTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/// Digests, message authentication and randomness. Every function that can fail answers 1 on success, 0 on failure.

typedef struct clibcrypto_sha256 clibcrypto_sha256;

/// A hasher ready for its first byte, or NULL when libcrypto offers no SHA-256 or memory is out.
clibcrypto_sha256 *clibcrypto_sha256_new(void);
void clibcrypto_sha256_free(clibcrypto_sha256 *hasher);
int clibcrypto_sha256_update(clibcrypto_sha256 *hasher, const void *bytes, size_t count);
/// Writes the 32 bytes of the digest and makes the hasher ready for a new message.
int clibcrypto_sha256_finish(clibcrypto_sha256 *hasher, uint8_t *digest);
/// SHA-256(prefix byte || bytes) in one call, for hash trees: no half-fed state is left behind.
int clibcrypto_sha256_prefixed(clibcrypto_sha256 *hasher, uint8_t prefix, const void *bytes, size_t count, uint8_t *digest);

/// HMAC-SHA-256 (RFC 2104); `code` takes 32 bytes.
int clibcrypto_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *code);

/// Bytes from the operating system's seeded generator.
int clibcrypto_random(uint8_t *bytes, size_t count);

/// 1 when equal; the time taken does not depend on where two buffers differ.
int clibcrypto_equal(const void *a, const void *b, size_t count);

#endif
