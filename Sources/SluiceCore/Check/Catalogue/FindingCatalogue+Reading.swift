extension FindingCatalogue {
    /// What readers of data find.
    static let ofReading: [Entry] = [
        Entry(
            "label.unmapped", "A label has no code in the mapping", of: "row",
            what: "A plain CSV table has a label that the mapping does not know, or that is the name of several codes. The row is left out and counted.",
            why: "A row under a wrong code is worse than a row that is reported.",
            example:
                "`The label \"mael\" in the column \"Sex\" has no code for SEX in the mapping; the row is left out.` Advice: `If \"male\" was meant, correct the table; …`",
            mend: "Correct the table, or add the label to the mapping. `unmapped: keep` lets labels of free text go as they stand."),
        Entry(
            "column.unplaced", "A column nobody has decided on", of: "row",
            what: "A plain CSV column under `unplaced` of the mapping says something of the row; the row is left out.",
            why: "What the column says may be part of the key.", mend: "Map the column, or ignore it."),
        Entry(
            "column.unused", "A shared column that no table has", "warning", of: "folder of tables",
            what: "A column under the mapping's shared `columns` stands in no table of the folder.", why: "Mostly a misspelt name.",
            mend: "Correct the column's name, or remove it."),
        Entry(
            "table.unmapped", "No rule for a table", of: "table of a folder", what: "No rule of the mapping is for a table of the folder; it is left out.",
            why: "What it is about is not known.", mend: "Add a rule for its file name, or one that leaves it out."),
        Entry(
            "table.unusable", "A table breaks off", of: "table of a folder", what: "A table of a folder could not be read, or only to where it breaks off.",
            why: "What follows is missing from the dataset.", mend: "Mend the table; the message says where.", isFixed: true),
        Entry(
            "component.unknown", "Something the structure does not have", "error; warning in plain CSV, SDMX-CSV and SDMX-JSON", of: "message or table",
            what: "A column, XML attribute or JSON component that the structure does not have.", why: "Its values do not travel.",
            mend: "Remove or rename it; in a mapping, map or ignore it.", isFixed: true),
        Entry(
            "row.too-few-cells", "The row is narrower than its header", of: "row", what: "A row has fewer cells than the header; it is left out.",
            why: "Which cell is missing nobody can tell.", mend: "Look for a lost separator, or a quote that opens and does not close.", isFixed: true),
        Entry(
            "row.too-many-cells", "The row is wider than its header", of: "row", what: "A row has more cells than the header; it is left out.",
            why: "Mostly a separator inside a text.", mend: "Put the text in quotes.", isFixed: true),
        Entry(
            "member.duplicate", "A member stands twice", of: "message", what: "A JSON object has a member twice, or a header a column.",
            why: "Programs read one of the two, and not all the same one.", mend: "Keep one.", isFixed: true),
        Entry(
            "index.out-of-range", "A position points past the end", of: "observation",
            what: "An SDMX-JSON key or attribute points past the list of values.", why: "The message was cut or edited.", mend: "Export it again.",
            isFixed: true),
        Entry(
            "text.languages-not-kept", "Languages were left out", "as the reader says", of: "observation",
            what: "A text comes in several languages, of which one is kept.", why: "The others do not travel.",
            mend: "Send one language, or a format that keeps them."),
        Entry(
            "group.unmatched", "A group without observations", "note", of: "group",
            what: "A group in SDMX-ML names a key that no observation has. It is kept as a row with its own key.",
            why: "Mostly the observations were left out.",
            mend: "Correct the group's key, or leave the group out."),
        Entry(
            "group.late", "A group behind its observations", "warning", of: "group", what: "A group in SDMX-ML stands after observations it belongs to.",
            why: "They were read without its attributes, which are kept as a row with the group's key.", mend: "Put groups before series."),
        Entry(
            "group.keyless", "A group without a key", "warning", of: "group",
            what: "A group in SDMX-ML belongs to an attachment constraint and has no key; its attributes are not kept.",
            why: "To which observations they belong is not said.", mend: "Give them with the series."),
        Entry(
            "action.unknown", "An action that SDMX does not have", of: "dataset or row",
            what: "The action is none of append, replace, delete, information, merge (SDMX-CSV: `A`, `R`, `D`, `I`, `M`).",
            why: "A misread deletion destroys data.", mend: "Write one of the five.", isFixed: true),
        Entry(
            "structure.from-message", "The message is its own structure", "note", of: "message",
            what: "No data structure is at hand; the components and values that the SDMX-JSON message itself lists are taken for it.",
            why: "Such a message can be read, but nothing in it can be checked.", mend: "Give the structure message with `--structure`."),
        Entry(
            "structure.mismatch", "Another structure is named", "warning", of: "message",
            what: "The message names another data structure than the one it is read with.", why: "Codes may mean something else there.",
            mend: "Give the right structure message, or correct the header."),
    ]

    /// What is found in structure messages.
    static let ofStructures: [Entry] = [
        Entry(
            "structure.not-kept", "Part of a structure message is not kept", "note or warning", of: "structure message",
            what: "A structure message has a part that Sluice does not use, or that the format to write has no place for.", why: "It does not travel on.",
            mend: "Keep the original message if you need it."),
        Entry(
            "structure.fault", "The structure contradicts itself", "error or warning", of: "structure",
            what: "A structural artefact names a part that it does not have, such as a group with an unknown dimension.",
            why: "What depends on it cannot be checked or written.", mend: "Ask its maintainer for a corrected version.", isFixed: true),
        Entry(
            "reference.unresolved", "Something referred to is not at hand", "warning", of: "structure",
            what: "An artefact refers to another that no structure message given holds.", why: "What depends on it is not checked.",
            mend: "Give the structure message that holds it, or a folder of them.", isFixed: true),
        Entry(
            "artefact.conflict", "Two artefacts of one name differ", "error", of: "structure",
            what: "Two structure messages have the same artefact with different contents; the first one is used.",
            why: "Which one an exchange was checked against has to be plain.", mend: "Keep one, or give the changed one a new version.", isFixed: true),
        Entry(
            "item.duplicate", "An item stands twice", "error or warning", of: "structure", what: "A code list or scheme has an id twice.",
            why: "Its meaning depends on which is read.", mend: "Ask the maintainer; the first one is used.", isFixed: true),
        Entry(
            "parent.unknown", "A parent that is not there", "error or warning", of: "structure", what: "An item names a parent that its list does not have.",
            why: "The hierarchy has a hole, so nothing is added up or cascaded through it.", mend: "Ask the maintainer for the whole list.", isFixed: true),
        Entry(
            "parent.cycle", "Parents in a circle", "error or warning", of: "structure", what: "Items are each other's parents in a circle.",
            why: "There is no top to add up to.", mend: "Ask the maintainer for a corrected list.", isFixed: true),
        Entry(
            "extension.cycle", "Lists that extend each other", "error or warning", of: "structure",
            what: "Code lists extend each other in a circle (SDMX 3.0).",
            why: "No list is whole.", mend: "Ask the maintainer for a corrected list.", isFixed: true),
    ]
}
