package import HubModel

extension HubError {
    /// What a record says of a delivery that could not be made. For a mapping that is first of all which line of which file
    /// could not do what with which path: a record keeps 200 bytes, and a path may be long.
    package var answer: String {
        guard self.code == .mappingFailed, let file = self.detail("file") ?? self.detail("mapping") else {
            return "\(self.summary)"
        }
        var words = [self.detail("line").map { "\(file):\($0)" } ?? file]
        if let reason = self.detail("reason") { words.append(reason) }
        if let path = self.violations.first?.path { words.append(path) }
        if let path = self.detail("path") { words.append(path) }
        if let target = self.detail("target") { words.append("→ \(target)") }
        return words.joined(separator: " ") + ". \(self.summary)"
    }
}
