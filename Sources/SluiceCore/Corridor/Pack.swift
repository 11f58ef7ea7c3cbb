package import SluiceKit

/// The step that writes the payload: one message file, complete or not there.
package struct Write {
    package let format: any DataFormat
    package let path: String
    private let sink: FileByteSink
    private let writer: any DatasetWriter
    package private(set) var observations = 0

    package init(_ format: any DataFormat, header: MessageHeader, to path: String) throws {
        self.format = format
        self.path = path
        do throws(WriteError) {
            sink = try FileByteSink(path: path)
            writer = try format.writer(to: sink, options: WriteOptions(header: header))
        } catch {
            throw Refusal("write.\(error.code.rawValue)", error.detail)
        }
    }

    package mutating func begin(_ description: DatasetDescription) throws {
        do throws(WriteError) { try writer.beginDataset(description) } catch { throw Refusal("write.\(error.code.rawValue)", error.detail) }
    }

    package mutating func write(_ batch: Batch) throws {
        do throws(WriteError) { try writer.write(batch) } catch { throw Refusal("write.\(error.code.rawValue)", error.detail) }
        observations += batch.rowCount
    }

    package func finish() throws {
        do throws(WriteError) { try writer.finish() } catch { throw Refusal("write.\(error.code.rawValue)", error.detail) }
    }
}

/// The step that seals: a package of the payload and its documents, signed.
package struct Pack {
    package let seal: any Seal
    package let signer: any EvidenceSigner

    package init(_ seal: any Seal, signer: any EvidenceSigner) {
        self.seal = seal
        self.signer = signer
    }

    /// Seals a payload with its `exchange.json`.
    package func exchange(_ document: ExchangeDocument, payloadAt path: String, mediaType: String, sealedAt: Instant, into packagePath: String) throws
        -> SealedPackage
    {
        try pack(document.json, PackageFile(name: document.payloadName, mediaType: mediaType, source: .file(path: path)), at: sealedAt, into: packagePath)
    }

    /// Seals a receipt with its findings.
    package func receipt(_ document: ReceiptDocument, findings: [JSONValue], answeredAt: Instant, into packagePath: String) throws -> SealedPackage {
        let findingsBytes = Array(JSONValue.array(findings).prettyText.utf8)
        return try pack(
            document.json, PackageFile(name: ReceiptDocument.findingsName, mediaType: "application/json", source: .bytes(findingsBytes)), at: answeredAt,
            into: packagePath)
    }

    private func pack(_ document: JSONValue, _ main: PackageFile, at time: Instant, into path: String) throws -> SealedPackage {
        let exchange = PackageFile(name: PackageContents.exchangeName, mediaType: "application/json", source: .bytes(try document.canonicalBytes()))
        return try seal.seal(PackageContents(files: [exchange, main], mainFileName: main.name, sealedAt: time), with: signer, into: path)
    }
}
