private import COpenSSL
import HubModel

#if canImport(Darwin)
    private import Darwin
#else
    private import Glibc
#endif

/// Private keys that stay in a token, through the provider or the engine that OpenSSL finds beside itself.
extension KeyHandle {
    enum Search {
        case found(KeyHandle)
        case wrongPIN(OpenSSLFailure)
        case absent(OpenSSLFailure)
    }

    /// Looks for a key in a token that is there.
    ///
    /// The caller lets only one thread in here.
    ///
    /// - Throws: `configuration.invalid` if neither the provider nor the engine is installed, `envelope.key_unusable` for a
    ///   key that is found and cannot sign here.
    static func find(
        _ uri: TokenURI, module: String, pin: [UInt8], by way: TokenAccess.Way?
    ) throws(HubError) -> Search {
        let text = uri.description
        let pointer: OpaquePointer?
        if way != .engine, Self.useProvider(module, isWanted: way == .provider) {
            unsafe pointer = Self.stored(text, pin: pin)
        } else if way != .provider, let engine = unsafe Self.engine(module) {
            unsafe pointer = Self.withText(pin) { pin in
                guard unsafe ENGINE_ctrl_cmd_string(engine, "PIN", pin, 0) == 1 else { return nil }
                return unsafe ENGINE_load_private_key(engine, text, hub_ui_that_asks_nobody(), nil)
            }
        } else {
            throw OpenSSLFailure.drain(
                as: .configurationInvalid, "OpenSSL finds no provider or engine pkcs11, whichever is to be used.",
                details: [ErrorDetail("through", way?.rawValue ?? "provider, engine")]
            )
        }
        guard let pointer = unsafe pointer else {
            let failure = OpenSSLFailure.drained()
            return failure.reasons.contains { $0.contains("PIN") } ? .wrongPIN(failure) : .absent(failure)
        }
        // On the way to a key the engine leaves behind what it did not find at first.
        OpenSSLFailure.discard()
        return .found(try unsafe KeyHandle.adopt(inToken: pointer))
    }

    /// The first private key that the stores of the loaded providers have under a URI.
    static func stored(_ uri: String, pin: [UInt8]) -> OpaquePointer? {
        unsafe Self.withText(pin) { pin in
            let method = unsafe hub_ui_that_gives_the_pin()
            defer { unsafe UI_destroy_method(method) }
            guard let store = unsafe OSSL_STORE_open(uri, method, UnsafeMutableRawPointer(mutating: pin), nil, nil)
            else { return nil }
            defer { unsafe OSSL_STORE_close(store) }
            guard unsafe OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1 else { return nil }
            while unsafe OSSL_STORE_eof(store) == 0 {
                guard let info = unsafe OSSL_STORE_load(store) else {
                    if unsafe OSSL_STORE_error(store) == 1 { return nil }
                    continue
                }
                defer { unsafe OSSL_STORE_INFO_free(info) }
                if let key = unsafe OSSL_STORE_INFO_get1_PKEY(info) { return unsafe key }
            }
            return nil
        }
    }

    /// Loads the provider, which is told its module by the environment of the process and in no other way (OpenSSL 3.0).
    ///
    /// - Parameter isWanted: Whether it was asked for; otherwise it is left alone unless its file is there.
    private static func useProvider(_ module: String, isWanted: Bool) -> Bool {
        let folder = unsafe getenv("OPENSSL_MODULES") ?? UnsafeMutablePointer(mutating: OPENSSL_info(OPENSSL_INFO_MODULES_DIR))
        guard let folder = unsafe folder,
            unsafe access(String(cString: folder) + "/pkcs11" + Self.suffix, R_OK) == 0 || isWanted
        else { return false }
        _ = unsafe setenv("PKCS11_PROVIDER_MODULE", module, 1)
        // The last argument keeps the library's own algorithms in use.
        if unsafe OSSL_PROVIDER_try_load(nil, "pkcs11", 1) != nil { return true }
        // Why it does not load is wanted only where nothing else is tried.
        if !isWanted { OpenSSLFailure.discard() }
        return false
    }

    #if canImport(Darwin)
        private static let suffix = ".dylib"
    #else
        private static let suffix = ".so"
    #endif

    /// The engine, which is there once in a process and has one module.
    ///
    /// - Returns: `nil` if it is not installed or does not start.
    private static func engine(_ module: String) -> OpaquePointer? {
        hub_engines_load()
        guard let engine = unsafe ENGINE_by_id("pkcs11") else { return nil }
        // What it has to say goes into the queue of errors too, and its own way is to write it to standard error.
        guard unsafe ENGINE_ctrl_cmd_string(engine, "QUIET", nil, 1) == 1,
            unsafe ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module, 0) == 1, unsafe ENGINE_init(engine) == 1
        else {
            unsafe ENGINE_free(engine)
            return nil
        }
        // Both references are kept: its keys need it until the process ends.
        return unsafe engine
    }

    /// Lends a secret as a text of C, and wipes the copy.
    private static func withText<Value>(_ secret: [UInt8], _ body: (UnsafePointer<CChar>) -> Value?) -> Value? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: secret.count + 1) { buffer in
            unsafe buffer.initialize(repeating: 0)
            for (index, byte) in secret.enumerated() { unsafe buffer[index] = CChar(bitPattern: byte) }
            defer { unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            return unsafe buffer.baseAddress.flatMap { unsafe body(UnsafePointer($0)) }
        }
    }
}
