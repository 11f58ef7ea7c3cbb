// The three things a ZIP needs of zlib: raw deflate, raw inflate, CRC-32. zlib's own header stays inside czlib.c.
#ifndef SLUICE_CZLIB_H
#define SLUICE_CZLIB_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    SLUICE_ZLIB_MORE = 0,     // give more input or more room
    SLUICE_ZLIB_END = 1,      // the stream is complete
    SLUICE_ZLIB_CORRUPT = 2,  // not a deflate stream, or bits after its end
    SLUICE_ZLIB_MEMORY = 3,   // zlib could not get memory
} sluice_zlib_status;

typedef struct sluice_deflater sluice_deflater;
typedef struct sluice_inflater sluice_inflater;

// One step of a stream: what was offered, and afterwards what was taken and made.
typedef struct {
    const uint8_t *_Nullable input;
    size_t input_count;
    uint8_t *_Nonnull output;
    size_t output_count;
    size_t consumed;
    size_t produced;
} sluice_zlib_step;

// byte_count: how many bytes are to come; INT64_MAX where nobody knows.
sluice_deflater *_Nullable sluice_deflater_new(int level, int64_t byte_count);
void sluice_deflater_free(sluice_deflater *_Nullable deflater);
sluice_zlib_status sluice_deflate(sluice_deflater *_Nonnull deflater, sluice_zlib_step *_Nonnull step, int finish);

sluice_inflater *_Nullable sluice_inflater_new(void);
void sluice_inflater_free(sluice_inflater *_Nullable inflater);
sluice_zlib_status sluice_inflate(sluice_inflater *_Nonnull inflater, sluice_zlib_step *_Nonnull step);

uint32_t sluice_crc32(uint32_t crc, const uint8_t *_Nullable bytes, size_t count);

#endif
