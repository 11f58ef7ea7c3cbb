// The parser's own state, shared by its two lanes: libxml2 (CLibxml2.c) and plain markup (PlainMarkup.c).
#ifndef SLUICE_PARSER_H
#define SLUICE_PARSER_H

#include "CLibxml2.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#define ROOT_NAMESPACES_MAX 64

typedef struct {
    const xmlChar *local;
    const xmlChar *uri;
} name_entry;

// The names seen last, found by their pointer alone.
#define RECENT_NAMES 512
typedef struct {
    const xmlChar *local;
    const xmlChar *uri;
    uint32_t name;
} recent_name;

#define DECLARES_NAMESPACES 0x80000000u

// Readable bytes behind the input, so that words can be loaded across its end.
#define INPUT_PADDING 64
// A tag that waits for its end with more bytes than this goes to libxml2.
#define WAITING_BYTES_MAX (16 * 1024)

// A name as it is written, prefix included; behind an attribute's name `="`.
#define RAW_BYTES_MAX 64
typedef struct {
    union {
        uint8_t bytes[RAW_BYTES_MAX];
        uint64_t words[RAW_BYTES_MAX / 8];
    };
    // 0 for a free slot.
    uint32_t count;
    uint32_t name;
    // Slots of what came next when it was met last: the next start tag or attribute, and an element's first attribute.
    uint32_t next, first_attribute;
} raw_name;

#define RAW_NAMES 256
#define PLAIN_DEPTH_MAX 64

typedef struct {
    int is_on;
    // What names mean as they are written, here: of elements, and of attributes.
    raw_name *elements, *attributes;
    // Slots of the open elements that libxml2 has not been told of.
    uint32_t open[PLAIN_DEPTH_MAX];
    uint32_t open_count;
    // Start tags that libxml2 is being told of, whose events have been given.
    uint32_t handed_over;
    // Elements that libxml2 has not seen, and line ends.
    uint64_t element_count;
    uint32_t lines;
    // Whether any markup has been taken, so that libxml2 does not know where it stands.
    int has_taken;
    // Its line and column when it was given the input from `detour_first` on; SIZE_MAX when that input is gone.
    int detour_line, detour_column;
    size_t detour_first;
    // Where the last value of the input ends in which references were replaced; 0 when there is none.
    size_t replaced_end;
    // By name: the tag in which the attribute stood last.
    uint32_t *tag_of_attribute;
    uint32_t tag;
    // Bytes given to libxml2 at a time while nothing is plain.
    size_t detour_bytes;
} plain_markup;

struct sluice_xml_parser {
    xmlParserCtxtPtr context;
    sluice_xml_limits limits;
    sluice_xml_error error;
    uint32_t depth;
    // The names of the open elements, with DECLARES_NAMESPACES.
    uint32_t *open;
    int has_root;
    int is_wide;
    int is_terminating;
    int has_head;

    sluice_xml_event *events;
    size_t event_count, event_capacity;
    sluice_xml_attribute *attributes;
    size_t attribute_count, attribute_capacity;
    // The bytes of the input that are in hand, `INPUT_PADDING` bytes that no one reads as text, and behind them values that had to be copied.
    uint8_t *bytes;
    size_t byte_count, byte_capacity;
    // Where the input begins that has not been consumed, and where it ends.
    size_t input_first, input_count;
    size_t chunk_bytes;

    // Kind of the event before the next one, in this batch or an earlier one.
    uint32_t last_kind;

    // Text since the last tag; it may have come in several pieces.
    uint8_t *text;
    size_t text_count, text_capacity;
    int text_is_blank;
    // Lines: that of the last event, and how many line ends the blank text since then had.
    uint32_t last_line, text_lines;

    name_entry *names;
    uint32_t name_count, name_capacity;
    // Open addressing on the dictionary's pointers; holds name + 1, 0 for free.
    uint32_t *slots;
    uint32_t slot_mask;
    recent_name recent[RECENT_NAMES];

    plain_markup plain;

    const xmlChar *root_prefixes[ROOT_NAMESPACES_MAX];
    const xmlChar *root_uris[ROOT_NAMESPACES_MAX];
    uint32_t root_namespace_count;
};

// MARK: What both lanes do

void sluice_xml_stop(sluice_xml_parser *parser, int32_t code, int32_t which, const char *message);
int sluice_xml_reserve(void **base, size_t *capacity, size_t count, size_t more, size_t size);

static inline sluice_xml_event *add_event(sluice_xml_parser *parser) {
    if (parser->event_count == parser->event_capacity &&
        !sluice_xml_reserve((void **)&parser->events, &parser->event_capacity, parser->event_count, 1, sizeof *parser->events)) {
        sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
        return NULL;
    }
    return &parser->events[parser->event_count++];
}

// The line of the document on which libxml2 stands.
static inline uint32_t current_line(const sluice_xml_parser *parser) { return (uint32_t)parser->context->input->line + parser->plain.lines; }

// MARK: Plain markup

int sluice_plain_create(sluice_xml_parser *parser);
void sluice_plain_free(sluice_xml_parser *parser);
// Learns what a name means where namespaces are as they are now.
void sluice_plain_learn_element(sluice_xml_parser *parser, const xmlChar *prefix, const xmlChar *local, uint32_t name);
void sluice_plain_learn_attribute(sluice_xml_parser *parser, const xmlChar *prefix, const xmlChar *local, uint32_t name);
// Forgets every name: namespaces have changed.
void sluice_plain_forget(sluice_xml_parser *parser);
// Consumes plain tags from `input_first` on. True where it stopped because the input ended, perhaps within a tag that began at `input_first`.
int sluice_plain_scan(sluice_xml_parser *parser);

#endif
