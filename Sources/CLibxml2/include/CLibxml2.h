// An XML push parser over libxml2's SAX2 interface. This header names only our own types: libxml2's headers stay in CLibxml2.c.
//
// Bytes go in by chunks; out come flat arrays of events, so that a caller in Swift handles thousands of events per call.
// Names are interned: the same (namespace, local name) pair has the same number for the parser's life.
#ifndef SLUICE_CLIBXML2_H
#define SLUICE_CLIBXML2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sluice_xml_parser sluice_xml_parser;

/// Every limit is the most that is accepted; one more fails with SLUICE_XML_LIMIT and the limit's number in `which`.
typedef struct {
    uint32_t depth;
    uint32_t attributes;
    /// Distinct names (elements and attributes together).
    uint32_t names;
    /// Bytes of one attribute value or one run of text.
    size_t value_bytes;
    /// Bytes that may wait for the end of one tag, comment or instruction.
    size_t markup_bytes;
} sluice_xml_limits;

enum {
    SLUICE_XML_START = 0,
    SLUICE_XML_END = 1,
    SLUICE_XML_TEXT = 2,
    /// An element without content: its START and END in one. One whose end comes with the next chunk is a START and an END.
    SLUICE_XML_EMPTY = 3
};

typedef struct {
    uint32_t kind;
    /// START, END and EMPTY: number of the element's name.
    uint32_t name;
    /// Line on which the element's start tag begins (START, EMPTY), or on which the parser stands.
    uint32_t line;
    /// START and EMPTY: position of the first attribute. TEXT: position of the first byte.
    uint32_t first;
    /// START and EMPTY: number of attributes. TEXT: number of bytes.
    uint32_t count;
} sluice_xml_event;

typedef struct {
    uint32_t name;
    /// Position of the value's first byte; entities and character references are replaced already.
    uint32_t first;
    uint32_t count;
} sluice_xml_attribute;

/// The events of one chunk; valid until the next room is asked for.
typedef struct {
    const sluice_xml_event *events;
    const sluice_xml_attribute *attributes;
    const uint8_t *bytes;
    size_t event_count;
} sluice_xml_batch;

enum {
    SLUICE_XML_OK = 0,
    SLUICE_XML_MALFORMED = 1,
    SLUICE_XML_TRUNCATED = 2,
    SLUICE_XML_ENCODING = 3,
    SLUICE_XML_LIMIT = 4,
    SLUICE_XML_FORBIDDEN = 5,
    SLUICE_XML_MEMORY = 6
};

enum {
    SLUICE_XML_LIMIT_DEPTH = 1,
    SLUICE_XML_LIMIT_ATTRIBUTES = 2,
    SLUICE_XML_LIMIT_NAMES = 3,
    SLUICE_XML_LIMIT_VALUE = 4,
    SLUICE_XML_LIMIT_MARKUP = 5
};

typedef struct {
    int32_t code;
    /// SLUICE_XML_LIMIT: which limit.
    int32_t which;
    uint32_t line;
    uint32_t column;
    /// The parser's own words, without a line end.
    char message[256];
} sluice_xml_error;

/// NULL when there is no memory. At most `chunk_bytes` go in at a time. With `takes_plain_markup` simple tags are taken without libxml2; events are
/// the same.
sluice_xml_parser *sluice_xml_create(const sluice_xml_limits *limits, size_t chunk_bytes, int32_t takes_plain_markup);
void sluice_xml_free(sluice_xml_parser *parser);

/// Where the next bytes go, `chunk_bytes` at most; the batch before is no longer valid.
uint8_t *sluice_xml_room(sluice_xml_parser *parser);

/// Parses the `count` bytes that have been put into the room (with `is_last` the end of the document as well) and describes what they held in `batch`.
/// Bytes of a tag without an end wait for the next call. After an error, which stays, the events before it are still in `batch`.
int32_t sluice_xml_feed(sluice_xml_parser *parser, size_t count, int32_t is_last, sluice_xml_batch *batch);

const sluice_xml_error *sluice_xml_last_error(const sluice_xml_parser *parser);

/// How many elements were taken as plain markup.
uint64_t sluice_xml_plain_element_count(const sluice_xml_parser *parser);

/// How many names there are so far, and each of them: namespace URI ("" for none) and local name.
uint32_t sluice_xml_name_count(const sluice_xml_parser *parser);
const char *sluice_xml_name_local(const sluice_xml_parser *parser, uint32_t name);
const char *sluice_xml_name_namespace(const sluice_xml_parser *parser, uint32_t name);

/// Namespace prefixes declared on the root element: 0 when `index` is past the last.
int32_t sluice_xml_root_namespace(const sluice_xml_parser *parser, uint32_t index, const char **prefix, const char **uri);

#ifdef __cplusplus
}
#endif

#endif
