package import SluiceKit

/// The step that writes the payload: one message file, complete or not there.
package struct Write {
    package let format: any DataFormat
    private let sink: SpillingByteSink
    private let writer: any DatasetWriter
    package private(set) var observations = 0

    /// - Parameter path: takes what does not fit into `bytesMax` bytes of memory.
    package init(_ format: any DataFormat, header: MessageHeader, inMemoryUpTo bytesMax: Int, spillingTo path: String) throws {
        self.format = format
        sink = SpillingByteSink(bytesMax: bytesMax, spillingTo: path)
        do throws(WriteError) {
            writer = try format.writer(to: sink, options: WriteOptions(header: header))
        } catch {
            throw error.inCorridor
        }
    }

    package mutating func begin(_ description: DatasetDescription) throws {
        do throws(WriteError) { try writer.beginDataset(description) } catch { throw error.inCorridor }
    }

    package mutating func write(_ batch: Batch) throws {
        do throws(WriteError) { try writer.write(batch) } catch { throw error.inCorridor }
        observations += batch.rowCount
    }

    package func finish() throws -> Content {
        do throws(WriteError) { try writer.finish() } catch { throw error.inCorridor }
        return sink.content
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
    package func exchange(_ document: ExchangeDocument, payload: Content, mediaType: String, sealedAt: Instant, into target: PackageTarget) throws
        -> SealedPackage
    {
        try pack(document.json, PackageFile(name: document.payloadName, mediaType: mediaType, source: payload), at: sealedAt, into: target)
    }

    /// Most bytes of findings in a receipt, which travels and is kept in memory.
    static let findingsBytesMax = 512 << 10

    /// Seals a receipt with its findings, in memory: of very many only the first.
    package func receipt(_ document: ReceiptDocument, findings: [JSONValue], answeredAt: Instant) throws -> SealedPackage {
        var bytes = 0
        let listed = findings.prefix { finding in
            // Indented within a list, each line gets longer by less than this.
            bytes += 2 * finding.prettyText.utf8.count
            return bytes <= Self.findingsBytesMax
        }
        let findingsBytes = Array(JSONValue.array(Array(listed)).prettyText.utf8)
        return try pack(
            document.json, PackageFile(name: ReceiptDocument.findingsName, mediaType: "application/json", source: .bytes(findingsBytes)), at: answeredAt,
            into: .memory)
    }

    private func pack(_ document: JSONValue, _ main: PackageFile, at time: Instant, into target: PackageTarget) throws -> SealedPackage {
        let exchange = PackageFile(name: PackageContents.exchangeName, mediaType: "application/json", source: .bytes(try document.canonicalBytes()))
        do throws(PackageError) {
            return try seal.seal(PackageContents(files: [exchange, main], mainFileName: main.name, sealedAt: time), with: signer, into: target)
        } catch {
            throw error.inCorridor
        }
    }
}
