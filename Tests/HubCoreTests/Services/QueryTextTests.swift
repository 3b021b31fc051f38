import HubCore
import HubJSON
import HubModel
import Testing

@Suite("The address of a call")
struct QueryTextTests {
    private static let parameters = [
        QueryParameter(name: "ma", pointer: "/danhMuc"), QueryParameter(name: "trang", pointer: "/trang"),
    ]

    private static func address(_ path: String, _ request: JSONValue) throws(HubError) -> String {
        try QueryText.address(path, Self.parameters, of: .json(request))
    }

    @Test("has in its path what stands in braces there, and the rest in its query")
    func path() throws {
        let request: JSONValue = ["danhMuc": "madantoc", "trang": 2]
        #expect(try Self.address("/dmdc/Category/{ma}", request) == "/dmdc/Category/madantoc?trang=2")
        #expect(try Self.address("/dmdc/{ma}/{trang}", request) == "/dmdc/madantoc/2")
        #expect(try Self.address("/dmdc", request) == "/dmdc?ma=madantoc&trang=2")
    }

    @Test("encodes what would mean something else where it stands")
    func encoded() throws {
        let request: JSONValue = ["danhMuc": "a/b?c#{trang} đ", "trang": "&="]
        let expected = "/x/a%2Fb%3Fc%23%7Btrang%7D%20%C4%91?trang=%26%3D"
        #expect(try Self.address("/x/{ma}", request) == expected)
    }

    @Test("has no value that leaves its part of the path", arguments: [".", "..", ""])
    func climbing(_ value: String) throws {
        let error = try #require(throws: HubError.self) {
            try Self.address("/dmdc/Category/{ma}", ["danhMuc": .string(value)])
        }
        #expect(error.code == .serviceFailed)
        #expect(error.detail("pointer") == "/danhMuc")
        #expect(!error.description.contains("Category"))
        #expect(try Self.address("/dmdc", ["danhMuc": .string(value)]) == "/dmdc?ma=\(value)&trang=")
    }
}
