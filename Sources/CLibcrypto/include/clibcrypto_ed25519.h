#ifndef CLIBCRYPTO_ED25519_H
#define CLIBCRYPTO_ED25519_H

#include <stddef.h>
#include <stdint.h>

/// Ed25519 (RFC 8032, pure). Raw keys are 32 bytes, signatures 64. Functions answer 1 on success, 0 on failure.

typedef struct clibcrypto_ed25519 clibcrypto_ed25519;

clibcrypto_ed25519 *clibcrypto_ed25519_generate(void);
clibcrypto_ed25519 *clibcrypto_ed25519_from_seed(const uint8_t *seed);
void clibcrypto_ed25519_free(clibcrypto_ed25519 *key);
int clibcrypto_ed25519_seed(const clibcrypto_ed25519 *key, uint8_t *seed);
int clibcrypto_ed25519_public(const clibcrypto_ed25519 *key, uint8_t *public_key);
int clibcrypto_ed25519_sign(const clibcrypto_ed25519 *key, const void *message, size_t count, uint8_t *signature);
int clibcrypto_ed25519_verify(const uint8_t *public_key, const void *message, size_t count, const uint8_t *signature);

#endif
