#define _GNU_SOURCE
#include "Parser.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

// Markup that is longer than this without an end is looked at before libxml2 sees its end: libxml2 compares each attribute of a
// tag with every other, so their number has to be bounded before they are parsed.
#define MARKUP_BYTES_UNWATCHED (64 * 1024)
// Attributes of more bytes than this are copied one by one.
#define ATTRIBUTES_BYTES_AT_ONCE 4096

static pthread_once_t initialised = PTHREAD_ONCE_INIT;

// MARK: Errors

// Sets where an error is, from libxml2's line and column.
static void set_place(sluice_xml_parser *parser, int line, int column) {
    const plain_markup *plain = &parser->plain;
    if (line == plain->detour_line && column > 0) {
        // Libxml2 has not seen the whole line; what stands before is in the input as it came, or nobody knows its length any more.
        const uint8_t *line_end = plain->detour_first == SIZE_MAX ? NULL : memrchr(parser->bytes, '\n', plain->detour_first);
        if (line_end != NULL && line_end < parser->bytes + plain->replaced_end) line_end = NULL;
        column = line_end == NULL ? 0 : column - plain->detour_column + 1;
        for (const uint8_t *at = line_end; at != NULL && ++at < parser->bytes + plain->detour_first;) column += (*at & 0xC0) != 0x80;
    }
    parser->error.line = line > 0 ? (uint32_t)line + plain->lines : 0;
    parser->error.column = column > 0 ? (uint32_t)column : 0;
}

void sluice_xml_stop(sluice_xml_parser *parser, int32_t code, int32_t which, const char *message) {
    if (parser->error.code == SLUICE_XML_OK) {
        parser->error.code = code;
        parser->error.which = which;
        if (parser->context != NULL && parser->context->input != NULL) {
            set_place(parser, parser->context->input->line, parser->context->input->col);
        }
        strncpy(parser->error.message, message, sizeof parser->error.message - 1);
    }
    if (parser->context != NULL) xmlStopParser(parser->context);
}

static int32_t error_class(const sluice_xml_parser *parser, const xmlError *error) {
    switch (error->code) {
    case XML_ERR_NO_MEMORY: return SLUICE_XML_MEMORY;
    case XML_ERR_INVALID_ENCODING: case XML_ERR_UNKNOWN_ENCODING: case XML_ERR_UNSUPPORTED_ENCODING: case XML_I18N_CONV_FAILED:
    case XML_I18N_NO_HANDLER: case XML_I18N_NO_NAME: case XML_I18N_EXCESS_HANDLER: case XML_IO_ENCODER:
        return SLUICE_XML_ENCODING;
    case XML_ERR_INVALID_CHAR:
        if (error->message != NULL && strstr(error->message, "UTF-8") != NULL) return SLUICE_XML_ENCODING;
        return SLUICE_XML_MALFORMED;
    case XML_ERR_NAME_TOO_LONG:
        return SLUICE_XML_LIMIT;
    case XML_ERR_UNDECLARED_ENTITY: case XML_WAR_UNDECLARED_ENTITY:
        return SLUICE_XML_FORBIDDEN;
    case XML_ERR_DOCUMENT_END:
        return parser->has_root && parser->depth > 0 ? SLUICE_XML_TRUNCATED : SLUICE_XML_MALFORMED;
    default:
        // What breaks only when the end is reached broke because the end came too early.
        return parser->is_terminating && parser->has_root ? SLUICE_XML_TRUNCATED : SLUICE_XML_MALFORMED;
    }
}

