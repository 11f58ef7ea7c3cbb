import SluiceKit
import Testing

@Suite struct ValueDictionaryTests {
    @Test func takesAnEmptyValueFirst() throws {
        let dictionary = ValueDictionary()
        #expect(try dictionary.intern("") == 0)
        #expect(try dictionary.intern("a") == 1)
        #expect(try dictionary.intern("") == 0)
        #expect(dictionary.bytes(0).isEmpty)
        #expect(dictionary.string(1) == "a")
    }
}
