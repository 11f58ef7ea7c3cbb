// Plain markup: the tags that make up nearly all of a data message, taken without libxml2.
//
// A tag is plain when libxml2 has met its names where namespaces were as they are now, when its values are UTF-8 with no references but the five
// that XML itself defines, and when nothing else is in it. Everything else goes to libxml2, and so does every tag that is not well-formed: this lane accepts or stands aside, it never
// judges. Libxml2 is told of the open elements first (`hand_over` in CLibxml2.c), and never sees the plain elements that have ended: a document
// without a well-formed element of its content is as well-formed as the one with it.
#include "Parser.h"

// MARK: Names

static inline uint64_t word_at(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// The lowest `count` bytes, at most eight.
static inline uint64_t lowest(uint64_t word, size_t count) { return count >= 8 ? word : word & ((UINT64_C(1) << (8 * count)) - 1); }

static inline int begins_with(const uint8_t *at, const raw_name *raw, size_t count) {
    size_t index = 0;
    for (; index + 8 <= count; index += 8) {
        if (word_at(at + index) != raw->words[index / 8]) return 0;
    }
    return lowest(word_at(at + index) ^ raw->words[index / 8], count - index) == 0;
}

static inline uint32_t home_of(const uint8_t *name, size_t count) {
    uint64_t hash = lowest(word_at(name), count) * UINT64_C(0x9e3779b97f4a7c15);
    if (count > 8) hash ^= word_at(name + count - 8) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(hash >> 40) % RAW_NAMES;
}

// Two slots serve one name: of three names that share them one stays with libxml2. A free slot has no bytes, and nor has a name that is missing.
static raw_name *find(raw_name *names, const uint8_t *name, size_t count) {
    if (count == 0) return NULL;
    uint32_t home = home_of(name, count);
    for (uint32_t way = 0; way < 2; way++) {
        raw_name *raw = &names[home ^ way];
        if (raw->count == count && begins_with(name, raw, count)) return raw;
    }
    return NULL;
}

static void learn(raw_name *names, const xmlChar *prefix, const xmlChar *local, const char *suffix, uint32_t name) {
    size_t prefix_count = prefix != NULL ? strlen((const char *)prefix) + 1 : 0, local_count = strlen((const char *)local);
    size_t count = prefix_count + local_count;
    // Room for the suffix, and for the words that `begins_with` loads.
    if (count + 8 > RAW_BYTES_MAX) return;
    uint8_t bytes[RAW_BYTES_MAX] = {0};
    if (prefix != NULL) {
        memcpy(bytes, prefix, prefix_count - 1);
        bytes[prefix_count - 1] = ':';
    }
    memcpy(bytes + prefix_count, local, local_count);
    if (find(names, bytes, count) != NULL) return;
    uint32_t home = home_of(bytes, count);
    raw_name *raw = names[home].count == 0 ? &names[home] : &names[home ^ 1];
    memcpy(bytes + count, suffix, strlen(suffix));
    memcpy(raw->bytes, bytes, sizeof bytes);
    raw->count = (uint32_t)count;
    raw->name = name;
    raw->next = 0;
    raw->first_attribute = 0;
}

void sluice_plain_learn_element(sluice_xml_parser *parser, const xmlChar *prefix, const xmlChar *local, uint32_t name) {
    learn(parser->plain.elements, prefix, local, "", name);
}

void sluice_plain_learn_attribute(sluice_xml_parser *parser, const xmlChar *prefix, const xmlChar *local, uint32_t name) {
    // Libxml2 looks at the values of xml:id, xml:lang and xml:space.
    if (prefix != NULL && strcmp((const char *)prefix, "xml") == 0) return;
    learn(parser->plain.attributes, prefix, local, "=\"", name);
}

void sluice_plain_forget(sluice_xml_parser *parser) {
    for (uint32_t slot = 0; slot < RAW_NAMES; slot++) parser->plain.elements[slot].count = parser->plain.attributes[slot].count = 0;
}

int sluice_plain_create(sluice_xml_parser *parser) {
    parser->plain.elements = calloc(RAW_NAMES, sizeof *parser->plain.elements);
    parser->plain.attributes = calloc(RAW_NAMES, sizeof *parser->plain.attributes);
    parser->plain.tag_of_attribute = calloc((size_t)parser->limits.names + 1, sizeof *parser->plain.tag_of_attribute);
    parser->plain.detour_bytes = 1;
    return parser->plain.elements != NULL && parser->plain.attributes != NULL && parser->plain.tag_of_attribute != NULL;
}

void sluice_plain_free(sluice_xml_parser *parser) {
    free(parser->plain.elements);
    free(parser->plain.attributes);
    free(parser->plain.tag_of_attribute);
}

// MARK: Bytes

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

// The lowest byte marked is the first that is equal; those above it may be marked wrongly.
static inline uint64_t equal_bytes(uint64_t word, uint64_t each) {
    uint64_t difference = word ^ each;
    return (difference - EACH(1)) & ~difference & EACH(0x80);
}

// The first byte that is no plain part of a value: the quote, '<', '&', what is below a space or beyond ASCII. A NUL ends the input.
static inline const uint8_t *value_end(const uint8_t *at, uint64_t each_quote) {
    for (;; at += 8) {
        uint64_t word = word_at(at);
        uint64_t marked = equal_bytes(word, each_quote) | equal_bytes(word, EACH('<')) | equal_bytes(word, EACH('&')) |
                          ((word - EACH(0x20)) & ~word & EACH(0x80)) | (word & EACH(0x80));
        if (marked != 0) return at + (__builtin_ctzll(marked) >> 3);
    }
}

// Bytes of the character at `at`, which is beyond ASCII; 0 where it is none that XML allows (XML 1.0, production 2).
static inline size_t character_length(const uint8_t *at) {
    uint32_t lead = at[0];
    size_t count = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    uint32_t code = lead & (0x7Fu >> count);
    for (size_t index = 1; index < count; index++) {
        if ((at[index] & 0xC0) != 0x80) return 0;
        code = code << 6 | (at[index] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code < least[count] || (code >= 0xD800 && code < 0xE000) || code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF ? 0 : count;
}

// Bytes of the reference at `at`, and what it stands for; 0 where it is none of the five (XML 1.0, section 4.6).
static inline size_t reference_length(const uint8_t *at, uint8_t *character) {
    static const struct {
        const char *text;
        uint8_t character;
    } references[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t index = 0; index < sizeof references / sizeof *references; index++) {
        size_t count = strlen(references[index].text);
        if (memcmp(at, references[index].text, count) != 0) continue;
        *character = references[index].character;
        return count;
    }
    return 0;
}

// Replaces the references of a value where it stands; returns how many bytes are left.
static size_t replace_references(uint8_t *value, size_t count) {
    const uint8_t *const end = value + count, *from = value;
    uint8_t *to = value;
    while (from < end) {
        const uint8_t *reference = memchr(from, '&', (size_t)(end - from));
        size_t plain = (size_t)((reference != NULL ? reference : end) - from);
        memmove(to, from, plain);
        to += plain;
        from += plain;
        if (reference != NULL) from += reference_length(from, to++);
    }
    return (size_t)(to - value);
}

static inline int is_blank(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

static inline const uint8_t *skip_blanks(const uint8_t *at, uint32_t *line) {
    for (; is_blank(*at); at++) *line += *at == '\n';
    return at;
}

// Where a name ends, at the latest where it is too long to be known.
static inline const uint8_t *name_end(const uint8_t *at) {
    const uint8_t *last = at + RAW_BYTES_MAX;
    while (at < last && *at > ' ' && *at != '=' && *at != '/' && *at != '>' && *at != '<') at++;
    return at;
}

// MARK: Tags

int sluice_plain_scan(sluice_xml_parser *parser) {
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    return 0;  // Words are taken for their lowest byte first.
#endif
    plain_markup *plain = &parser->plain;
    // Nothing below moves the input.
    const uint8_t *const base = parser->bytes;
    const uint8_t *const end = base + parser->input_count;
    const uint8_t *at = base + parser->input_first;
    uint32_t line = current_line(parser);
    const uint32_t first_line = line;
    uint32_t last_element = 0;
    int is_short = 0;

// The lane ends before the tag in hand: with the input, or because the tag is not plain.
#define LEAVE            \
    do {                 \
        is_short = at >= end; \
        goto leave;      \
    } while (0)

    for (;;) {
        uint32_t now = line;
        const uint8_t *const before = at;
        at = skip_blanks(at, &now);
        if (*at != '<') LEAVE;
        if (at[1] == '/') {
            if (plain->open_count == 0) LEAVE;
            // Blank text is a value in an element that holds nothing else.
            if (at > before && parser->last_kind == SLUICE_XML_START) LEAVE;
            const raw_name *raw = &plain->elements[plain->open[plain->open_count - 1]];
            at += 2;
            if (!begins_with(at, raw, raw->count)) {
                at = name_end(at);
                LEAVE;
            }
            at = skip_blanks(at + raw->count, &now);
            if (*at != '>') LEAVE;
            at++;
            if (parser->last_kind == SLUICE_XML_START && parser->event_count > 0) {
                parser->events[parser->event_count - 1].kind = parser->last_kind = SLUICE_XML_EMPTY;
            } else {
                sluice_xml_event *event = add_event(parser);
                if (event == NULL) goto leave;
                *event = (sluice_xml_event){.kind = SLUICE_XML_END, .name = raw->name, .line = now};
                parser->last_kind = SLUICE_XML_END;
            }
            plain->open_count--;
            parser->depth--;
        } else {
            if (parser->depth >= parser->limits.depth || plain->open_count >= PLAIN_DEPTH_MAX) goto leave;
            const uint32_t tag_line = now;
            at++;
            raw_name *raw = &plain->elements[plain->elements[last_element].next];
            const uint8_t *behind = at + raw->count;
            if (raw->count == 0 || !begins_with(at, raw, raw->count) || !(*behind == ' ' || *behind == '>' || *behind == '/' || is_blank(*behind))) {
                behind = name_end(at);
                raw = find(plain->elements, at, (size_t)(behind - at));
                if (raw == NULL || behind >= end) {
                    at = behind;
                    LEAVE;
                }
                plain->elements[last_element].next = (uint32_t)(raw - plain->elements);
            }
            at = behind;
            if (++plain->tag == 0) {
                memset(plain->tag_of_attribute, 0, ((size_t)parser->limits.names + 1) * sizeof *plain->tag_of_attribute);
                plain->tag = 1;
            }
            size_t attribute_count = parser->attribute_count;
            int has_references = 0;
            uint32_t *expected = &raw->first_attribute;
            for (;;) {
                const uint8_t *const name = skip_blanks(at, &now);
                if (*name == '>' || *name == '/') {
                    at = name;
                    break;
                }
                // At the end of the input, or with nothing between two attributes.
                if (name == at) LEAVE;
                at = name;
                raw_name *attribute = &plain->attributes[*expected];
                uint64_t each_quote = EACH('"');
                if (attribute->count != 0 && begins_with(at, attribute, attribute->count + 2)) {
                    at += attribute->count + 2;
                } else {
                    const uint8_t *const stop = name_end(at);
                    attribute = find(plain->attributes, at, (size_t)(stop - at));
                    at = stop;
                    if (attribute == NULL || stop + 1 >= end || *stop != '=' || (stop[1] != '"' && stop[1] != '\'')) {
                        if (*stop == '=') at++;
                        LEAVE;
                    }
                    *expected = (uint32_t)(attribute - plain->attributes);
                    each_quote = EACH(stop[1]);
                    at = stop + 2;
                }
                expected = &attribute->next;
                if (plain->tag_of_attribute[attribute->name] == plain->tag) goto leave;
                plain->tag_of_attribute[attribute->name] = plain->tag;
                const uint8_t *const value = at;
                while (*(at = value_end(at, each_quote)) != (uint8_t)each_quote) {
                    uint8_t character;
                    size_t more = *at >= 0x80 ? character_length(at) : *at == '&' ? reference_length(at, &character) : 0;
                    if (more == 0) {
                        // It may be cut by the end of the input.
                        if ((*at >= 0x80 || *at == '&') && end - at < 6) at = end;
                        LEAVE;
                    }
                    has_references |= *at == '&';
                    at += more;
                    while (*at >= 0x80 && (more = character_length(at)) != 0) at += more;
                }
                size_t count = (size_t)(at - value);
                if (count > parser->limits.value_bytes || attribute_count - parser->attribute_count >= parser->limits.attributes) goto leave;
                if (attribute_count == parser->attribute_capacity &&
                    !sluice_xml_reserve((void **)&parser->attributes, &parser->attribute_capacity, attribute_count, 1, sizeof *parser->attributes)) {
                    sluice_xml_stop(parser, SLUICE_XML_MEMORY, 0, "out of memory");
                    goto leave;
                }
                parser->attributes[attribute_count++] =
                    (sluice_xml_attribute){.name = attribute->name, .first = (uint32_t)(value - base), .count = (uint32_t)count};
                at++;
            }
            int is_empty = *at == '/';
            at += is_empty;
            if (*at != '>') LEAVE;
            at++;
            sluice_xml_event *event = add_event(parser);
            if (event == NULL) goto leave;
            // Only now is it certain that libxml2 need not see them.
            for (size_t index = parser->attribute_count; has_references && index < attribute_count; index++) {
                sluice_xml_attribute *attribute = &parser->attributes[index];
                plain->replaced_end = attribute->first + attribute->count;
                attribute->count = (uint32_t)replace_references(parser->bytes + attribute->first, attribute->count);
            }
            *event = (sluice_xml_event){
                .kind = is_empty ? SLUICE_XML_EMPTY : SLUICE_XML_START,
                .name = raw->name,
                .line = tag_line,
                .first = (uint32_t)parser->attribute_count,
                .count = (uint32_t)(attribute_count - parser->attribute_count),
            };
            parser->last_kind = event->kind;
            parser->attribute_count = attribute_count;
            last_element = (uint32_t)(raw - plain->elements);
            plain->element_count++;
            if (!is_empty) {
                parser->open[parser->depth++] = raw->name;
                plain->open[plain->open_count++] = last_element;
            }
        }
        line = now;
        parser->input_first = (size_t)(at - base);
    }
leave:
    plain->lines += line - first_line;
    return is_short;
#undef LEAVE
}