static void on_error(void *data, xmlErrorPtr error) {
    sluice_xml_parser *parser = data;
    if (error == NULL || parser->error.code != SLUICE_XML_OK) return;
    // An unbound prefix is only an "error" to libxml2; a name without a meaning is worth no less than a missing bracket to us.
    int is_namespace = error->domain == XML_FROM_NAMESPACE && error->code == XML_NS_ERR_UNDEFINED_NAMESPACE;
    int is_entity = error->code == XML_WAR_UNDECLARED_ENTITY;
    if (error->level < XML_ERR_FATAL && !is_namespace && !is_entity) return;
    parser->error.code = error_class(parser, error);
    if (parser->error.code == SLUICE_XML_LIMIT) parser->error.which = SLUICE_XML_LIMIT_MARKUP;
    set_place(parser, error->line, error->int2);
    if (error->code == XML_ERR_TAG_NAME_MISMATCH && error->str1 != NULL && error->str2 != NULL) {
        // Libxml2 names the line of the start tag, and may not have seen all lines.
        snprintf(parser->error.message, sizeof parser->error.message, "the end tag of %.100s stands where that of %.100s should", error->str2, error->str1);
    } else if (error->message != NULL) {
        strncpy(parser->error.message, error->message, sizeof parser->error.message - 1);
        size_t length = strlen(parser->error.message);
        while (length > 0 && (parser->error.message[length - 1] == '\n' || parser->error.message[length - 1] == ' ')) parser->error.message[--length] = 0;
        for (size_t i = 0; i < length; i++) if (parser->error.message[i] == '\n') parser->error.message[i] = ' ';
    }
    xmlStopParser(parser->context);
}

// MARK: Room

int sluice_xml_reserve(void **base, size_t *capacity, size_t count, size_t more, size_t size) {
    if (count + more <= *capacity) return 1;
    size_t wanted = *capacity == 0 ? 1024 : *capacity * 2;
    while (wanted < count + more) wanted *= 2;
    if (wanted > UINT32_MAX) return 0;
    void *grown = realloc(*base, wanted * size);
    if (grown == NULL) return 0;
    *base = grown;
    *capacity = wanted;
    return 1;
}

static inline uint32_t slot_of(const xmlChar *local, const xmlChar *uri) {
    uint64_t hash = ((uint64_t)(uintptr_t)local * UINT64_C(0x9e3779b97f4a7c15)) ^ ((uint64_t)(uintptr_t)uri * UINT64_C(0xd6e8feb86659fd93));
    return (uint32_t)(hash >> 29);
}

static int grow_slots(sluice_xml_parser *parser) {
    uint32_t count = (parser->slot_mask + 1) * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL) return 0;
    for (uint32_t name = 0; name < parser->name_count; name++) {
        uint32_t slot = slot_of(parser->names[name].local, parser->names[name].uri) & (count - 1);
        while (slots[slot] != 0) slot = (slot + 1) & (count - 1);
        slots[slot] = name + 1;
    }
    free(parser->slots);
    parser->slots = slots;
    parser->slot_mask = count - 1;
    return 1;
}

// libxml2 keeps every name and namespace once in its dictionary, so two pointers tell a name.
static uint32_t intern_slowly(sluice_xml_parser *parser, const xmlChar *local, const xmlChar *uri) {
    uint32_t slot = slot_of(local, uri) & parser->slot_mask;
    while (parser->slots[slot] != 0) {
        name_entry *entry = &parser->names[parser->slots[slot] - 1];
        if (entry->local == local && entry->uri == uri) return parser->slots[slot] - 1;
        slot = (slot + 1) & parser->slot_mask;
    }
    if (parser->name_count >= parser->limits.names) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_NAMES, "too many distinct names");
        return 0;
    }
    size_t capacity = parser->name_capacity;
    if (!sluice_xml_reserve((void **)&parser->names, &capacity, parser->name_count, 1, sizeof *parser->names)) {
        sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
        return 0;
    }
    parser->name_capacity = (uint32_t)capacity;
    uint32_t name = parser->name_count++;
    parser->names[name].local = local;
    parser->names[name].uri = uri;
    parser->slots[slot] = name + 1;
    if (parser->name_count * 2 > parser->slot_mask && !grow_slots(parser)) sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
    return name;
}

static inline uint32_t intern(sluice_xml_parser *parser, const xmlChar *local, const xmlChar *uri) {
    recent_name *recent = &parser->recent[((uintptr_t)local ^ ((uintptr_t)local >> 9)) % RECENT_NAMES];
    if (recent->local == local && recent->uri == uri) return recent->name;
    uint32_t name = intern_slowly(parser, local, uri);
    if (parser->error.code == SLUICE_XML_OK) {
        recent->local = local;
        recent->uri = uri;
        recent->name = name;
    }
    return name;
}

