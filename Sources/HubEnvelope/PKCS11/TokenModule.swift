private import CPKCS11
import HubModel

#if canImport(Darwin)
    private import Darwin
#else
    private import Glibc
#endif

/// The library of the maker of tokens, asked which tokens there are.
///
/// OpenSSL's engine says "object not found" to a token that is not there, a token without the key and much else.
/// Looking first is what lets each of them be told apart, and keeps a PIN from being tried at the wrong token.
@safe
struct TokenModule: Sendable {
    /// What a token says about itself.
    struct Token: Hashable, Sendable {
        let label: String
        let manufacturer: String
        let model: String
        let serial: String
        let isPINLocked: Bool
    }

    let path: String
    // Of a library that is never unloaded: others, such as OpenSSL's engine, use the same copy until the process ends.
    private nonisolated(unsafe) let functions: UnsafePointer<hub_ck_function_list>

    /// Loads the library, which stays loaded, and has it use locks, because keys are used from several threads.
    ///
    /// - Throws: `configuration.invalid` if it cannot be loaded, is no such library, or cannot lock.
    init(path: String) throws(HubError) {
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL),
            let symbol = unsafe dlsym(library, "C_GetFunctionList")
        else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? ""
            throw HubError(
                .configurationInvalid, "The PKCS #11 module cannot be loaded.",
                details: [ErrorDetail("module", path), ErrorDetail("reason", reason)]
            )
        }
        let list = unsafe unsafeBitCast(symbol, to: hub_ck_get_function_list.self)
        var functions: UnsafePointer<hub_ck_function_list>?
        guard unsafe list(&functions) == HUB_CKR_OK.code, let functions = unsafe functions else {
            throw HubError(
                .configurationInvalid, "The PKCS #11 module does not name its functions.",
                details: [ErrorDetail("module", path)]
            )
        }
        var wishes = unsafe hub_ck_initialize_args()
        unsafe wishes.flags = HUB_CKF_OS_LOCKING_OK.code
        let status = unsafe functions.pointee.C_Initialize?(&wishes)
        guard status == HUB_CKR_OK.code || status == HUB_CKR_CRYPTOKI_ALREADY_INITIALIZED.code else {
            throw HubError(
                .configurationInvalid,
                status == HUB_CKR_CANT_LOCK.code
                    ? "The PKCS #11 module cannot be used from several threads."
                    : "The PKCS #11 module does not start; its own configuration may be missing.",
                details: [ErrorDetail("module", path), Self.detail(status)]
            )
        }
        self.path = path
        unsafe self.functions = functions
    }

    /// The tokens that are there now and set up.
    ///
    /// - Throws: `configuration.invalid` if the module cannot say.
    func tokens() throws(HubError) -> [Token] {
        var count: hub_ck_ulong = 0
        var status = unsafe self.functions.pointee.C_GetSlotList?(1, nil, &count)
        var slots = [hub_ck_ulong](repeating: 0, count: Int(min(count, 1024)))
        count = hub_ck_ulong(slots.count)
        if status == HUB_CKR_OK.code, count > 0 {
            status = unsafe slots.withUnsafeMutableBufferPointer { slots in
                unsafe self.functions.pointee.C_GetSlotList?(1, slots.baseAddress, &count)
            }
        }
        guard status == HUB_CKR_OK.code else {
            throw HubError(
                .configurationInvalid, "The PKCS #11 module does not list its tokens.",
                details: [ErrorDetail("module", self.path), Self.detail(status)]
            )
        }
        return slots.prefix(Int(count)).compactMap { slot in
            var info = hub_ck_token_info()
            guard unsafe self.functions.pointee.C_GetTokenInfo?(slot, &info) == HUB_CKR_OK.code,
                info.flags & HUB_CKF_TOKEN_INITIALIZED.code != 0
            else { return nil }
            return Token(
                label: Self.text(info.label), manufacturer: Self.text(info.manufacturer),
                model: Self.text(info.model), serial: Self.text(info.serial),
                isPINLocked: info.flags & HUB_CKF_USER_PIN_LOCKED.code != 0
            )
        }
    }

    private static func text<Field>(_ field: Field) -> String {
        let bytes = unsafe withUnsafeBytes(of: field) { unsafe Array($0) }
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private static func detail(_ status: hub_ck_rv?) -> ErrorDetail {
        ErrorDetail("status", "0x" + String(status ?? 0, radix: 16))
    }
}

extension BinaryInteger {
    /// A constant of the header, as the functions give it.
    fileprivate var code: hub_ck_ulong { hub_ck_ulong(self) }
}
