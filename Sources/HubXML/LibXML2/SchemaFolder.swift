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

    private let root: String
    private let main: String
    /// Files elsewhere, by the names under which they may be asked for.
    private let imports: [String: String]
    /// What was read and found to be safe, by path.
    private var files: [String: [UInt8]] = [:]
    /// What is wrong beyond this many things is not listed.
    private static let mostFailures = 100

    /// What went wrong.
    private var failures: [HubError] = []

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

    /// Reads the schema and all it includes and imports, and makes sure that none of it is unsafe or costs too much.
    ///
    /// - Returns: What messages say about the schema.
    /// - Throws: `schema.invalid` with the places where something is to be done.
    func survey() throws(HubError) -> SchemaFacts {
        var units: [SchemaCost.Unit] = []
        var open = [self.mainURL]
        var seen: Set<String> = []
        while let url = open.popLast() {
            guard let place = self.path(of: url), seen.insert(place.absolute).inserted else { continue }
            let document: XMLDocument
            do throws(HubError) {
                (self.files[place.absolute], document) = try self.load(place)
            } catch {
                self.note(error)
                continue
            }
            units.append(SchemaCost.Unit(file: place.relative, root: document.root))
            self.checkPatterns(below: document.root, file: place.relative)
            for element in document.root.children
            where ["include", "import", "redefine"].contains(element.localName) {
                guard let location = element.attribute("schemaLocation") else { continue }
                do throws(HubError) {
                    open.append(try self.resolve(location, of: element, in: place.relative, at: url))
                } catch {
                    self.note(error)
                }
            }
        }
        guard !self.hasFailed else { throw self.error }
        do throws(SchemaCost.Fault) {
            try SchemaCost.check(units)
        } catch {
            throw Self.refusal(
                error.message, file: error.unit.file, details: [ErrorDetail("line", error.element.line)])
        }
        return SchemaFacts(units)
    }

    private func load(
        _ place: (relative: String, absolute: String)
    ) throws(HubError) -> (bytes: [UInt8], document: XMLDocument) {
        guard let data = FileManager.default.contents(atPath: place.absolute) else {
            throw Self.refusal("the file cannot be read", file: place.relative)
        }
        let bytes = [UInt8](data)
        do throws(HubError) {
            var limits = XMLLimits()
            limits.maxBytes = Self.maxBytes
            return (bytes, try XMLDocument.parse(bytes, limits: limits))
        } catch {
            throw Self.refusal("\(error.summary)", file: place.relative, details: error.details)
        }
    }

    /// Where a location leads, as the library will call it.
    private func resolve(
        _ location: String, of element: XMLElement, in file: String, at base: String
    ) throws(HubError) -> String {
        let url = Self.resolved(location, against: base) ?? ""
        let advice: String
        if let place = self.path(of: url) {
            if FileManager.default.fileExists(atPath: place.absolute) { return url }
            advice = "is not there."
        } else if location.hasPrefix("urn:lgsp-hub:schema:") {
            advice = "is not among the types that this one uses; name it in 'uses' of the catalogue."
        } else if location.prefix(while: { $0 != "/" }).contains(":") {
            advice =
                "is not fetched; put the schema into this folder, or into the catalogue and import it by its urn."
        } else {
            advice =
                "leads out of the folder of the schema; what lies elsewhere is imported by its urn in the catalogue."
        }
        throw Self.refusal(
            "'\(location.prefix(200))' \(advice)", file: file, details: [ErrorDetail("line", element.line)])
    }

    /// The bytes of a file that was found to be safe.
    private func read(_ url: String) -> [UInt8]? {
        if let place = self.path(of: url), let bytes = self.files[place.absolute] { return bytes }
        self.note(Self.refusal("the location is not one that was read", file: self.shown(url)))
        return nil
    }

    /// Lets no expression in that could cost more than time in proportion to the text it is held against.
    private func checkPatterns(below element: XMLElement, file: String) {
        if element.isNamed("pattern", in: SchemaCost.namespace), let pattern = element.attribute("value") {
            do throws(PatternFault) {
                try PatternCost.check(pattern)
            } catch {
                self.note(
                    Self.refusal(
                        error.reason, file: file,
                        details: [ErrorDetail("line", element.line), ErrorDetail("pattern", pattern)]))
            }
        }
        var next = element.firstChild
        while let child = next {
            self.checkPatterns(below: child, file: file)
            next = child.nextSibling
        }
    }

    /// Notes what the library found wrong with the schema itself.
    func note(_ error: xmlError) {
        guard unsafe error.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let message = unsafe ErrorText.string(error.message) ?? "not a schema"
        let line = unsafe error.line
        self.note(
            Self.refusal(
                String(message.prefix { !$0.isNewline }.prefix(300)),
                file: unsafe self.shown(ErrorText.string(error.file) ?? self.mainURL),
                details: line > 0 ? [ErrorDetail("line", line)] : []
            ))
    }

    private func note(_ failure: HubError) {
        if self.failures.count < Self.mostFailures { self.failures.append(failure) }
    }

    var hasFailed: Bool { !self.failures.isEmpty }

    /// All failures noted as one, or one that says that there is none.
    var error: HubError {
        guard let first = self.failures.first else {
            return Self.refusal("the library gives no reason", file: self.main)
        }
        return HubError(first.code, first.summary, details: self.failures.flatMap(\.details))
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

    private static func resolved(_ location: String, against base: String) -> String? {
        guard let url = unsafe xmlBuildURI(location, base) else { return nil }
        defer { unsafe hub_xml_free(url) }
        return unsafe Tree.string(url)
    }

    private static func unescaped(_ text: String) -> String? {
        guard let plain = unsafe xmlURIUnescapeString(text, 0, nil) else { return nil }
        defer { unsafe hub_xml_free(plain) }
        return unsafe String(validatingCString: plain)
    }
}
