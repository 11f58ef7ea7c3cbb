package import SluiceCore
package import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// A node's configuration, read from one YAML file; relative paths are relative to that file's folder.
///
/// Config/node.yaml comments every key. A key that is not known there does not start.
package struct NodeConfiguration: Sendable {
    package struct Listener: Hashable, Sendable {
        package var host: String
        /// 0 lets the system choose.
        package var port: Int
    }
    /// Where our own people look, and who they have to be.
    package struct Console: Hashable, Sendable {
        /// Whether the pages are shown to nobody but people who have signed in.
        package enum SignIn: String, Hashable, Sendable, CaseIterable {
            case required, off
        }
        package var host: String
        /// 0 lets the system choose.
        package var port: Int
        /// nil: required as soon as the node knows people.
        package var signIn: SignIn?
        /// `https://name`, where a proxy with TLS stands before the console; nil for none.
        package var address: String?
    }
    /// Whether HTTP messages between two nodes are signed (Docs/ExchangeProtocol.md, "Hop signatures").
    package enum HopSigning: String, Hashable, Sendable, CaseIterable {
        case off
        /// Requests and answers of this node are.
        case sent
        /// Those of the others have to be as well.
        case required
    }
    package struct Keys: Hashable, Sendable {
        package var sealingKey: String
        package var sealingCertificate: String
        /// Both or neither; without them nothing goes over HTTPS.
        package var tlsKey: String?
        package var tlsCertificate: String?
        /// PEM bundle of the authorities whose certificates are trusted, for TLS and for seals.
        package var authority: String
        package var ledgerKey: String
        /// The key this node cosigns its partners' ledgers with; nil for a node that witnesses nobody.
        package var witnessKey: String?
        /// The node's own key over the keys of the bodies it keeps.
        package var storageKey: String
        /// The node's secret for random rounding and pseudonyms; nil where no agreement obliges them.
        package var protectionKey: String?
        /// Where the passphrase of encrypted keys comes from: a file of mode 0600, or an environment variable; nil for keys in plain files.
        package var passphraseFile: String?
        package var passphraseEnvironment: String?
    }
    /// A participant this node exchanges with.
    package struct Partner: Hashable, Sendable {
        package var id: ParticipantID
        /// `https://host:port` or `folder:PATH`; nil for a partner that only sends to us.
        package var endpoint: String?
        /// The format it likes best.
        package var format: String
        /// The seals it takes, the one it likes best first.
        package var seals: [String]
        /// What it may hand in, where it differs from `limits`.
        package var packageBytesMax: Int?
        package var rate: RateLimit.Limits?
        /// The verifier key of its ledger, which this node then witnesses.
        package var ledgerKey: KeyReference?
    }
    /// A public key, written out or in a file.
    package struct KeyReference: Hashable, Sendable {
        /// As it stands in the configuration.
        package var text: String
        /// The same as a path.
        package var path: String

        package init(text: String, path: String) {
            self.text = text
            self.path = path
        }
    }
    /// Who cosigns this node's ledger.
    package struct Witness: Hashable, Sendable {
        package enum Place: Hashable, Sendable {
            /// A partner's node, at its endpoint.
            case participant(ParticipantID)
            /// Submission prefix of somebody else's witness.
            case url(String)
        }
        package var place: Place
        package var key: KeyReference
    }
    package struct Feed: Hashable, Sendable {
        package var id: String
        package var schedule: String
        package var timeZone: String
        package var catchUp: CatchUpPolicy
        package var sourceFile: String
        package var mapping: String?
        package var format: String?
        package var shipment: Shipment
        /// A run whose released bytes equal those last accepted sends nothing.
        package var onlyWhenChanged: Bool
        /// Who answers for it, and so cannot approve what it makes; nil where anybody may who approves.
        package var owner: String?
    }
    /// What is sent to whom, and why.
    package struct Shipment: Hashable, Sendable {
        package var receiver: ParticipantID
        package var flow: ArtefactReference
        package var purpose: String
        /// Format to send in; the partner's own when nil.
        package var format: String?

        package init(receiver: ParticipantID, flow: ArtefactReference, purpose: String, format: String?) {
            self.receiver = receiver
            self.flow = flow
            self.purpose = purpose
            self.format = format
        }
    }
    package struct Route: Hashable, Sendable {
        package enum Action: Hashable, Sendable {
            case write(directory: String, format: String)
            case send(Shipment)
        }
        package var id: String
        package var topic: String
        package var action: Action
    }
    package struct Limits: Hashable, Sendable {
        package var packageBytesMax = 2 << 30
        package var inboundConcurrentMax = 8
        package var protectRowsMax = 5_000_000
        package var findingsInReceiptMax = 20
        package var deliveryConcurrentMax = 4
        package var read = ReadLimits()
        /// What each partner may hand in.
        package var rate = RateLimit.Limits(exchangesPerMinute: 6_000, bytesPerMinute: 16 << 30)
    }
    /// Which revocation lists the node goes by.
    package struct Revocation: Hashable, Sendable {
        /// PEM or DER, read again when they change.
        package var lists: [String]
        /// How long after its `nextUpdate` a list is still believed.
        package var graceSeconds: Int64
        /// Whether the node asks at the addresses in certificates, and at these of lists.
        package var isFetching: Bool
        package var listAddresses: [String]
    }
    /// Proof of the time of sealing (RFC 3161).
    package struct TimeStamps: Hashable, Sendable {
        /// Whom to ask; nil where this node asks nobody, and only believes partners' proofs.
        package var url: String?
        /// PEM of the authorities above the certificates that time stamps are signed with.
        package var authority: String
    }
    package struct Retention: Hashable, Sendable {
        /// How often the node looks for what is to be erased.
        package var pollSeconds = 600
        /// Days after its end that a month of the log of looks is kept.
        package var lookDays = 180
    }
    package struct Delivery: Hashable, Sendable {
        package var policy = DeliveryPolicy.remote
        package var timeoutSeconds = 60
        package var pollMilliseconds = 250
        package var folder = Folder()
    }
    /// Delivery to and from partners whose packages somebody carries.
    package struct Folder: Hashable, Sendable {
        package var policy = DeliveryPolicy.folder
        /// How often the folders are looked at.
        package var pollMilliseconds = 5_000
        /// How long a file must have stayed as it is before it is taken.
        package var quietMilliseconds = 2_000
    }

    package var file: String
    package var participant: ParticipantID
    package var organisation: String
    package var dataDirectory: String
    /// nil where nobody delivers over HTTPS.
    package var exchange: Listener?
    package var console: Console
    package var hopSignatures = HopSigning.off
    package var keys: Keys
    package var ledgerOrigin: String
    package var witnesses: [Witness] = []
    /// How many of them make a checkpoint one that counts; nil for more than half.
    package var witnessQuorum: Int?
    /// Within how many seconds the self check looks the whole ledger through.
    package var selfCheckSeconds = 86_400
    /// Empty where there is a directory.
    package var partners: [Partner]
    /// Folder of the participant directory; nil where `partners` lists them.
    package var directory: String?
    package var revocation: Revocation?
    package var timeStamps: TimeStamps?
    /// Structure messages: files, or folders that are searched with the folders below them.
    package var structures: [String]
    /// Content constraints as CSV tables.
    package var constraints: [String]
    /// Tables that protections look things up in: name → file.
    package var protectionTables: [String: String]
    package var agreements: [String]
    /// Whether an agreement counts only when both sides have signed it and two people have activated it.
    package var agreementsAreSigned = false
    package var feeds: [Feed]
    package var routes: [Route]
    package var limits: Limits
    package var delivery: Delivery
    /// Below it each participant of the directory whose packages are carried has its folders, under its id.
    package var carriedDirectory: String
    package var retention = Retention()
    package var clockTolerance = ClockTolerance.standard
    /// Severities of findings that differ from the usual ones.
    package var severities: FindingSeverities

    package var storePath: String { dataDirectory + "/node.sqlite" }
    package var ledgerDirectory: String { dataDirectory + "/ledger" }
    /// Where the self check of the ledger stands.
    package var selfCheckPath: String { dataDirectory + "/ledger.check" }
    /// Packages and receipts too large for the store, encrypted.
    package var bodyDirectory: String { dataDirectory + "/bodies" }
    /// Lists that were fetched.
    package var revocationDirectory: String { dataDirectory + "/revocation" }
    /// The log of looks, by months.
    package var lookDirectory: String { dataDirectory + "/looks" }
    /// The checkpoint that each person saw last.
    package var visitDirectory: String { dataDirectory + "/visits" }
    /// Packages of which a part has arrived: they outlive the process.
    package var partialDirectory: String { dataDirectory + "/partial" }
    /// A process's own: another one beside it (a `sluice send`) never touches it.
    package var spoolDirectory: String { "\(spoolRoot)/\(processID)" }
    package var spoolRoot: String { dataDirectory + "/spool" }
    private var processID: Int32 { getpid() }

    /// Whether a configuration may name it as a receiver: listed, or to be found in the directory when the time comes.
    package func mayReceive(_ id: ParticipantID) -> Bool { directory != nil || partners.contains { $0.id == id } }
}
