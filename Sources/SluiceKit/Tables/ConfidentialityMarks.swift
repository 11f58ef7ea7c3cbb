/// What the source of a table says of confidentiality (`CONF_STATUS`, CL_CONF_STATUS 1.2), and what may be said of it outside.
///
/// The code that a source gives is the reason: `A` says that the count is small, `O` that one contributor dominates. Where reasons are not told an
/// observation says the neutral code instead, whether it has a value or not.
public struct ConfidentialityMarks: Sendable {
    public static let component = "CONF_STATUS"
    /// Confidential, and nothing of why.
    public static let neutralCode = "C"
    /// Codes with which a source says "not for everybody": `E` is an embargo, which the corridor keeps, `F` is free.
    public static let declaredCodes: Set<String> = ["A", "C", "D", "G", "M", "N", "O", "S", "T"]

    /// Of each row: whether the source marked it confidential.
    public let isDeclared: [Bool]
    /// The attribute, of whatever it is one; nil where there is none.
    public let column: Int?
    /// What a marked observation says where the reason is not told; nil where its code list has no neutral code, so that it says nothing.
    public let neutralText: String?
    private let isMandatory: Bool

    public init(_ batch: Batch) {
        let schema = batch.schema
        guard let column = schema.index(of: Self.component) else {
            isDeclared = Array(repeating: false, count: batch.rowCount)
            (self.column, neutralText, isMandatory) = (nil, nil, false)
            return
        }
        if batch.isCoded[column] {
            let dictionary = batch.dictionary(column)
            let isOfCode = (0..<UInt32(dictionary.count)).map { Self.declaredCodes.contains(dictionary.string($0)) }
            let codes = batch.codes(column)
            isDeclared = (0..<batch.rowCount).map { codes[$0] != ValueDictionary.absent && isOfCode[Int(codes[$0])] }
        } else {
            isDeclared = (0..<batch.rowCount).map { batch.string(column, $0).map(Self.declaredCodes.contains) ?? false }
        }
        let component = schema.components[column]
        self.column = component.isAttribute ? column : nil
        neutralText = component.codelist.map { $0.isPartial || $0.contains(Self.neutralCode) } ?? true ? Self.neutralCode : nil
        isMandatory = component.isAttribute && component.isMandatory
    }

    /// - Throws: `markingImpossible` where a marked observation has to say something and has no neutral code to say.
    public func requireNeutral() throws(ProtectionError) {
        guard isMandatory, neutralText == nil, isDeclared.contains(true) else { return }
        throw ProtectionError(
            .markingImpossible,
            detail:
                "\(Self.component) is mandatory and its code list has no code \(Self.neutralCode), so that what the source marked confidential would have to say why; add \(Self.neutralCode) to the code list, or make \(Self.component) conditional"
        )
    }
}
