import HubModel

/// Something wrong with a schema or a file that belongs to it.
struct SchemaFault: Hashable {
    let file: String
    /// `nil` when it is about the file as a whole.
    var place: SourcePlace?
    let message: String
    var suggestion: String?

    init(file: String, place: SourcePlace? = nil, message: String, suggestion: String? = nil) {
        self.file = file
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }

    init(_ fault: SettingsFault) {
        self.init(file: fault.file, place: fault.place, message: fault.message, suggestion: fault.suggestion)
    }

    /// The same in the form that editors jump to.
    var settingsFault: SettingsFault {
        SettingsFault(
            file: self.file, place: self.place ?? SourcePlace(line: 1, column: 1), message: self.message,
            suggestion: self.suggestion)
    }

    /// The same as details of an error.
    var details: [ErrorDetail] {
        let tail = self.suggestion.map { " (did you mean '\($0)'?)" } ?? ""
        let place = self.place.map { [ErrorDetail("line", $0.line), ErrorDetail("column", $0.column)] } ?? []
        return [ErrorDetail("file", self.file)] + place + [ErrorDetail("reason", self.message + tail)]
    }
}
