package import SluiceKit

extension HTTPSignature {
    /// What a receiver demands.
    package struct Policy: Hashable, Sendable {
        package var label = HTTPSignature.labelDefault
        /// Components that must be covered; more may be.
        package var required: [Component]
        /// SHA-256 of the content that arrived: `content-digest` must be covered and say the same. Nil where there is no content to check.
        package var contentDigest: SHA256Digest?
        /// How far the two clocks may differ.
        package var clockSkewSecondsMax: Int64 = 300
        /// How long after its creation a signature may count, whatever it says itself.
        package var lifetimeSecondsMax: Int64 = 300
        /// Nonces are remembered, so they are short.
        package var nonceCharactersMax = 128
        /// Demands `expires` and `nonce`, so that the message can be used once. False only for messages that may be repeated.
        package var requiresSingleUse = true

        package init(required: [Component], contentDigest: SHA256Digest? = nil) {
            self.required = required
            self.contentDigest = contentDigest
        }
    }

    /// A signature that holds, and what it vouches for: believe nothing of the message that is not among `components`.
    package struct Verified: Hashable, Sendable {
        package let components: [Component]
        /// `keyid` as the signature gives it.
        package let keyName: String
        package let created: Instant
        package let expires: Instant?
        package let nonce: String?
        /// Until then the same message would be accepted again, unless its nonce is remembered.
        package let acceptedUntil: Instant
    }

    /// Whether there is a signature of this label, or a part of one.
    package static func isPresent(in message: HTTPSignatureMessage, label: String = labelDefault) throws(HTTPSignatureError) -> Bool {
        guard try dictionary(HopFields.inputName, message)[label] == nil else { return true }
        return try dictionary(HopFields.signatureName, message)[label] != nil
    }

    /// Checks the signature of the policy's label. `key` finds the key of a `keyid`, nil where nobody known has it.
    package static func verify(
        _ message: HTTPSignatureMessage, policy: Policy, at time: Instant, key: (_ keyName: String) throws(HTTPSignatureError) -> PublicKey?
    ) throws(HTTPSignatureError) -> Verified {
        let (list, signature) = try fields(message, label: policy.label)
        let components = try components(list)
        for component in policy.required where !components.contains(component) {
            throw HTTPSignatureError(.componentNotCovered, "the signature does not cover '\(component)'; the sender must sign it")
        }
        if policy.contentDigest != nil, !components.contains(Component(ContentDigest.fieldName)) {
            throw HTTPSignatureError(.componentNotCovered, "the signature does not cover '\(ContentDigest.fieldName)'; the sender must sign it")
        }
        let verified = try verified(list.parameters, components, policy, at: time)
        guard let key = try key(verified.keyName) else {
            throw HTTPSignatureError(.keyUnknown, "no participant is known by the key '\(verified.keyName.prefix(80))'; exchange certificates first")
        }
        guard key.verifiesES256(signature, over: try base(message, components, list)) else {
            throw HTTPSignatureError(.signatureInvalid, "the signature does not fit the message: it was changed on the way, or another key signed it")
        }
        if let digest = policy.contentDigest { try ContentDigest.verify(message.lines(ContentDigest.fieldName), digest: digest) }
        return verified
    }

    /// The covered components with parameters, and the signature, of one label.
    private static func fields(
        _ message: HTTPSignatureMessage, label: String
    ) throws(HTTPSignatureError) -> (list: StructuredField.InnerList, signature: [UInt8]) {
        let inputs = try dictionary(HopFields.inputName, message)
        let signatures = try dictionary(HopFields.signatureName, message)
        guard let input = inputs[label], let value = signatures[label] else {
            throw HTTPSignatureError(.signatureMissing, "the message has no signature with the label '\(label)'")
        }
        guard case .innerList(let list) = input else {
            throw HTTPSignatureError(.fieldMalformed, "\(HopFields.inputName): '\(label)' is not a list of components (RFC 9421, 4.1)")
        }
        // Parameters of the signature itself would be covered by nothing.
        guard case .item(let item) = value, case .bytes(let signature) = item.value, item.parameters.pairs.isEmpty else {
            throw HTTPSignatureError(.fieldMalformed, "\(HopFields.signatureName): '\(label)' is not a byte sequence (RFC 9421, 4.2)")
        }
        return (list, signature)
    }

