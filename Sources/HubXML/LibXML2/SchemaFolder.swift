import CLibXML2
import HubModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The one folder that a schema and all it includes or imports must lie in, while the schema is compiled.
///
/// The library sees the folder as `schema:///`, so whatever a schema writes as location ends up here, and only a
/// file that really lies in the folder, links followed, is handed over.
final class SchemaFolder {
    /// A schema is written by people; larger is a mistake.
    private static let maxBytes = 16 << 20
    private static let scheme = "schema:///"
    private static let namespace = "http://www.w3.org/2001/XMLSchema"

    private let root: String
    private let main: String
    /// Files elsewhere, by the names under which they may be asked for.
    private let imports: [String: String]
    /// The first thing that went wrong.
    private(set) var failure: HubError?

    /// - Throws: `schema.invalid` if `file` is not a file inside `folder`.
    init(_ folder: String, file: String, imports: [String: String] = [:]) throws(HubError) {
        self.root = URL(filePath: folder).resolvingSymlinksInPath().path
        let path = URL(filePath: file).resolvingSymlinksInPath().path
        guard let main = Self.relative(path, to: self.root) else {
            throw Self.refusal("the schema is not inside its folder", file: file)
        }
        self.main = main
        self.imports = imports
    }

    /// What the library is to call the schema.
    var mainURL: String {
        Self.scheme + Self.escaped(self.main)
    }

    /// Where the library's name for a file leads; `nil` outside the folder.
    private func path(of url: String) -> (relative: String, absolute: String)? {
        if let file = self.imports[url] { return (file, file) }
        guard url.hasPrefix(Self.scheme), let name = Self.unescaped(String(url.dropFirst(Self.scheme.count)))
        else {
            return nil
        }
        let path = URL(filePath: self.root + "/" + name).resolvingSymlinksInPath().path
        return Self.relative(path, to: self.root).map { ($0, path) }
    }

    /// The bytes of a file of the folder that is safe to parse.
    private func read(_ url: String) -> [UInt8]? {
        do throws(HubError) {
            guard let (name, path) = self.path(of: url) else {
                throw Self.refusal(
                    "the location is not inside the folder of the schema", file: self.shown(url))
            }
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Self.refusal("the file cannot be read", file: name)
            }
            let bytes = [UInt8](data)
            let document: XMLDocument
            do throws(HubError) {
                var limits = XMLLimits()
                limits.maxBytes = Self.maxBytes
                document = try XMLDocument.parse(bytes, limits: limits)
            } catch {
                throw Self.refusal("\(error.summary)", file: name, details: error.details)
            }
            try Self.checkPatterns(below: document.root, file: name)
            return bytes
        } catch {
            self.failure = self.failure ?? error
            return nil
        }
    }

    /// Lets no expression in that could cost more than time in proportion to the text it is held against.
    private static func checkPatterns(below element: XMLElement, file: String) throws(HubError) {
        if element.isNamed("pattern", in: Self.namespace), let pattern = element.attribute("value") {
            do throws(PatternFault) {
                try PatternCost.check(pattern)
            } catch {
                throw Self.refusal(
                    error.reason, file: file,
                    details: [ErrorDetail("line", element.line), ErrorDetail("pattern", pattern)])
            }
        }
        var next = element.firstChild
        while let child = next {
            try Self.checkPatterns(below: child, file: file)
            next = child.nextSibling
        }
    }

    /// Notes what the library found wrong with the schema itself.
    func note(_ error: xmlError) {
        guard self.failure == nil, unsafe error.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let message = unsafe ErrorText.string(error.message) ?? "not a schema"
        let line = unsafe error.line
        self.failure = Self.refusal(
            String(message.prefix { !$0.isNewline }.prefix(300)),
            file: unsafe self.shown(ErrorText.string(error.file) ?? self.mainURL),
            details: line > 0 ? [ErrorDetail("line", line)] : []
        )
    }

    /// The failure noted, or one that says that there is none.
    var error: HubError {
        self.failure ?? Self.refusal("the library gives no reason", file: self.main)
    }

    private func shown(_ url: String) -> String {
        guard url.hasPrefix(Self.scheme) else { return url }
        let name = String(url.dropFirst(Self.scheme.count))
        return Self.unescaped(name) ?? name
    }

    private static func refusal(_ message: String, file: String, details: [ErrorDetail] = []) -> HubError {
        HubError(
            .schemaInvalid, "The XML schema cannot be used.",
            details: [ErrorDetail("file", file)] + details + [ErrorDetail("message", message)]
        )
    }

    private static func relative(_ path: String, to root: String) -> String? {
        let prefix = root.hasSuffix("/") ? root : root + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
    }
}

extension SchemaFolder {
    /// Calls `body` with this folder as the only place the library can load from on this thread.
    func lend<Value>(_ body: (UnsafeMutableRawPointer) -> Value) -> Value {
        let folder = unsafe Unmanaged.passUnretained(self).toOpaque()
        LibXML2.prepare()
        unsafe xmlSetStructuredErrorFunc(folder) { _, _ in }
        defer { LibXML2.prepare() }
        return withExtendedLifetime(self) { unsafe body(folder) }
    }

    static func folder(at pointer: UnsafeMutableRawPointer?) -> SchemaFolder? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe Unmanaged<SchemaFolder>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The only way the library gets at a file, in the whole process: from the folder lent to this thread, and from
    /// nowhere if none is.
    static let loader: xmlExternalEntityLoader = { url, _, parser in
        let lent = unsafe __xmlStructuredErrorContext().pointee
        guard let folder = unsafe SchemaFolder.folder(at: lent), let url = unsafe url,
            let parser = unsafe parser
        else { return nil }
        let bytes = unsafe folder.read(String(cString: url))
        // Reading has parsed the file, which lends nothing.
        unsafe xmlSetStructuredErrorFunc(lent) { _, _ in }
        guard let bytes else { return nil }
        let buffer = unsafe bytes.withUnsafeBytes { bytes in
            unsafe xmlParserInputBufferCreateMem(
                bytes.baseAddress, Int32(bytes.count), XML_CHAR_ENCODING_NONE)
        }
        guard let buffer = unsafe buffer else { return nil }
        guard let input = unsafe xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE) else {
            unsafe xmlFreeParserInputBuffer(buffer)
            return nil
        }
        // The base that relative locations in this file are resolved against.
        unsafe input.pointee.filename = xmlStrdup(url).map { unsafe UnsafePointer(OpaquePointer($0)) }
        return unsafe input
    }

    private static func escaped(_ path: String) -> String {
        guard let escaped = unsafe xmlURIEscapeStr(path, "/") else { return path }
        defer { unsafe hub_xml_free(escaped) }
        return unsafe Tree.string(escaped)
    }

    private static func unescaped(_ text: String) -> String? {
        guard let plain = unsafe xmlURIUnescapeString(text, 0, nil) else { return nil }
        defer { unsafe hub_xml_free(plain) }
        return unsafe String(validatingCString: plain)
    }
}
