#include "pki_internal.h"

#include "include/clibcrypto_pki_chain.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <string.h>

bool sluice_pki_ocsp_is_der(const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    if (count > LONG_MAX) return false;
    const unsigned char *cursor = bytes;
    unsigned char *again = NULL;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &cursor, (long)count);
    OCSP_BASICRESP *basic = response != NULL ? OCSP_response_get1_basic(response) : NULL;
    int length = basic != NULL ? i2d_OCSP_BASICRESP(basic, &again) : 0;
    // The answer proper lies in an OCTET STRING at the end of the response, which is compared byte by byte.
    bool same = length > 0 && (size_t)length <= count && memcmp(bytes + count - length, again, (size_t)length) == 0;
    OPENSSL_free(again);
    again = NULL;
    length = same ? i2d_OCSP_RESPONSE(response, &again) : 0;
    same = same && length > 0 && (size_t)length == count && memcmp(bytes, again, count) == 0;
    OPENSSL_free(again);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    return same;
}