    private static func dictionary(_ name: String, _ message: HTTPSignatureMessage) throws(HTTPSignatureError) -> StructuredField.Dictionary {
        let dictionary: StructuredField.Dictionary
        do throws(StructuredField.Malformed) {
            dictionary = try StructuredField.dictionary(message.lines(name).map { Array($0.utf8) })
        } catch {
            throw HTTPSignatureError(.fieldMalformed, "\(name): \(error)")
        }
        if let label = dictionary.repeatedKey {
            throw HTTPSignatureError(.labelRepeated, "\(name): the label '\(label.prefix(40))' stands twice; which one counts is unclear")
        }
        return dictionary
    }

    private static func components(_ list: StructuredField.InnerList) throws(HTTPSignatureError) -> [Component] {
        var components: [Component] = []
        for item in list.items {
            guard case .string(let name) = item.value else {
                throw HTTPSignatureError(.fieldMalformed, "\(HopFields.inputName): a component is not a name in quotation marks (RFC 9421, 2)")
            }
            // sf, key, bs, tr and name read a field in other ways; a field signed as it stands needs none of them.
            for pair in item.parameters.pairs where pair.key != "req" || pair.value != .boolean(true) {
                throw HTTPSignatureError(
                    .componentUnsupported, "the component '\(name.prefix(80))' has the parameter '\(pair.key)', which this version cannot check")
            }
            components.append(Component(name, ofRequest: !item.parameters.pairs.isEmpty))
        }
        return components
    }

    /// The signature's own words about when and who (RFC 9421, 2.3), held against the policy.
    private static func verified(
        _ parameters: StructuredField.Parameters, _ components: [Component], _ policy: Policy, at time: Instant
    ) throws(HTTPSignatureError) -> Verified {
        var numbers: [String: Int64] = [:]
        var texts: [String: String] = [:]
        for pair in parameters.pairs {
            switch (pair.key, pair.value) {
            case ("created", .integer(let seconds)), ("expires", .integer(let seconds)): numbers[pair.key] = seconds
            case ("keyid", .string(let text)), ("nonce", .string(let text)), ("alg", .string(let text)): texts[pair.key] = text
            case ("created", _), ("expires", _), ("keyid", _), ("nonce", _), ("alg", _):
                throw HTTPSignatureError(.fieldMalformed, "the signature's '\(pair.key)' is of another type than RFC 9421, 2.3, says")
            default:
                throw HTTPSignatureError(.parameterNotAllowed, "the signature has the parameter '\(pair.key)', which this version does not act upon")
            }
        }
        guard texts["alg"] ?? algorithm == algorithm else {
            throw HTTPSignatureError(.algorithmNotAllowed, "the signature claims another algorithm than '\(algorithm)', the one its key is for")
        }
        guard let keyName = texts["keyid"] else { throw HTTPSignatureError(.parameterMissing, "the signature does not name its key (keyid)") }
        guard let created = numbers["created"] else { throw HTTPSignatureError(.parameterMissing, "the signature does not say when it was made (created)") }
        if policy.requiresSingleUse {
            guard numbers["expires"] != nil else { throw HTTPSignatureError(.parameterMissing, "the signature does not say until when it counts (expires)") }
            guard let nonce = texts["nonce"], !nonce.isEmpty else { throw HTTPSignatureError(.parameterMissing, "the signature has no nonce") }
        }
        guard (texts["nonce"] ?? "").utf8.count <= policy.nonceCharactersMax else {
            throw HTTPSignatureError(.limitExceeded, "the signature's nonce is longer than \(policy.nonceCharactersMax) characters")
        }
        // Fifteen digits at most, so that no sum here overflows.
        let now = time.seconds
        let ends = min(numbers["expires"] ?? .max, created + policy.lifetimeSecondsMax)
        guard created <= now + policy.clockSkewSecondsMax else {
            throw HTTPSignatureError(
                .notYetValid, "the signature is from \(created - now) seconds ahead of our clock (allowed: \(policy.clockSkewSecondsMax)). Check both clocks")
        }
        guard numbers["expires"] ?? created >= created else { throw HTTPSignatureError(.expired, "the signature ended before it was made") }
        guard (numbers["expires"] ?? created) - created <= policy.lifetimeSecondsMax else {
            throw HTTPSignatureError(
                .windowTooLong, "the signature is to count for more than \(policy.lifetimeSecondsMax) seconds; the sender must let it end sooner")
        }
        guard now <= ends + policy.clockSkewSecondsMax else {
            throw HTTPSignatureError(.expired, "the signature ended \(now - ends) seconds ago; the sender must sign the message anew")
        }
        return Verified(
            components: components, keyName: keyName, created: Instant(seconds: created), expires: numbers["expires"].map { Instant(seconds: $0) },
            nonce: texts["nonce"], acceptedUntil: Instant(seconds: ends + policy.clockSkewSecondsMax).advanced(byMilliseconds: 999))
    }
}