// MARK: SAX

static inline int add_bytes(sluice_xml_parser *parser, const void *bytes, size_t count) {
    if (parser->byte_count + count > parser->byte_capacity &&
        !sluice_xml_reserve((void **)&parser->bytes, &parser->byte_capacity, parser->byte_count, count, 1)) {
        sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
        return 0;
    }
    memcpy(parser->bytes + parser->byte_count, bytes, count);
    parser->byte_count += count;
    return 1;
}

static void flush_text(sluice_xml_parser *parser, int keeps_blank) {
    if (parser->text_count > 0 && (keeps_blank || !parser->text_is_blank)) {
        size_t first = parser->byte_count;
        if (add_bytes(parser, parser->text, parser->text_count)) {
            sluice_xml_event *event = add_event(parser);
            if (event != NULL) {
                event->kind = SLUICE_XML_TEXT;
                event->name = 0;
                event->line = current_line(parser);
                event->first = (uint32_t)first;
                event->count = (uint32_t)parser->text_count;
                parser->last_kind = SLUICE_XML_TEXT;
            }
        }
    }
    parser->text_count = 0;
    parser->text_is_blank = 1;
}

static inline void note_line(sluice_xml_parser *parser, uint32_t line) {
    parser->last_line = line;
    parser->text_lines = 0;
}

// libxml2 counts lines up to the end of the start tag; people look for its beginning.
static inline uint32_t tag_line(const sluice_xml_parser *parser) {
    xmlParserInputPtr input = parser->context->input;
    uint32_t line = (uint32_t)input->line;
    // Most tags are on one line: then the text before them accounts for every new one.
    if (line == parser->last_line + parser->text_lines) return line;
    if (input->cur <= input->base) return line;
    const xmlChar *start = memrchr(input->base, '<', (size_t)(input->cur - input->base));
    if (start == NULL) return line;
    for (const xmlChar *at = start; (at = memchr(at, '\n', (size_t)(input->cur - at))) != NULL; at++) {
        if (line > 1) line--;
    }
    return line;
}

