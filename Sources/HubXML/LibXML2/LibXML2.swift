import CLibXML2

/// What the library needs once per process, and once per thread.
enum LibXML2 {
    /// True, once the library has its tables and its locks, and refuses to fetch anything.
    private static let isReady: Bool = {
        xmlInitParser()
        xmlSchemaInitTypes()
        unsafe xmlSetExternalEntityLoader(SchemaFolder.loader)
        return true
    }()

    /// To be called before anything else on the thread that is about to use the library.
    ///
    /// Whatever the library has to say goes to the handlers of the context at work. What it says outside of any
    /// context (out of memory, a namespace that C14N cannot write) shows in the results of its functions, and is
    /// dropped here where it would else be printed.
    static func prepare() {
        guard self.isReady else { return }
        unsafe xmlSetStructuredErrorFunc(nil) { _, _ in }
    }
}
