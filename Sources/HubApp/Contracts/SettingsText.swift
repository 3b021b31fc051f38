internal import Foundation
internal import HubEnvelope
internal import HubModel
internal import HubYAML

/// Adds a line to a settings file that people wrote: their comments and everything else stay as they are.
enum SettingsText {
    /// The text with `key: "value"` below a section; the section is added at the end when it is not there.
    ///
    /// - Returns: `nil` when the section is written in a way that is not changed here, in one line for example. What is
    ///   returned was read again, and says what was to be added.
    static func adding(_ key: String, _ value: String, to section: String, in text: String) -> String? {
        let changed = self.written(key, "\"\(value)\"", to: section, in: text)
        guard case .success(let tree) = YAMLReader.read(Array(changed.utf8), file: ""),
            SettingsReader(tree, file: "").map(section)?.string(key) == value
        else { return nil }
        return changed
    }

    private static func written(_ key: String, _ value: String, to section: String, in text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let place = lines.firstIndex(where: { $0.hasPrefix(section + ":") }) else {
            while lines.last?.isEmpty ?? false { lines.removeLast() }
            return (lines + ["\(section):", "  \(key): \(value)", ""]).joined(separator: "\n")
        }
        let inside = lines.indices.dropFirst(place + 1).prefix { number in
            lines[number].hasPrefix(" ") || lines[number].isEmpty || lines[number].hasPrefix("#")
        }
        let first = inside.first { lines[$0].contains { $0 != " " } && !lines[$0].drop { $0 == " " }.hasPrefix("#") }
        let indent = first.map { lines[$0].prefix { $0 == " " } } ?? "  "
        // One that is there is replaced.
        if let old = inside.first(where: { lines[$0].hasPrefix("\(indent)\(key):") }) {
            lines[old] = "\(indent)\(key): \(value)"
        } else {
            lines.insert("\(indent)\(key): \(value)", at: place + 1)
        }
        return lines.joined(separator: "\n")
    }

    /// Puts a text in the place of a file, whole or not at all, with the same mode.
    ///
    /// - Throws: `configuration.invalid`.
    static func replace(_ file: String, with text: String) throws(HubError) {
        let next = file + ".next"
        // Of a change that a crash cut short.
        _ = unlink(next)
        try KeyFile.create(next, contents: Array(text.utf8))
        do {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            try FileManager.default.setAttributes([.posixPermissions: mode ?? 0o600], ofItemAtPath: next)
        } catch {
            throw KeysDesk.failure(error, next)
        }
        try KeyFile.replace(file, with: next)
    }
}
