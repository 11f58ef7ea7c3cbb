#include "czlib.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct sluice_deflater {
    z_stream stream;
};

struct sluice_inflater {
    z_stream stream;
    uint8_t last_byte;
};

static uInt clamp(size_t count) {
    return count > UINT_MAX ? UINT_MAX : (uInt)count;
}

sluice_deflater *sluice_deflater_new(int level, int64_t byte_count) {
    sluice_deflater *deflater = calloc(1, sizeof *deflater);
    if (deflater == NULL) return NULL;
    // The smallest window that holds all of it; zlib has none below 512 bytes for raw deflate.
    int window_bits = 9;
    while (window_bits < MAX_WBITS && (INT64_C(1) << window_bits) < byte_count) window_bits++;
    // Negative window bits: raw deflate, as ZIP stores it.
    if (deflateInit2(&deflater->stream, level, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(deflater);
        return NULL;
    }
    return deflater;
}

void sluice_deflater_free(sluice_deflater *deflater) {
    if (deflater == NULL) return;
    deflateEnd(&deflater->stream);
    free(deflater);
}

sluice_zlib_status sluice_deflate(sluice_deflater *deflater, sluice_zlib_step *step, int finish) {
    z_stream *stream = &deflater->stream;
    stream->next_in = (Bytef *)step->input;
    stream->avail_in = clamp(step->input_count);
    stream->next_out = step->output;
    stream->avail_out = clamp(step->output_count);
    uInt offered = stream->avail_in, room = stream->avail_out;
    int status = deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH);
    step->consumed = offered - stream->avail_in;
    step->produced = room - stream->avail_out;
    if (status == Z_STREAM_END) return SLUICE_ZLIB_END;
    return status == Z_OK || status == Z_BUF_ERROR ? SLUICE_ZLIB_MORE : SLUICE_ZLIB_CORRUPT;
}

sluice_inflater *sluice_inflater_new(void) {
    sluice_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater == NULL) return NULL;
    if (inflateInit2(&inflater->stream, -MAX_WBITS) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

void sluice_inflater_free(sluice_inflater *inflater) {
    if (inflater == NULL) return;
    inflateEnd(&inflater->stream);
    free(inflater);
}

sluice_zlib_status sluice_inflate(sluice_inflater *inflater, sluice_zlib_step *step) {
    z_stream *stream = &inflater->stream;
    stream->next_in = (Bytef *)step->input;
    stream->avail_in = clamp(step->input_count);
    stream->next_out = step->output;
    stream->avail_out = clamp(step->output_count);
    uInt offered = stream->avail_in, room = stream->avail_out;
    int status;
    do {
        // Z_BLOCK stops after each block, before zlib throws away the bits that fill up the last byte. They are bytes of the
        // package like all others, so they have one permitted value: zero.
        const Bytef *before = stream->next_in;
        status = inflate(stream, Z_BLOCK);
        if (stream->next_in != before) inflater->last_byte = stream->next_in[-1];
        if (status == Z_OK && (stream->data_type & 64) && (stream->data_type & 128)) {
            int unused = stream->data_type & 63;
            if (unused >= 8 || (unused > 0 && inflater->last_byte >> (8 - unused) != 0)) {
                status = Z_DATA_ERROR;
                break;
            }
        }
    } while (status == Z_OK && (stream->data_type & 128));
    step->consumed = offered - stream->avail_in;
    step->produced = room - stream->avail_out;
    switch (status) {
    case Z_STREAM_END: return SLUICE_ZLIB_END;
    case Z_OK:
    case Z_BUF_ERROR: return SLUICE_ZLIB_MORE;
    case Z_MEM_ERROR: return SLUICE_ZLIB_MEMORY;
    default: return SLUICE_ZLIB_CORRUPT;
    }
}

uint32_t sluice_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
    uLong value = crc;
    while (count > 0) {
        uInt part = clamp(count);
        value = crc32(value, bytes, part);
        bytes += part;
        count -= part;
    }
    return (uint32_t)value;
}
