/// One term of an agreement as its text spells it: what the reader knows, what the schema for editors says, and what the documents explain.
///
/// The reader takes the keys that it knows from these descriptions, so a term that is read and not described does not exist.
struct AgreementTerm: Sendable {
    let key: String
    let shape: TermShape
    let isRequired: Bool
    /// What it means, in a sentence for whoever writes an agreement in an editor.
    let words: String

    init(_ key: String, _ shape: TermShape, required: Bool = false, _ words: String) {
        self.key = key
        self.shape = shape
        isRequired = required
        self.words = words
    }
}

/// How a term's value is written.
indirect enum TermShape: Sendable {
    /// A text; `pattern` is a regular expression (ECMA-262) for all of it, nil where any text does that is not empty.
    case text(pattern: String?)
    case integer(ClosedRange<Int>)
    case boolean
    /// One of these words.
    case choice([String])
    /// At least one, none twice.
    case list(TermShape)
    /// One, or a list of them.
    case oneOrMore(TermShape)
    /// These keys and no others.
    case mapping([AgreementTerm])
    /// Keys that the agreement chooses, such as dimensions' ids; at least one.
    case named(TermShape)
    case either([TermShape])

    static let anyText = TermShape.text(pattern: nil)
}

extension TermShape {
    /// The patterns of texts. The reader holds each text to more than a pattern can say (a day has to exist).
    static let name = TermShape.text(pattern: "^[A-Za-z0-9_.-]{1,128}$")
    static let version = TermShape.text(pattern: "^[A-Za-z0-9.-]{1,128}$")
    static let participant = TermShape.text(pattern: "^(?!.*\\.\\.)[A-Za-z]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?$")
    static let dataflow = TermShape.text(pattern: "^[A-Za-z][A-Za-z0-9_.-]*:[A-Za-z0-9_@$-]+(\\([^()]+\\))?$")
    static let dataStructure = dataflow
    /// `..17`, `18..34`, `65..` or `18`.
    static let wholeNumbers = TermShape.text(pattern: "^(-?[0-9]+|\\.\\.-?[0-9]+|-?[0-9]+\\.\\.(-?[0-9]+)?)$")
    static let channel = TermShape.text(pattern: "^[a-z][a-z0-9+.-]{0,63}$")
    static let purpose = TermShape.text(pattern: "^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$")
    static let day = TermShape.text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    static let instant = TermShape.text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
    static let duration = TermShape.text(pattern: "^P(?=[0-9])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?$")
    /// A code of a code list, or a component's id: what it is bound to decides.
    static let code = TermShape.anyText
    static let component = TermShape.anyText
}