static void on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                     int attribute_count, int defaulted_count, const xmlChar **attributes) {
    sluice_xml_parser *parser = data;
    (void)defaulted_count;
    if (parser->error.code != SLUICE_XML_OK) return;
    if (parser->plain.handed_over > 0) {
        // Its event has been given already.
        parser->plain.handed_over--;
        return;
    }
    if (parser->text_count > 0) flush_text(parser, 0);
    if (++parser->depth > parser->limits.depth) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_DEPTH, "elements are nested too deep");
        return;
    }
    if ((uint32_t)attribute_count > parser->limits.attributes || (uint32_t)namespace_count > parser->limits.attributes) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_ATTRIBUTES, "an element has too many attributes");
        return;
    }
    if (!parser->has_root) {
        parser->has_root = 1;
        for (int i = 0; i < namespace_count && i < ROOT_NAMESPACES_MAX; i++) {
            parser->root_prefixes[i] = namespaces[2 * i] != NULL ? namespaces[2 * i] : (const xmlChar *)"";
            parser->root_uris[i] = namespaces[2 * i + 1] != NULL ? namespaces[2 * i + 1] : (const xmlChar *)"";
            parser->root_namespace_count = (uint32_t)i + 1;
        }
    }
    size_t first = parser->attribute_count;
    if (!sluice_xml_reserve((void **)&parser->attributes, &parser->attribute_capacity, first, (size_t)attribute_count, sizeof *parser->attributes)) {
        sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
        return;
    }
    // Values without references stand in the input, one after the other: then one copy takes them all, with the names between them.
    const xmlParserInputPtr input = parser->context->input;
    const xmlChar *from = attribute_count > 0 ? attributes[3] : NULL, *to = attribute_count > 0 ? attributes[5 * (attribute_count - 1) + 4] : NULL;
    int is_one_copy = attribute_count > 1 && from >= input->base && to <= input->end && to >= from && (size_t)(to - from) <= ATTRIBUTES_BYTES_AT_ONCE;
    for (int i = 0; is_one_copy && i < attribute_count; i++) is_one_copy = attributes[5 * i + 3] >= from && attributes[5 * i + 4] <= to;
    size_t start = parser->byte_count;
    if (is_one_copy && !add_bytes(parser, from, (size_t)(to - from))) return;
    for (int i = 0; i < attribute_count; i++) {
        const xmlChar **attribute = attributes + 5 * i;
        size_t count = (size_t)(attribute[4] - attribute[3]);
        if (count > parser->limits.value_bytes) {
            sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_VALUE, "an attribute value is too long");
            return;
        }
        sluice_xml_attribute *slot = &parser->attributes[first + (size_t)i];
        slot->name = intern(parser, attribute[0], attribute[2]);
        // Stopping the parser frees its buffer, and the values with it.
        if (parser->error.code != SLUICE_XML_OK) return;
        slot->first = (uint32_t)(is_one_copy ? start + (size_t)(attribute[3] - from) : parser->byte_count);
        slot->count = (uint32_t)count;
        if (!is_one_copy && !add_bytes(parser, attribute[3], count)) return;
    }
    uint32_t name = intern(parser, local, uri);
    if (parser->error.code != SLUICE_XML_OK) return;
    parser->attribute_count = first + (size_t)attribute_count;
    parser->open[parser->depth - 1] = namespace_count > 0 ? name | DECLARES_NAMESPACES : name;
    if (namespace_count > 0) {
        sluice_plain_forget(parser);
    } else {
        sluice_plain_learn_element(parser, prefix, local, name);
        for (int i = 0; i < attribute_count; i++) {
            sluice_plain_learn_attribute(parser, attributes[5 * i + 1], attributes[5 * i], parser->attributes[first + (size_t)i].name);
        }
    }
    uint32_t line = tag_line(parser) + parser->plain.lines;
    note_line(parser, (uint32_t)parser->context->input->line);
    sluice_xml_event *event = add_event(parser);
    if (event == NULL) return;
    event->kind = SLUICE_XML_START;
    event->name = name;
    event->line = line;
    event->first = (uint32_t)first;
    event->count = (uint32_t)attribute_count;
    parser->last_kind = SLUICE_XML_START;
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri) {
    sluice_xml_parser *parser = data;
    (void)local;
    (void)prefix;
    (void)uri;
    if (parser->error.code != SLUICE_XML_OK || parser->depth == 0) return;
    if (parser->text_count > 0) {
        // Blank text is a value in an element that holds nothing else, and layout everywhere else.
        flush_text(parser, parser->last_kind == SLUICE_XML_START);
    }
    uint32_t name = parser->open[--parser->depth];
    if (name & DECLARES_NAMESPACES) sluice_plain_forget(parser);
    note_line(parser, (uint32_t)parser->context->input->line);
    if (parser->event_count > 0 && parser->last_kind == SLUICE_XML_START) {
        parser->events[parser->event_count - 1].kind = parser->last_kind = SLUICE_XML_EMPTY;
        return;
    }
    sluice_xml_event *event = add_event(parser);
    if (event == NULL) return;
    event->kind = SLUICE_XML_END;
    event->name = name & ~DECLARES_NAMESPACES;
    event->line = current_line(parser);
    event->first = 0;
    event->count = 0;
    parser->last_kind = SLUICE_XML_END;
}

static void on_text(void *data, const xmlChar *text, int count) {
    sluice_xml_parser *parser = data;
    if (parser->error.code != SLUICE_XML_OK || count <= 0) return;
    if (parser->text_count + (size_t)count > parser->limits.value_bytes) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_VALUE, "a text is too long");
        return;
    }
    if (!sluice_xml_reserve((void **)&parser->text, &parser->text_capacity, parser->text_count, (size_t)count, 1)) {
        sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
        return;
    }
    memcpy(parser->text + parser->text_count, text, (size_t)count);
    parser->text_count += (size_t)count;
    for (int i = 0; parser->text_is_blank && i < count; i++) {
        if (text[i] == '\n') {
            parser->text_lines++;
        } else if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
            parser->text_is_blank = 0;
            // No longer counted: the next tag looks for its own beginning.
            parser->text_lines = UINT32_MAX / 2;
        }
    }
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
    (void)name;
    (void)external;
    (void)system;
    sluice_xml_stop(data, SLUICE_XML_FORBIDDEN, 0, "a DOCTYPE is never accepted");
}

