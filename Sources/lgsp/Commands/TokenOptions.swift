import ArgumentParser
import HubApp

/// How a command reaches the token that its key is in.
struct TokenOptions: ParsableArguments {
    @Option(name: .customLong("pkcs11-module"), help: "The library of the token, for a key in one.")
    var module: String?

    @Option(help: "The file (mode 0600) with the PIN of the token.")
    var pinFile: String?

    @Option(name: .customLong("pkcs11-through"), help: "\(TokenPlace.ways.joined(separator: ", ")); whichever is installed when absent.")
    var through: String?

    /// `nil` when none is named.
    var place: TokenPlace? {
        get throws {
            guard let module = self.module, let pinFile = self.pinFile else {
                guard self.module == nil, self.pinFile == nil, self.through == nil else {
                    throw ValidationError("A token needs --pkcs11-module and --pin-file.")
                }
                return nil
            }
            return try TokenPlace(module: module, pinFile: pinFile, way: self.through)
        }
    }
}
