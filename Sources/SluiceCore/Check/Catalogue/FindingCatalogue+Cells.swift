extension FindingCatalogue {
    /// Codes, values and periods by themselves.
    static let ofCells: [Entry] = [
        Entry(
            "code.unknown", "The code is not in the code list", "error; warning where the list at hand is only part of the maintainer's", of: "its component",
            what: "The text of a dimension or coded attribute is not a code of its code list. The message shows it in quotes, so that blanks are seen.",
            why: "A receiver's system drops or refuses such rows; a code that looks right (`am`, `\" F\"`) is the commonest fault of exchanged tables.",
            example:
                "`SEX is \" F\", which is not a code of IAEG-SDGs:CL_SEX(1.4).` Advice: `Write \"F\" (Female), without the blanks around it.`",
            mend: "Write the code that the advice names: the same without blanks, in the right case, the code with that label, or the nearest one (up to two "
                + "letters away). Where it names none, look the code up in the list, or map the label in the mapping. Where the message says that the list is "
                + "only part of the maintainer's, fetch the full one."),
        Entry(
            "code.expired", "The code is not valid in that period", "warning", of: "series or observation",
            what: "The observation's period begins after the code list's version was given up (`validTo`), or lies outside the validity that a content "
                + "constraint gives the value (`validFrom`, `validTo` of SDMX 3.0). A period that the validity covers in part fits.",
            why:
                "Classifications change: new data under the old list, or an area that no longer exists, cannot be added up with the rest. An older period under "
                + "a newer list is not judged: that is how back series are made.",
            example: "`REF_AREA is \"YU\", which constraint … allows from 1970 to 1991 only, and the period is another.`",
            mend: "Use the code, or the version of the list, that is valid in the period; ask the maintainer where none is."),
        Entry(
            "dimension.missing", "The key has a hole", of: "series; observation for time", what: "A dimension has no value, or an empty one.",
            why: "Without every dimension the observation has no place in the cube.",
            example: "`The key has no value for DISABILITY_STATUS.` Advice: `Give its code; where there is no breakdown, write _T.`",
            mend: "Fill in the code. In a mapping, add the dimension to `constants` or `defaults`. Datasets that delete, and rows of a merge that carry only "
                + "attributes, may leave dimensions out, or switch them off with `~`: they mean a part of the cube (SDMX 3.0)."),
        Entry(
            "attribute.missing", "A mandatory attribute has no value", "error; warning in a merge", of: "dataset, group, series or observation",
            what: "An attribute that the structure calls mandatory has no value.", why: "A number without its unit, multiplier or status cannot be read.",
            example: "`UNIT_MEASURE is mandatory and has no value.` 12 observations, period `2010…2021`.",
            mend:
                "Give the value at the level it belongs to: once per series for a series attribute, in each row for one of the observation. A merge may leave "
                + "it out where the receiver holds it already, so there it is a warning. SDMX 3.x has `#N/A` for a value that is missing on purpose."),
        Entry(
            "measure.missing", "A mandatory measure has no value", of: "observation",
            what: "A measure that the structure calls mandatory (SDMX 3.0) has no value.",
            why: "A missing `OBS_VALUE` is otherwise fine: SDMX has `OBS_STATUS` to say why it is missing.", mend: "Give the value, or leave the row out."),
        Entry(
            "value.type", "The text is not of the component's type", of: "its component",
            what:
                "A measure or attribute is not of its type. A measure without a type is a number unless the structure says `String`; a measure typed `Numeric` "
                + "is read as any number, while for other components `Numeric` means digits only. `NaN` is accepted for measures and for floating numbers, and in "
                + "SDMX 3.x `#N/A` for everything that is missing on purpose.",
            why: "`12,5` is 125, 12.5 or nothing, depending on who reads it.", example: "`OBS_VALUE is \"12,5\", which is no number.` Advice: `Write 12.5.`",
            mend:
                "As the advice says. A mark such as `..` or `-` for \"no figure\" becomes an empty value and an `OBS_STATUS`. In a mapping, say `decimal: \",\"`."
        ),
        Entry(
            "value.facet", "The value breaks a length, range, decimals or pattern rule", of: "its component",
            what: "The value has the right type, but breaks a facet of the structure: `minLength`, `maxLength`, `minValue`, `maxValue`, `decimals`, `pattern`, "
                + "`startTime`, `endTime`, or the range of an integer type. Numbers are compared as decimals, digit by digit.",
            why: "A percentage above 100 is mostly a wrong unit or multiplier.", example: "`OBS_VALUE is \"204.5\", which is above the greatest value 100.`",
            mend: "Correct the value at its source, or check its unit and multiplier. Where the rule is wrong, ask the structure's maintainer."),
        Entry(
            "value.multiple", "Several values where one fits", of: "its component",
            what: "A cell holds several values, and its component takes one, or fewer (`maxOccurs`, SDMX 3.0). A text in several languages is one value.",
            why: "Which of the values is meant nobody can tell.", mend: "Keep one value, or send them as separate components.", isFixed: true),
        Entry(
            "time.period", "The text is no time period", of: "observation",
            what:
                "The time period is none of SDMX 2.1 (section 6, 4.2): `2024`, `2024-03`, `2024-03-31`, `2024-03-31T08:00:00`, `2024-A1`, `-S1`, `-T1`, `-Q1`, "
                + "`-M03`, `-W09`, `-D061`, `2024-01-01/P3M`; or it does not exist (`2023-02-29`, `2013-13`, `2023-W53`), or is not of the kind the structure asks for.",
            why: "Reading `2013-13` as anything is a guess.",
            example: "`TIME_PERIOD is \"2020Q1\", which is no ObservationalTimePeriod.` Advice: `Write 2020-Q1.`",
            mend: "As the advice says. Week 53 and day 366 are held against the calendar year, unless the structure has `REPORTING_YEAR_START_DAY`."),
        Entry(
            "time.frequency", "The period does not fit the frequency", "warning", of: "observation",
            what: "The period is not of the kind that `FREQ` says: a month in annual data. Judged for A, S, T, Q, M, W, D and B; ranges fit every frequency.",
            why: "Mostly a wrong `FREQ`, or a monthly table sent as an annual one.",
            example: "`The period \"2020-03\" does not fit the frequency FREQ=A (Annual).`",
            mend: "Correct one of the two. It is a warning because some flows mean it."),
    ]
}