// MARK: Life

sluice_xml_parser *sluice_xml_create(const sluice_xml_limits *limits, size_t chunk_bytes, int32_t takes_plain_markup) {
    pthread_once(&initialised, xmlInitParser);
    sluice_xml_parser *parser = calloc(1, sizeof *parser);
    if (parser == NULL) return NULL;
    parser->limits = *limits;
    parser->text_is_blank = 1;
    parser->slot_mask = 255;
    parser->slots = calloc(parser->slot_mask + 1, sizeof *parser->slots);
    parser->open = calloc((size_t)limits->depth + 1, sizeof *parser->open);
    parser->last_line = 1;
    xmlSAXHandler handler;
    memset(&handler, 0, sizeof handler);
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = on_start;
    handler.endElementNs = on_end;
    handler.characters = on_text;
    handler.ignorableWhitespace = on_text;
    handler.cdataBlock = on_text;
    handler.internalSubset = on_doctype;
    handler.serror = on_error;
    parser->context = xmlCreatePushParserCtxt(&handler, parser, NULL, 0, NULL);
    parser->chunk_bytes = chunk_bytes;
    parser->byte_capacity = WAITING_BYTES_MAX + chunk_bytes + INPUT_PADDING;
    parser->bytes = calloc(1, parser->byte_capacity);
    parser->plain.is_on = takes_plain_markup;
    parser->last_kind = SLUICE_XML_END;
    if (parser->context == NULL || parser->slots == NULL || parser->open == NULL || parser->bytes == NULL || !sluice_plain_create(parser)) {
        sluice_xml_free(parser);
        return NULL;
    }
    // NOENT: without it libxml2 hands out "&#38;" for an ampersand in an attribute. No entity can be declared, since a DOCTYPE stops the parser.
    xmlCtxtUseOptions(parser->context, XML_PARSE_NONET | XML_PARSE_NOENT);
    return parser;
}

void sluice_xml_free(sluice_xml_parser *parser) {
    if (parser == NULL) return;
    if (parser->context != NULL) {
        xmlFreeDoc(parser->context->myDoc);
        parser->context->myDoc = NULL;
        xmlFreeParserCtxt(parser->context);
    }
    sluice_plain_free(parser);
    free(parser->events);
    free(parser->attributes);
    free(parser->bytes);
    free(parser->text);
    free(parser->names);
    free(parser->slots);
    free(parser->open);
    free(parser);
}

// Counts what look like attributes in the tag that waits for its end.
static int has_too_many_attributes(const sluice_xml_parser *parser, const xmlChar *from, const xmlChar *to) {
    if (from == to || *from != '<' || (to - from > 1 && from[1] == '!')) return 0;
    uint32_t count = 0;
    xmlChar quote = 0;
    for (const xmlChar *at = from; at < to; at++) {
        if (quote != 0) {
            const xmlChar *end = memchr(at, quote, (size_t)(to - at));
            if (end == NULL) return 0;
            at = end;
            quote = 0;
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
            if (++count > parser->limits.attributes) return 1;
        }
    }
    return 0;
}

static void parse(sluice_xml_parser *parser, const uint8_t *bytes, size_t count, int is_last) {
    if (count > INT_MAX) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_MARKUP, "the chunk is too large");
        return;
    }
    int code = xmlParseChunk(parser->context, (const char *)bytes, (int)count, is_last);
    if (parser->error.code != SLUICE_XML_OK) return;
    if (code != XML_ERR_OK && !parser->context->wellFormed) {
        // libxml2 stopped without a word to us.
        sluice_xml_stop(parser, parser->is_terminating && parser->has_root ? SLUICE_XML_TRUNCATED : SLUICE_XML_MALFORMED, 0, "the document is not well-formed");
        return;
    }
    xmlParserInputPtr input = parser->context->input;
    if (is_last || input == NULL || input->cur == NULL) return;
    size_t waiting = (size_t)(input->end - input->cur);
    if (waiting > parser->limits.markup_bytes) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_MARKUP, "markup has no end");
    } else if (waiting > MARKUP_BYTES_UNWATCHED && has_too_many_attributes(parser, input->cur, input->end)) {
        sluice_xml_stop(parser, SLUICE_XML_LIMIT, SLUICE_XML_LIMIT_ATTRIBUTES, "an element has too many attributes");
    }
}

