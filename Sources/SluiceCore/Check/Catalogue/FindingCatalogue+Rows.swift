extension FindingCatalogue {
    /// Cells against each other, rows against rows.
    static let ofRows: [Entry] = [
        Entry(
            "key.duplicate", "The observation was given before", of: "observation",
            what:
                "The same dimensions and period stand in the dataset before, however far away. The message names the first line and whether the values are the "
                + "same (`45` and `45.0` are).",
            why: "Which of the two counts depends on the receiver.", example: "`This observation was given before, in line 1204, with another value.`",
            mend:
                "Remove one. With different values, find out which is right. Any number of rows is compared exactly: past `duplicateKeysInMemoryMax` by sorted "
                + "temporary files, which have no name and vanish with the process."),
        Entry(
            "key.repeated", "The observation stands in another dataset of the message too",
            "warning; error in SDMX 2.1 where the values differ", of: "observation",
            what: "Two datasets of one message, with the same action and structure, have the same dimensions and period.",
            why:
                "SDMX 3.1 has the datasets of a message processed in their order, so the later one counts; SDMX 2.1 has no order, so with different values nothing "
                + "says which does.",
            example: "`This observation was given before, in line 12 of dataset 1 (Replace), with another value.`",
            mend: "Give each observation in one dataset only, or see that the last one is meant."),
        Entry(
            "attribute.inconsistent", "An attribute has several values in its series, group or dataset", of: "series, group or dataset",
            what:
                "An attribute that belongs to the series, a group or the dataset (its attribute relationship) has different values in rows that share that key. "
                + "Rows without a value say nothing: SDMX-CSV lets a value stand once. One finding per run of consecutive rows that differ from the first value.",
            why: "The structure says there is one value; SDMX-ML has room for one only, so the others would be lost or make the series fall apart.",
            example: "`UNIT_MEASURE is \"PT\" here and \"NUMBER\" in line 12; it has one value per series.`",
            mend: "Write the same value in all rows. Where two values are right, the rows are two series: find the dimension that tells them apart."),
        Entry(
            "attribute.condition", "One attribute asks for another", "warning; note for a missing comment", of: "the narrower of the two",
            what:
                "A table of conditions that the cross-domain code lists and concepts of SDMX state in words, wherever a structure has both: `CONF_REDIST` goes with a "
                + "confidentiality status other than F; `OBS_PRE_BREAK` with `OBS_STATUS` B; `OBS_STATUS` K and W with a comment; `UNIT_MULT` with `UNIT_MEASURE`.",
            why: "\"Conditional\" in a structure says only that the attribute may be absent; when it must not be, the meaning says.",
            example: "`UNIT_MULT is \"3\" and UNIT_MEASURE has no value: a multiplier without its unit cannot be read.`",
            mend: "Give the attribute that is missing, or leave out the one that asks for it."),
        Entry(
            "status.value-present", "The status says \"no value\", and there is one", of: "observation",
            what: "`OBS_STATUS` is M, O, L, H or Q (missing, for one reason or another, by `CL_OBS_STATUS`), and the observation has a value. A code list that "
                + "names the letter otherwise is believed.",
            why: "A value beside Q (suppressed) gives away what was to be kept back; beside M a 0 is read as a figure.",
            example: "`OBS_STATUS is \"Q\" (Missing value; suppressed), and there is a value.`",
            mend: "Take the value out, or give the status that the value has: A is a normal one."),
        Entry(
            "status.value-absent", "The status speaks of a value, and there is none", "warning", of: "observation",
            what:
                "`OBS_STATUS` is A or another one that qualifies a value (B, D, E, F, G, I, N, P, U, V, W), and there is no value, or `NaN`. J, K and S may stand with "
                + "either. Rows of a merge need not repeat the value.",
            why: "A reader cannot tell whether the figure was lost or does not exist.",
            example: "`OBS_STATUS is \"A\" (Normal value), and there is no value.`",
            mend: "Give the value, or say why there is none: M (cannot exist), L (not collected), Q (suppressed), O (no reason given)."),
        Entry(
            "embargo.missing", "An embargoed value without its embargo time", "error; warning in a merge", of: "the narrower of the two",
            what: "`CONF_STATUS` (or `OBS_CONF`) is E, and there is no `EMBARGO_TIME`.",
            why: "The code list says of E: not for publication until the embargo time, free afterwards. Without the time nobody knows when.",
            example: "`CONF_STATUS is \"E\" and EMBARGO_TIME has no value: an embargoed value needs the time at which the embargo ends.`",
            mend: "Give the embargo time, such as `2026-03-01T09:00:00`, or the confidentiality status that the value has for good."),
        Entry(
            "embargo.unmarked", "An embargo time beside a value that is not embargoed", "warning", of: "the narrower of the two",
            what: "`EMBARGO_TIME` is given, and the confidentiality status is another than E, or none.",
            why: "A receiver that goes by the status publishes at once.", mend: "Give the status E, or leave the embargo time out."),
        Entry(
            "constraint.violated", "A content constraint does not allow it", "error; warning where the period lies outside the constraint's own validity",
            of: "series or observation",
            what:
                "A content constraint on the structure or dataflow does not allow the code, the combination or the key: outside all included cube regions, inside an "
                + "excluded one, not in an included key set, or in an excluded one. Values that cascade take their narrower codes along; time ranges compare whole "
                + "periods.",
            why: "The constraint is what the receiver has said it takes.",
            example:
                "`UNIT_MEASURE=PT does not go with the rest of the key under constraint ….` Advice: `The nearest combination that is allowed has UNIT_MEASURE in "
                + "NUMBER.`",
            mend:
                "Correct the codes, leave the rows out, or ask the constraint's maintainer. A code that is wrong by itself is reported as `code.unknown` only."),
        Entry(
            "rule.unchecked", "A rule could not be checked", "warning or note", of: "dataset",
            what:
                "A rule that Sluice could not check: a pattern with means beyond the linear-time subset (back references, look-around, `\\p{…}`), `isSequence`, or a "
                + "constraint that names a component without codes or one that the structure does not have.",
            why: "Silence would look like consent.", mend: "Look at the values yourself; see that the constraint belongs to this version of the structure.",
            isFixed: true),
    ]

    /// Datasets and their message.
    static let ofMessages: [Entry] = [
        Entry(
            "action.conflict", "Datasets of the message work against each other", "warning", of: "observation or dataset",
            what:
                "The message gives an observation and deletes it afterwards, deletes everything after it gave data, or gives one observation under two actions "
                + "(Append and Replace).",
            why: "SDMX 3.1 carries the datasets out in their order; SDMX 2.1 has no order, and its Append leaves alone what is there.",
            example: "`The message deletes here what it gives in line 4 of dataset 1 (Replace).`",
            mend: "Put deletions before the data, and give each observation under one action."),
        Entry(
            "action.mixed", "Information beside changes", "warning; note in SDMX 3.x", of: "message",
            what: "A dataset has the action Information, and others of the message change data.",
            why: "In SDMX 2.1 Information changes nothing; SDMX 3.1 reads it as Merge. One message is one transaction, and this one means two things.",
            mend: "Give every dataset the action that is meant."),
        Entry(
            "action.partial-delete", "The deletion carries values", "warning", of: "series",
            what:
                "A row of a dataset that deletes has a measure. Deletion takes place at the lowest level of detail provided: only the values given are deleted, and the "
                + "observation stays with the rest.",
            why: "A table of observations to be removed, exported with its values, removes less than was meant.",
            mend:
                "Leave measures and attributes empty where whole observations are to go. Dimensions may be left empty too: the deletion then takes every value of them."
        ),
        Entry(
            "action.nothing-given", "The merge carries nothing", "warning", of: "series", what: "A row of a merge has neither a measure nor an attribute.",
            why: "A merge changes what is given and nothing else (SDMX 3.1 asks for at least one component).",
            mend: "Give what is to change, use Delete to take values away, or leave the row out."),
        Entry(
            "header.sender", "The header names another sender", "warning", of: "message",
            what:
                "The sender in the message's header is not the one who gives the message: the participant who sealed the package, or the id given with `--sender`.",
            why: "Somebody else's data may be travelling under the wrong name.",
            mend: "See whose data they are; write the giver's id into the header."),
    ]
}
