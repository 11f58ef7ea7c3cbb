import SluiceCrypto
import SluiceKit
import Testing

@Suite struct Ed25519Tests {
    /// RFC 8032, section 7.1: seed, public key, message, signature.
    @Test(arguments: [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
    ]) func signsAsRFC8032Shows(vector: [String]) throws {
        let fields = try vector.map { try #require(Hexadecimal.decode($0)) }
        let key = try Ed25519.PrivateKey(seed: fields[0])
        #expect(key.publicKey.bytes == fields[1])
        #expect(try key.sign(fields[2]) == fields[3])
        #expect(key.publicKey.isValid(fields[3], over: fields[2]))
        #expect(try key.seed() == fields[0])
    }

    @Test func refusesEveryFlippedByte() throws {
        let key = try Ed25519.PrivateKey()
        let message = Array("checkpoint".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.isValid(signature, over: message))
        for place in signature.indices {
            var changed = signature
            changed[place] ^= 1
            #expect(!key.publicKey.isValid(changed, over: message))
        }
        #expect(!key.publicKey.isValid(signature, over: message + [0]))
        #expect(!key.publicKey.isValid(Array(signature.dropLast()), over: message))
        #expect(!(try Ed25519.PrivateKey().publicKey.isValid(signature, over: message)))
    }

    @Test func refusesKeysOfTheWrongLength() {
        #expect(throws: Ed25519.Failure.seedLength(31)) { try Ed25519.PrivateKey(seed: [UInt8](repeating: 1, count: 31)) }
        #expect(Ed25519.PublicKey(bytes: [UInt8](repeating: 1, count: 33)) == nil)
    }

    @Test func aKeyThatIsNoPointVerifiesNothing() throws {
        // y = 2 has no x on the curve.
        let key = try #require(Ed25519.PublicKey(bytes: [2] + [UInt8](repeating: 0, count: 31)))
        #expect(!key.isValid([UInt8](repeating: 0, count: 64), over: []))
    }

    @Test func makesADifferentKeyEachTime() throws {
        #expect(try Ed25519.PrivateKey().publicKey != Ed25519.PrivateKey().publicKey)
    }
}