static void refuse_nul(sluice_xml_parser *parser, const uint8_t *bytes, size_t count) {
    if (parser->is_wide || count == 0 || parser->error.code != SLUICE_XML_OK) return;
    const uint8_t *nul = memchr(bytes, 0, count);
    if (nul == NULL) return;
    // What stands before it may hold an error that comes first.
    size_t before = (size_t)(nul - bytes);
    if (before > 0) parse(parser, bytes, before, 0);
    sluice_xml_stop(parser, SLUICE_XML_MALFORMED, 0, "a NUL character is not allowed in XML");
}

// Gives libxml2 the next bytes of the input.
static void consume(sluice_xml_parser *parser, size_t count) {
    // Libxml2 copies them before it parses; copied values may move the buffer only then.
    const uint8_t *bytes = parser->bytes + parser->input_first;
    parser->input_first += count;
    refuse_nul(parser, bytes, count);
    if (parser->error.code == SLUICE_XML_OK) parse(parser, bytes, count, 0);
}

// The encoding shows in the first four bytes: libxml2 has to see them together.
static void consume_head(sluice_xml_parser *parser, int is_last) {
    if (parser->input_count < 4 && !is_last) return;
    const uint8_t *head = parser->bytes;
    size_t count = parser->input_count < 4 ? parser->input_count : 4;
    parser->has_head = 1;
    parser->is_wide = count == 4 && ((head[0] == 0xFE && head[1] == 0xFF) || (head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0 && head[1] == '<') ||
                                     (head[0] == '<' && head[1] == 0));
    if (count > 0) consume(parser, count);
}

// Whether the next byte of the input stands between the tags of some element, and is UTF-8.
static inline int is_in_content(const sluice_xml_parser *parser) {
    if (parser->plain.open_count > 0) return 1;
    const xmlParserInputPtr input = parser->context->input;
    return parser->depth > 0 && parser->text_count == 0 && parser->context->instate == XML_PARSER_CONTENT && parser->context->inputNr == 1 &&
           input->cur == input->end && input->buf != NULL && input->buf->encoder == NULL && !parser->is_wide;
}

// Leaves what comes next to libxml2, which is told of the open elements that it does not know.
static int hand_over(sluice_xml_parser *parser) {
    plain_markup *plain = &parser->plain;
    uint8_t tags[PLAIN_DEPTH_MAX * (RAW_BYTES_MAX + 2)];
    size_t count = 0;
    for (uint32_t index = 0; index < plain->open_count; index++) {
        const raw_name *raw = &plain->elements[plain->open[index]];
        tags[count++] = '<';
        memcpy(tags + count, raw->bytes, raw->count);
        count += raw->count;
        tags[count++] = '>';
    }
    plain->handed_over = plain->open_count;
    plain->open_count = 0;
    if (count > 0) parse(parser, tags, count, 0);
    if (parser->error.code != SLUICE_XML_OK) return 0;
    if (plain->has_taken) {
        plain->detour_line = parser->context->input->line;
        plain->detour_column = parser->context->input->col;
        plain->detour_first = parser->input_first;
    }
    return 1;
}

// Libxml2 takes a byte that is not UTF-8 for a cut character where fewer than four bytes are left.
static int ends_in_non_ascii(const uint8_t *from, const uint8_t *last) {
    for (const uint8_t *at = last; at > from && at > last - 4; at--) {
        if (at[-1] >= 0x80) return 1;
    }
    return 0;
}

