import SluiceKit
import Testing

struct CSVTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""), ("cr\r", "\"cr\r\""),
        ("-5", "\"'-5\""), ("=1+1", "\"'=1+1\""), ("@a", "\"'@a\""), ("+a", "\"'+a\""), ("\ta", "\"'\ta\""), ("a=b", "a=b"), ("é", "é"),
        // A sign with a mark above it is one character and still a sign to a spreadsheet.
        ("=\u{301}1", "\"'=\u{301}1\""),
    ])
    func aCellIsQuotedWhereItHasToBe(_ text: String, _ cell: String) {
        #expect(CSVText.row([text, "x"]).unicodeScalars.elementsEqual((cell + ",x\r\n").unicodeScalars))
    }
}
