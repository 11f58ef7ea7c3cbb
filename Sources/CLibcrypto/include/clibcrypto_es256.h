// What signatures need that bring their certificates as a list (x5c, RFC 7515, 4.1.6) and not inside CMS.
#ifndef SLUICE_CLIBCRYPTO_ES256_H
#define SLUICE_CLIBCRYPTO_ES256_H

#include "clibcrypto_pki.h"

// As sluice_pki_trust_check for sealing; and each following certificate must have certified the one before it.
sluice_pki_verdict sluice_pki_trust_check_presented_chain(
    const sluice_pki_trust *_Nonnull trust, const sluice_pki_certificate *_Nonnull certificate,
    const sluice_pki_certificate *_Nonnull const *_Nullable following, size_t following_count, int64_t time);

#endif
