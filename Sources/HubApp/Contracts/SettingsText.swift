internal import Foundation
internal import HubEnvelope
internal import HubModel

/// Adds a line to a settings file that people wrote: their comments and everything else stay as they are.
enum SettingsText {
    /// The text with `key: value` below a section; the section is added at the end when it is not there.
    ///
    /// - Returns: `nil` when the section stands there in one line (`name: { … }`), which is not changed here.
    static func adding(_ key: String, _ value: String, to section: String, in text: String) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let entry = "  \(key): \(value)"
        guard let place = lines.firstIndex(where: { $0.hasPrefix(section + ":") }) else {
            while lines.last?.isEmpty ?? false { lines.removeLast() }
            return (lines + ["\(section):", entry, ""]).joined(separator: "\n")
        }
        let rest = lines[place].dropFirst(section.count + 1).prefix { $0 != "#" }
        guard rest.allSatisfy({ $0 == " " }) else { return nil }
        // One that is there is replaced.
        var next = place + 1
        while next < lines.count, lines[next].hasPrefix(" ") || lines[next].isEmpty || lines[next].hasPrefix("#") {
            if lines[next].hasPrefix("  \(key):") {
                lines[next] = entry
                return lines.joined(separator: "\n")
            }
            next += 1
        }
        lines.insert(entry, at: place + 1)
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
