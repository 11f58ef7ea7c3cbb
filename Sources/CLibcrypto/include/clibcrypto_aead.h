#ifndef CLIBCRYPTO_AEAD_H
#define CLIBCRYPTO_AEAD_H

#include <stddef.h>
#include <stdint.h>

/// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags. Both answer 1 on success, 0 on failure.

/// Writes `count` bytes of ciphertext and 16 of the tag to `sealed`.
int clibcrypto_aead_seal(
    const uint8_t *key, const uint8_t *nonce, const void *authenticated, size_t authenticated_count, const void *plain, size_t count, uint8_t *sealed);

/// `count` is without the tag that follows; 0 too when the tag does not fit, and then `plain` holds zeros.
int clibcrypto_aead_open(
    const uint8_t *key, const uint8_t *nonce, const void *authenticated, size_t authenticated_count, const uint8_t *sealed, size_t count, void *plain);

#endif
