public import HubJSON

/// The question about a citizen (DOMAIN 4.2, CSDLQG dân cư).
public struct CitizenQuestion: Hashable, Sendable {
    /// The name in capitals.
    public var name: String?
    /// Twelve digits (`SoDinhDanh`) or the nine of an old identity card (`SoCMND`).
    public var number: String
    /// `yyyyMMdd` (`NgayThangNam`).
    public var birthday: String?
    /// Of birth, where the day is not known (`Nam`).
    public var year: String?

    public init(name: String?, number: String, birthday: String? = nil, year: String? = nil) {
        self.name = name
        self.number = number
        self.birthday = birthday
        self.year = year
    }

    /// `nil` without a number.
    public init?(_ json: JSONValue) {
        let number = json["SoDinhDanh"]?.string ?? json["SoCMND"]?.string
        guard let number, !number.isEmpty else { return nil }
        self.init(
            name: json["HoVaTen"]?.string, number: number, birthday: json["NgayThangNam"]?.string,
            year: json["Nam"]?.string)
    }
}

/// The wrapper around answers about citizens: `{error_code, message}`, the message being XML.
public struct CitizenAnswer: Hashable, Sendable {
    public var errorCode: String
    /// `CongdanCollection` as XML text, or a sentence.
    public var message: String

    public init(errorCode: String, message: String) {
        self.errorCode = errorCode
        self.message = message
    }

    public static let notFound = CitizenAnswer(errorCode: "1", message: "Không tìm thấy thông tin công dân")

    public var isFound: Bool { self.errorCode == "0" }

    public func encoded() -> [UInt8] {
        JSONValue.object(["error_code": .string(self.errorCode), "message": .string(self.message)])
            .serialised()
    }

    /// `nil` when the JSON is no such wrapper.
    public init?(_ json: JSONValue) {
        guard let code = ReplyText.code(json["error_code"]), let message = json["message"]?.string else {
            return nil
        }
        self.init(errorCode: code, message: message)
    }
}