// Libxml2 takes what comes next, up to the end of some tag; more at a time the longer nothing is plain.
static void take_detour(sluice_xml_parser *parser) {
    plain_markup *plain = &parser->plain;
    const uint8_t *from = parser->bytes + parser->input_first;
    size_t left = parser->input_count - parser->input_first, count = left;
    if (plain->is_on && !parser->is_wide && plain->detour_bytes <= left) {
        const uint8_t *const all = from + left, *end = from + plain->detour_bytes - 1;
        while ((end = memchr(end, '>', (size_t)(all - end))) != NULL && ends_in_non_ascii(from, end)) end++;
        if (end != NULL) count = (size_t)(end - from) + 1;
        plain->detour_bytes *= 2;
    }
    consume(parser, count);
}

static void consume_input(sluice_xml_parser *parser, int is_last) {
    plain_markup *plain = &parser->plain;
    while (parser->input_first < parser->input_count && parser->error.code == SLUICE_XML_OK) {
        if (plain->is_on && is_in_content(parser)) {
            size_t first = parser->input_first;
            int is_short = sluice_plain_scan(parser);
            if (parser->input_first > first) {
                plain->detour_bytes = 1;
                plain->has_taken = 1;
            }
            if (parser->input_first == parser->input_count || parser->error.code != SLUICE_XML_OK) return;
            if (is_short && !is_last && parser->input_count - parser->input_first <= WAITING_BYTES_MAX) return;
            if (!hand_over(parser)) return;
        }
        take_detour(parser);
    }
}

uint8_t *sluice_xml_room(sluice_xml_parser *parser) {
    size_t waiting = parser->input_count - parser->input_first;
    if (parser->input_first > 0) memmove(parser->bytes, parser->bytes + parser->input_first, waiting);
    parser->input_first = 0;
    parser->input_count = waiting;
    parser->plain.detour_first = SIZE_MAX;
    parser->plain.replaced_end = 0;
    return parser->bytes + waiting;
}

int32_t sluice_xml_feed(sluice_xml_parser *parser, size_t count, int32_t is_last, sluice_xml_batch *batch) {
    parser->event_count = 0;
    parser->attribute_count = 0;
    parser->input_count += count;
    memset(parser->bytes + parser->input_count, 0, INPUT_PADDING);
    parser->byte_count = parser->input_count + INPUT_PADDING;
    if (parser->error.code == SLUICE_XML_OK && !parser->has_head) consume_head(parser, is_last);
    if (parser->error.code == SLUICE_XML_OK && parser->has_head) consume_input(parser, is_last);
    if (is_last && parser->error.code == SLUICE_XML_OK) {
        parser->is_terminating = 1;
        if (!is_in_content(parser) || hand_over(parser)) parse(parser, NULL, 0, 1);
        if (parser->error.code == SLUICE_XML_OK && (!parser->has_root || parser->depth > 0)) {
            sluice_xml_stop(parser, parser->has_root ? SLUICE_XML_TRUNCATED : SLUICE_XML_MALFORMED, 0, "the document ends too early");
        }
    }
    if (parser->error.code != SLUICE_XML_OK) parser->input_first = parser->input_count = 0;
    batch->events = parser->events;
    batch->attributes = parser->attributes;
    batch->bytes = parser->bytes;
    batch->event_count = parser->event_count;
    return parser->error.code;
}

const sluice_xml_error *sluice_xml_last_error(const sluice_xml_parser *parser) { return &parser->error; }

uint64_t sluice_xml_plain_element_count(const sluice_xml_parser *parser) { return parser->plain.element_count; }

uint32_t sluice_xml_name_count(const sluice_xml_parser *parser) { return parser->name_count; }

const char *sluice_xml_name_local(const sluice_xml_parser *parser, uint32_t name) {
    return name < parser->name_count ? (const char *)parser->names[name].local : "";
}

const char *sluice_xml_name_namespace(const sluice_xml_parser *parser, uint32_t name) {
    return name < parser->name_count && parser->names[name].uri != NULL ? (const char *)parser->names[name].uri : "";
}

int32_t sluice_xml_root_namespace(const sluice_xml_parser *parser, uint32_t index, const char **prefix, const char **uri) {
    if (index >= parser->root_namespace_count) return 0;
    *prefix = (const char *)parser->root_prefixes[index];
    *uri = (const char *)parser->root_uris[index];
    return 1;
}
