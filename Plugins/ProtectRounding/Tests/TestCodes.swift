import SluiceKit

@testable import ProtectRounding

/// Stands for a node's protection key: other codes for every seed, message and use.
struct TestCodes: KeyedCodes {
    var seed: UInt64

    func code(_ message: [UInt8], for use: String) -> SHA256Digest {
        var state = seed ^ 0xcbf2_9ce4_8422_2325
        for byte in Array(use.utf8) + [0] + message { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var mix = SplitMix(state: state)
        return SHA256Digest { target in
            for at in 0..<4 { target.storeBytes(of: mix.next(), toByteOffset: at * 8, as: UInt64.self) }
        }
    }
}
