// Private keys at rest, and the derivation of a key from a passphrase. Errors as in clibcrypto_pki.h.
#ifndef SLUICE_CLIBCRYPTO_PKI_KEYS_H
#define SLUICE_CLIBCRYPTO_PKI_KEYS_H

#include "clibcrypto_pki.h"

// PKCS#8 EncryptedPrivateKeyInfo (RFC 5958) by PBES2 with scrypt (RFC 7914) and AES-256-CBC, PEM.
bool sluice_pki_key_to_encrypted_pem(
    const sluice_pki_key *_Nonnull key, const uint8_t *_Nonnull passphrase, size_t passphrase_count, sluice_pki_buffer *_Nonnull pem);
// NULL with `decrypted` false: the passphrase is wrong or the bytes are damaged, which cannot be told apart.
sluice_pki_key *_Nullable sluice_pki_key_from_encrypted_der(
    const uint8_t *_Nonnull bytes, size_t count, const uint8_t *_Nonnull passphrase, size_t passphrase_count, bool *_Nonnull decrypted);
// PKCS#8 PrivateKeyInfo, DER and not encrypted: for the library that speaks TLS. Wipe it.
bool sluice_pki_key_to_pkcs8(const sluice_pki_key *_Nonnull key, sluice_pki_buffer *_Nonnull der);

// scrypt (RFC 7914); false also where it would take more memory than `memory_bytes_max`.
bool sluice_pki_scrypt(
    const uint8_t *_Nonnull passphrase, size_t passphrase_count, const uint8_t *_Nonnull salt, size_t salt_count, uint64_t cost,
    uint64_t block_size, uint64_t parallel, uint64_t memory_bytes_max, uint8_t *_Nonnull derived, size_t derived_count);
void sluice_pki_wipe(void *_Nullable bytes, size_t count);

// A private key that stays in a PKCS#11 token, through OpenSSL's engine "pkcs11". `uri` is the path part of an RFC 7512 URI, without
// a PIN. The module stays loaded until the process ends. Calls take turns.
sluice_pki_key *_Nullable sluice_pki_key_from_token(
    const char *_Nonnull module_path, const char *_Nonnull uri, const char *_Nonnull pin);

#endif
