internal import Foundation
internal import HubEnvelope
internal import HubModel

/// The line of `hub.yaml` that says where the key is.
enum ConfigurationKey {
    /// Writes the configuration with another key beside the present one, under the ending `.next`, and reads it.
    ///
    /// Nothing but that line is changed, so comments and everything else that people wrote stay.
    ///
    /// - Throws: `configuration.invalid` if there is no such line, the file cannot be written, or the result has faults.
    static func prepare(_ uri: TokenURI, in file: String) throws(HubError) -> HubConfiguration {
        let text = String(decoding: try KeysDesk.read(file), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let places = lines.indices.filter { lines[$0].hasPrefix("key:") }
        guard places.count == 1, let place = places.first else {
            throw HubError(
                .configurationInvalid, "The configuration has no line of its own that begins with 'key:'.",
                details: [ErrorDetail("path", file)]
            )
        }
        lines[place] = "key: \"\(uri)\""
        let next = file + ".next"
        // Of a change that a crash cut short.
        _ = unlink(next)
        try KeyFile.create(next, contents: Array(lines.joined(separator: "\n").utf8))
        do {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            try FileManager.default.setAttributes([.posixPermissions: mode ?? 0o600], ofItemAtPath: next)
        } catch {
            throw KeysDesk.failure(error, next)
        }
        let changed = try HubConfiguration.load(file: next)
        guard changed.keyToken == uri else {
            throw HubError(
                .configurationInvalid, "The line of the key could not be changed; it does not stand alone.",
                details: [ErrorDetail("path", file)]
            )
        }
        return changed
    }
}
