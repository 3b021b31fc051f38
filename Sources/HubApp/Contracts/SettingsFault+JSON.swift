internal import HubJSON
internal import HubModel

extension SettingsFault {
    /// As every check prints it with `--json`.
    var json: JSONValue {
        var object: JSONObject = [
            "file": .string(self.file), "line": .init(integerLiteral: self.place.line),
            "column": .init(integerLiteral: self.place.column), "message": .string(self.message),
        ]
        object["suggestion"] = self.suggestion.map { .string($0) }
        return .object(object)
    }
}
