/// Why a package could not be sealed or opened: a stable code for programs, a sentence for people.
///
/// Every refusal of a seal is one of these. The first thing found wrong is reported; a package is never partly accepted.
public struct PackageError: Error, Hashable, Sendable {
    /// What is wrong, to switch on. Raw values are stable: they are written into receipts and ledger entries.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        // The container
        case notAZip, truncated, extraData, encrypted, mimetypeWrong, headerMismatch, unsupportedZipFeature, corruptData
        case duplicateName, unsafeName, limitExceeded
        // What the manifest says of the files
        case manifestMalformed, sealUnsupported, uncoveredFile, missingFile, digestMismatch
        // The signature and who made it
        case signatureInvalid, signatureProfile, algorithmNotAllowed
        case signerUntrusted, signerUnidentified, certificateExpired, certificateNotYetValid, certificateRevoked, revocationUnknown
        case wrongKeyUsage, signingTimeImplausible
        // Proof of the time
        case timeStampInvalid, timeStampUntrusted, timeStampUnavailable
        // The header of a JSON signature
        case headerMalformed, headerMissing, headerNotAllowed, criticalHeaderUnknown, signatureMalformed
        // Our own side
        case contentsUnusable, signingFailed, fileUnusable

        /// Whether it says nothing about the package: our disk, our key, our knowledge of revocations, our time-stamping authority.
        public var isOwnTrouble: Bool {
            switch self {
            case .signingFailed, .fileUnusable, .revocationUnknown, .timeStampUnavailable: true
            default: false
            }
        }
    }

    /// What is wrong.
    public let code: Code
    /// The file inside the package that is concerned, as far as one is.
    public let file: String?
    /// What was found, where, and how to mend it; in the words of whoever sends or receives the package.
    public let detail: String

    /// Creates an error about the package, or about one file in it.
    public init(_ code: Code, file: String? = nil, _ detail: String) {
        self.code = code
        self.file = file
        self.detail = detail
    }
}

extension PackageError: CustomStringConvertible {
    /// `digestMismatch (data.csv): …`, fit for a log line.
    public var description: String {
        "\(code.rawValue)\(file.map { " (\($0))" } ?? ""): \(detail)"
    }
}
